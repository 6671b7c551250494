#include <doctest/doctest.h>

#include "counter/reading_access.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <vector>

using pmc::CounterId;
using pmc::Reading;
using pmc::ReadingAccess;
using pmc::State;

namespace {

const pmc::ReadingLayout* group() {
    static const pmc::ReadingLayout* layout = pmc::make_layout(2);
    return layout;
}

Reading snapshot(std::initializer_list<std::uint64_t> raw, std::uint64_t enabled, std::uint64_t running,
                 State state = State::counted, const pmc::ReadingLayout* layout = group()) {
    return ReadingAccess::make(layout, std::vector<std::uint64_t>{raw}, enabled, running, state);
}

constexpr CounterId first{0};
constexpr CounterId second{1};

} // namespace

TEST_SUITE("reading") {
    TEST_CASE("a reading is trivially copyable") {
        CHECK(std::is_trivially_copyable_v<Reading>);
        CHECK(std::is_trivially_destructible_v<Reading>);
    }

    TEST_CASE("the difference of two snapshots is that of raw counts and times") {
        const Reading spent = snapshot({150, 1000}, 90, 80) - snapshot({100, 400}, 50, 40);
        REQUIRE(spent.state() == State::counted);
        CHECK(spent.size() == 2);
        CHECK(spent[first].raw() == 50);
        CHECK(spent[second].raw() == 600);
        CHECK(spent.enabled_ns() == 40);
        CHECK(spent.running_ns() == 40);
        CHECK(spent[second].value() == 600.0);
    }

    TEST_CASE("deltas are scaled, scaled totals are never subtracted") {
        // Scaled totals: 100 × 2 = 200 and 190 × 100 ÷ 90 = 211, a difference of 11. The delta is 90 × 50 ÷ 45.
        const Reading before = snapshot({100, 0}, 100, 50);
        const Reading after = snapshot({190, 0}, 150, 95);
        CHECK((after - before)[first].value() == 100.0);
        CHECK((after - before)[first].coverage() == doctest::Approx(0.9));
    }

    TEST_CASE("an id out of range is not counted") {
        const Reading reading = snapshot({1, 2}, 10, 10);
        CHECK(reading[CounterId{2}].state() == State::not_counted);
        CHECK(reading[CounterId{0xffff'ffff}].state() == State::not_counted);
        CHECK(Reading{}[first].state() == State::not_counted);
    }

    TEST_CASE("readings of different groups subtract to not counted") {
        const pmc::ReadingLayout* other = pmc::make_layout(2);
        const Reading spent = snapshot({5, 5}, 9, 9) - snapshot({1, 1}, 1, 1, State::counted, other);
        CHECK(spent.state() == State::not_counted);
        CHECK_FALSE(spent[first].has_value());
        CHECK_FALSE((Reading{} - Reading{})[first].has_value());
    }

    TEST_CASE("a count that went backwards makes the difference not counted, not a huge number") {
        const Reading spent = snapshot({150, 399}, 90, 80) - snapshot({100, 400}, 50, 40);
        CHECK(spent.state() == State::not_counted);
        CHECK(spent[first].raw() == 0);
        CHECK(spent[second].raw() == 0);
    }

    TEST_CASE("times that went backwards make the difference not counted") {
        CHECK((snapshot({2, 2}, 49, 45) - snapshot({1, 1}, 50, 40)).state() == State::not_counted);
        CHECK((snapshot({2, 2}, 60, 39) - snapshot({1, 1}, 50, 40)).state() == State::not_counted);
    }

    TEST_CASE("a group that was off the PMU all the while is not counted, with the time that passed") {
        const Reading spent = snapshot({100, 400}, 90, 40) - snapshot({100, 400}, 50, 40);
        CHECK(spent.state() == State::not_counted);
        CHECK(spent.enabled_ns() == 40);
        CHECK(spent[first].value_or(-1.0) == -1.0);
    }

    TEST_CASE("times that stand still leave the raw counts to be trusted") {
        const Reading spent = snapshot({101, 400}, 50, 40) - snapshot({100, 400}, 50, 40);
        REQUIRE(spent.state() == State::counted);
        CHECK(spent[first].value() == 1.0);
        CHECK(spent[second].value() == 0.0);
        CHECK(spent[first].coverage() == 1.0);
    }

    TEST_CASE("a snapshot that failed is not the zero it holds") {
        const Reading failed = snapshot({0, 0}, 0, 0, State::not_counted);
        CHECK((snapshot({100, 400}, 50, 40) - failed).state() == State::not_counted);
        CHECK((failed - snapshot({100, 400}, 50, 40)).state() == State::not_counted);
        CHECK((failed - failed).state() == State::not_counted);
    }

    TEST_CASE("a difference may be subtracted from another") {
        const Reading outer = snapshot({300, 30}, 300, 300) - snapshot({0, 0}, 0, 0);
        const Reading inner = snapshot({200, 20}, 200, 200) - snapshot({100, 10}, 100, 100);
        CHECK((outer - inner)[first].value() == 200.0);
    }

    TEST_CASE("a reading takes no more counts than it can hold") {
        const std::vector<std::uint64_t> many(Reading::capacity + 4, 7);
        CHECK(ReadingAccess::make(group(), many, 1, 1, State::counted).size() == Reading::capacity);
    }

    TEST_CASE("no two groups have the same layout") {
        CHECK(pmc::make_layout(2) != pmc::make_layout(2));
    }
}
