// A set's reads that fail: now and then, at an interval's end, when a CPU goes.
#include <doctest/doctest.h>

#include "counter_sets.hpp"
#include "fake_kernel.hpp"
#include "sample_events.hpp"

#include <cstdint>
#include <vector>

using namespace pmc;
using pmc::test::counts_of;
using pmc::test::plan_of;
using pmc::test::read_failures;
using pmc::test::ReadFailure;
using Since = CounterSet::Since;

namespace {

/// Cycles and instructions, together, on a CPU or in a thread.
CounterSet open(const Place& place) {
    CounterSet set({sample::cycles(), sample::instructions()}, plan_of({{{0, 1}}}), Machine::host(),
                   {Mode::user_kernel, false, false});
    set.add_row();
    REQUIRE_FALSE(set.open(place));
    return set;
}

const Place cpu_0{.cpu = 0};
const Place thread{.pid = 10};

/// A set on each of these, of a kernel whose reads are to fail in each of the ways.
template <typename Check>
void with_each_failure(const std::vector<Place>& places, const Check& check) {
    for (const Place& place : places) {
        for (const ReadFailure& failure : read_failures()) {
            CAPTURE(failure.name);
            CAPTURE(place.cpu);
            fake::Kernel kernel{fake::Kernel::made_up};
            CounterSet set = open(place);
            check(kernel, set, failure);
        }
    }
}

/// Of a set's events, none was counted, for this cause.
void check_uncounted(const Counts& counts, Cause cause) {
    REQUIRE(counts.size() == 2);
    for (const GroupCount& count : counts) {
        CHECK(count.count.state() == State::not_counted);
        CHECK(count.reason.cause == cause);
    }
}

} // namespace

TEST_SUITE("counter_set_reads") {
    TEST_CASE("what could not be read is not counted and says why, never 0: of a thread and of a CPU") {
        with_each_failure({cpu_0, thread}, [](fake::Kernel& kernel, CounterSet& set, const ReadFailure& failure) {
            kernel.on_read(failure.make);
            set.read();
            check_uncounted(counts_of(set), failure.cause);
            kernel.on_read(nullptr);
            set.read();
            CHECK(counts_of(set)[0].count.has_value());
        });
    }

    TEST_CASE("what was not read at an interval's end has no count in it nor in the next, and the total is whole") {
        with_each_failure({cpu_0, thread}, [](fake::Kernel& kernel, CounterSet& set, const ReadFailure& failure) {
            const auto interval = [&](std::uint64_t until) {
                kernel.set_value(0, until);
                kernel.set_times(until, until);
                set.read();
                const Counts counts = counts_of(set, 0, Since::mark_enabled);
                set.mark();
                return counts;
            };
            CHECK(interval(100)[0].count.raw() == 100);
            kernel.on_read(failure.make);
            check_uncounted(interval(200), failure.cause);
            kernel.on_read(nullptr);
            check_uncounted(interval(300), failure.cause); // it would be two intervals' worth
            CHECK(interval(400)[0].count.raw() == 100);
            CHECK(counts_of(set)[0].count.raw() == 400);
        });
    }

    TEST_CASE("of a CPU that goes and can't be read for the last time there is no total: it would be a part") {
        with_each_failure({cpu_0}, [](fake::Kernel& kernel, CounterSet& set, const ReadFailure& failure) {
            set.read();
            kernel.on_read(failure.make);
            CHECK(set.retire({}, true) == std::vector<int>{0});
            kernel.on_read(nullptr);
            REQUIRE_FALSE(set.open(cpu_0));
            for (int i = 0; i < 2; ++i) {
                set.read();
                check_uncounted(counts_of(set), failure.cause);
            }
        });
    }
}
