#include "metric/turns.hpp"

#include "sample_events.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

using namespace pmc;

namespace {

using Turns = std::vector<std::size_t>;

std::vector<Event> of_pmus(const std::vector<std::string>& pmus) {
    std::vector<Event> events;
    for (const std::string& pmu : pmus)
        events.push_back(sample::event("event", pmu, PERF_TYPE_RAW, events.size()));
    return events;
}

Fits at_most(std::size_t most) {
    return [most](std::span<const std::size_t> group) { return group.size() <= most; };
}

} // namespace

TEST_SUITE("turns") {
    TEST_CASE("groups that fit on their PMU together are one turn, those that do not another each") {
        const std::vector<Event> events = of_pmus({"big", "big", "big", "big"});
        const std::vector<PlannedGroup> groups{{{0}}, {{1, 2}}, {{3}}};
        CHECK(turns_of(groups, events, at_most(4)) == Turns{0, 0, 0});
        CHECK(turns_of(groups, events, at_most(3)) == Turns{0, 0, 1});
        CHECK(turns_of(groups, events, at_most(2)) == Turns{0, 1, 0}); // the first that has room
        CHECK(turns_of(groups, events, at_most(1)) == Turns{0, 1, 2});
    }

    TEST_CASE("groups of two PMUs are never one turn") {
        const std::vector<Event> events = of_pmus({"big", "small", "big"});
        CHECK(turns_of(std::vector<PlannedGroup>{{{0}}, {{1}}, {{2}}}, events, at_most(9)) == Turns{0, 1, 0});
    }

    TEST_CASE("no groups have no turns") {
        CHECK(turns_of({}, {}, at_most(1)).empty());
    }
}
