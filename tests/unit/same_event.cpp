#include "metric/same_event.hpp"

#include "sample_events.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string_view>

using namespace pmc;

namespace {

bool is_same(const Event& a, const Event& b, std::string_view fixed_a = {}, std::string_view fixed_b = {}) {
    const bool same = is_same_event(a, fixed_a, b, fixed_b);
    CHECK(is_same_event(b, fixed_b, a, fixed_a) == same);
    return same;
}

Event unavailable(Event event, Cause cause) {
    event.unavailable = {cause, 0, "evidence", {}};
    return event;
}

} // namespace

TEST_SUITE("same_event") {
    TEST_CASE("events of one encoding are one, whatever they are called") {
        Event other = sample::cycles();
        other.name = "cpu-cycles";
        CHECK(is_same(sample::cycles(), other));
        other.config2 = 1;
        CHECK_FALSE(is_same(sample::cycles(), other));
        CHECK_FALSE(is_same(sample::cycles(), sample::instructions()));
    }

    TEST_CASE("what counts another mode, or on another core type, is another event") {
        Event user = sample::cycles();
        user.has_mode = true;
        user.mode = Mode::user;
        CHECK(is_same(user, user));
        CHECK_FALSE(is_same(user, sample::cycles()));
        Event kernel = user;
        kernel.mode = Mode::kernel;
        CHECK_FALSE(is_same(user, kernel));
        Event on_atom = sample::cycles();
        on_atom.core = "cpu_atom";
        CHECK_FALSE(is_same(on_atom, sample::cycles(), "cycles", "cycles"));
    }

    TEST_CASE("a table's cycles and the kernel's are one event of a PMU") {
        const Event raw = sample::raw(1);
        CHECK(is_same(raw, sample::cycles(), "cycles", "cycles"));
        CHECK_FALSE(is_same(raw, sample::cycles()));
        CHECK_FALSE(is_same(raw, sample::cycles(), "instructions", "cycles"));
        CHECK_FALSE(is_same(sample::event("cycles", "cpu_atom", 10, 1), sample::cycles(), "cycles", "cycles"));
        CHECK_FALSE(is_same(unavailable(raw, Cause::no_pmu), sample::cycles(), "cycles", "cycles"));
    }

    TEST_CASE("what could not be resolved is one by its name and its cause") {
        const Event missing = unavailable(sample::raw(1), Cause::no_pmu);
        Event again = unavailable(sample::raw(2), Cause::no_pmu);
        CHECK_FALSE(is_same(missing, again));
        again.name = missing.name;
        CHECK(is_same(missing, again));
        CHECK_FALSE(is_same(missing, unavailable(sample::raw(1), Cause::not_on_this_cpu)));
        CHECK_FALSE(is_same(missing, sample::raw(1)));
    }

    TEST_CASE("the kernel's cycles and instructions, and a table's exact ones, have a fixed name") {
        CHECK(fixed_name({"x", sample::cycles(), nullptr}) == "cycles");
        CHECK(fixed_name({"x", sample::instructions(), nullptr}) == "instructions");
        CHECK(fixed_name({"cycles", sample::branches(), nullptr}).empty());
        CHECK(fixed_name({"cycles", sample::raw(1), nullptr}).empty());
        Event of_atom = sample::cycles();
        of_atom.config |= std::uint64_t{10} << 32U; // its PMU's type
        CHECK(fixed_name({"x", of_atom, nullptr}) == "cycles");
        const RoleEvent exact{.role = "instructions", .quality = "exact"};
        const RoleEvent near{.role = "instructions", .quality = "approx"};
        CHECK(fixed_name({"x", sample::raw(1), &exact}) == "instructions");
        CHECK(fixed_name({"x", sample::raw(1), &near}).empty());
    }
}
