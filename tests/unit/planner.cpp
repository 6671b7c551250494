#include <doctest/doctest.h>

#include "counter/planner.hpp"

#include "sample_events.hpp"

#include <algorithm>
#include <cstddef>
#include <random>
#include <set>
#include <vector>

using pmc::Bundle;
using pmc::CounterBudget;
using pmc::Event;
using pmc::make_plan;
using pmc::Plan;

namespace {

using Indices = std::vector<std::size_t>;

/// As many generic counters, and fixed ones for cycles and instructions if asked.
pmc::Fits budget(const std::vector<Event>& events, CounterBudget counters) {
    return [&events, counters](std::span<const std::size_t> group) {
        std::vector<Event> members;
        for (const std::size_t i : group)
            members.push_back(events[i]);
        return fits_budget(members, counters);
    };
}

bool holds(const pmc::PlannedGroup& group, std::size_t event) {
    return std::find(group.events.begin(), group.events.end(), event) != group.events.end();
}

} // namespace

TEST_SUITE("planner") {
    TEST_CASE("bundles that share events share a group where it fits") {
        const std::vector<Event> events{sample::cycles(), sample::instructions(), sample::branches(),
                                        sample::branch_misses()};
        const std::vector<Bundle> ipc_and_branch{{{0, 1}}, {{2, 3, 1}}};
        const Plan plan = make_plan(events, ipc_and_branch, budget(events, {.generic = 4}));
        REQUIRE(plan.groups.size() == 1);
        CHECK(plan.groups[0].events == Indices{0, 1, 2, 3});
        CHECK(plan.group_of_bundle == Indices{0, 0});
    }

    TEST_CASE("where it does not fit, an event is in both groups") {
        const std::vector<Event> events{sample::cycles(), sample::instructions(), sample::branches(),
                                        sample::branch_misses()};
        const std::vector<Bundle> bundles{{{0, 1}}, {{2, 3, 1}}};
        const Plan plan = make_plan(events, bundles, budget(events, {.generic = 3}));
        REQUIRE(plan.groups.size() == 2);
        CHECK(plan.groups[0].events == Indices{0, 1});
        CHECK(plan.groups[1].events == Indices{1, 2, 3});
        CHECK(plan.group_of_bundle == Indices{0, 1});
    }

    TEST_CASE("a bundle goes where it shares most, not where there is room first") {
        const std::vector<Event> events{sample::raw(0), sample::raw(1), sample::raw(2),
                                        sample::raw(3), sample::raw(4), sample::raw(5)};
        const std::vector<Bundle> bundles{{{0, 1, 2}}, {{3, 4, 5}}, {{4, 5}}, {{5, 3}}};
        const Plan plan = make_plan(events, bundles, budget(events, {.generic = 3}));
        CHECK(plan.groups.size() == 2);
        CHECK(plan.group_of_bundle == Indices{0, 1, 1, 1});

        const std::vector<Bundle> roomy{{{0, 1, 2}}, {{3, 4, 5}}, {{5, 0}}, {{3, 4}}};
        CHECK(make_plan(events, roomy, budget(events, {.generic = 4})).group_of_bundle == Indices{0, 1, 0, 1});
    }

    TEST_CASE("events without a common bundle fill one group: as few groups as the PMU allows") {
        std::vector<Event> events;
        std::vector<Bundle> bundles;
        for (std::size_t i = 0; i < 8; ++i) {
            events.push_back(sample::raw(i));
            bundles.push_back({{i}});
        }
        CHECK(make_plan(events, bundles, budget(events, {.generic = 4})).groups.size() == 2);
    }

    TEST_CASE("an event that is asked for twice is counted once") {
        const std::vector<Event> events{sample::cycles()};
        const std::vector<Bundle> bundles{{{0}}, {{0, 0}}, {{0}}};
        const Plan plan = make_plan(events, bundles, budget(events, {.generic = 4}));
        REQUIRE(plan.groups.size() == 1);
        CHECK(plan.groups[0].events == Indices{0});
        CHECK(plan.group_of_bundle == Indices{0, 0, 0});
    }

    TEST_CASE("an explicit group is exactly what was asked for, even if it can't fit") {
        const std::vector<Event> events{sample::raw(0), sample::raw(1), sample::raw(2)};
        const std::vector<Bundle> bundles{{{2, 0, 1}, true}, {{0}}};
        const Plan plan = make_plan(events, bundles, budget(events, {.generic = 2}));
        REQUIRE(plan.groups.size() == 2);
        CHECK(plan.groups[0].explicit_group);
        CHECK(plan.groups[0].events == Indices{2, 0, 1});
        CHECK_FALSE(plan.groups[1].explicit_group);
        CHECK(plan.groups[1].events == Indices{0}); // not lost with {…}, should that fail
    }

    TEST_CASE("equal explicit groups are one") {
        const std::vector<Event> events{sample::raw(0), sample::raw(1)};
        const std::vector<Bundle> bundles{{{0, 1}, true}, {{1, 0}, true}};
        CHECK(make_plan(events, bundles, budget(events, {.generic = 4})).groups.size() == 1);
    }

    TEST_CASE("an explicit group is led by an event of the PMU") {
        const std::vector<Event> events{sample::task_clock(), sample::cycles(), sample::instructions()};
        const std::vector<Bundle> bundles{{{0, 1, 2}, true}};
        CHECK(make_plan(events, bundles, budget(events, {.generic = 4})).groups[0].events == Indices{1, 0, 2});
    }

    TEST_CASE("a bundle that can't fit has a group of its own, and loses nobody else's events") {
        const std::vector<Event> events{sample::raw(0), sample::raw(1), sample::raw(2), sample::raw(3)};
        const std::vector<Bundle> bundles{{{0, 1, 2}}, {{3}}, {{0}}};
        const Plan plan = make_plan(events, bundles, budget(events, {.generic = 2}));
        CHECK(plan.groups[plan.group_of_bundle[0]].events == Indices{0, 1, 2});
        CHECK(plan.groups[plan.group_of_bundle[1]].events == Indices{0, 3});
        CHECK(plan.group_of_bundle[2] == plan.group_of_bundle[1]);
    }

    TEST_CASE("software events are kept apart, so that they are never lost with the PMU's") {
        const std::vector<Event> events{sample::task_clock(), sample::cycles(), sample::page_faults()};
        const std::vector<Bundle> bundles{{{0}}, {{1}}, {{2}}};
        const Plan plan = make_plan(events, bundles, budget(events, {.generic = 4}));
        REQUIRE(plan.groups.size() == 2);
        CHECK(plan.groups[0].events == Indices{0, 2});
        CHECK(plan.groups[1].events == Indices{1});
    }

    TEST_CASE("a bundle of both is split, and stands where its counter is") {
        const std::vector<Event> events{sample::task_clock(), sample::cycles()};
        const std::vector<Bundle> bundles{{{0, 1}}};
        const Plan plan = make_plan(events, bundles, budget(events, {.generic = 4}));
        REQUIRE(plan.groups.size() == 2);
        CHECK(holds(plan.groups[plan.group_of_bundle[0]], 1));
    }

    TEST_CASE("events of different PMUs are never in one group") {
        const std::vector<Event> events{sample::cycles(), sample::event("atom", "cpu_atom", 10, 0x3c),
                                        sample::instructions()};
        const std::vector<Bundle> bundles{{{0, 1, 2}}};
        const Plan plan = make_plan(events, bundles, budget(events, {.generic = 4}));
        REQUIRE(plan.groups.size() == 2);
        CHECK(plan.groups[0].events == Indices{0, 2});
        CHECK(plan.groups[1].events == Indices{1});
    }

    TEST_CASE("an empty bundle and an index that means nothing are in no group") {
        const std::vector<Event> events{sample::cycles()};
        const std::vector<Bundle> bundles{{}, {{7}}, {{0, 9}}};
        const Plan plan = make_plan(events, bundles, budget(events, {.generic = 4}));
        CHECK(plan.groups.size() == 1);
        CHECK(plan.group_of_bundle == Indices{Plan::none, Plan::none, 0});
        CHECK(make_plan({}, {}, budget(events, {})).groups.empty());
    }

    TEST_CASE("slots leads the top-down events") {
        const std::vector<Event> events{sample::event("retiring", "cpu", PERF_TYPE_RAW, 0x8000),
                                        sample::event("bad-spec", "cpu", PERF_TYPE_RAW, 0x8100),
                                        sample::event("slots", "cpu", PERF_TYPE_RAW, 0x0400)};
        const std::vector<Bundle> bundles{{{0, 1, 2}}};
        const Plan plan = make_plan(events, bundles, budget(events, {.generic = 1, .fixed_slots = 1}));
        CHECK(plan.groups[0].events == Indices{2, 0, 1});
    }

    TEST_CASE("other_pmu finds the stranger, and lets software events in") {
        CHECK_FALSE(pmc::other_pmu(std::vector<Event>{}));
        CHECK_FALSE(pmc::other_pmu(std::vector<Event>{sample::task_clock(), sample::cycles(), sample::branches()}));
        const auto found = pmc::other_pmu(
            std::vector<Event>{sample::task_clock(), sample::cycles(), sample::event("e", "cpu_atom", 10, 1)});
        REQUIRE(found);
        CHECK(found->event == 2);
        CHECK(found->leader == 1);
    }

    TEST_CASE("a top-down metric that was asked for alone joins the group of slots, wherever it stands") {
        const CounterBudget icelake{.generic = 2, .fixed_cycles = 1, .fixed_slots = 1};
        Event retiring = sample::event("retiring", "cpu", PERF_TYPE_RAW, 0x8000);
        const std::vector<Event> events{retiring, sample::raw(1), sample::raw(2), sample::raw(3),
                                        sample::event("slots", "cpu", PERF_TYPE_RAW, 0x0400)};
        const std::vector<Bundle> bundles{{{0}}, {{1, 2}}, {{3}}, {{4}}};
        const Plan plan = make_plan(events, bundles, budget(events, icelake));
        REQUIRE(plan.groups.size() == 2);
        CHECK(plan.groups[plan.group_of_bundle[0]].events.front() == 4);
        CHECK(holds(plan.groups[plan.group_of_bundle[0]], 0));
    }

    TEST_CASE("where taking the largest first would need a third group, two are found") {
        std::vector<Event> events;
        std::vector<Bundle> bundles;
        for (const std::size_t size : {3U, 3U, 2U, 2U, 2U, 2U}) {
            bundles.emplace_back();
            for (std::size_t i = 0; i < size; ++i) {
                bundles.back().events.push_back(events.size());
                events.push_back(sample::raw(events.size()));
            }
        }
        const Plan plan = make_plan(events, bundles, budget(events, {.generic = 7}));
        CHECK(plan.groups.size() == 2);
        for (std::size_t i = 0; i < bundles.size(); ++i)
            for (const std::size_t event : bundles[i].events)
                CHECK(holds(plan.groups[plan.group_of_bundle[i]], event));
    }

    TEST_CASE("no two groups of a thousand random plans could be one") {
        std::mt19937 random{20240302};
        const auto up_to = [&](std::size_t n) { return static_cast<std::size_t>(random() % (n + 1)); };
        for (int round = 0; round < 1000; ++round) {
            CAPTURE(round);
            std::vector<Event> events{sample::cycles(), sample::instructions()};
            for (std::size_t i = up_to(14); i > 0; --i) {
                events.push_back(sample::raw(i));
                events.back().counters = std::vector{"", "", "0-3", "pair", "1,3"}[up_to(4)];
            }
            std::vector<Bundle> bundles(1 + up_to(9));
            for (Bundle& bundle : bundles)
                for (std::size_t i = 1 + up_to(3); i > 0; --i)
                    bundle.events.push_back(up_to(events.size() - 1));
            const pmc::Fits fits = budget(events, {.generic = static_cast<unsigned>(4 + up_to(4)), .fixed_cycles = 1});
            const Plan plan = make_plan(events, bundles, fits);
            for (std::size_t a = 0; a < plan.groups.size(); ++a)
                for (std::size_t b = 0; b < a; ++b) {
                    std::set<std::size_t> both{plan.groups[a].events.begin(), plan.groups[a].events.end()};
                    both.insert(plan.groups[b].events.begin(), plan.groups[b].events.end());
                    const Indices united{both.begin(), both.end()};
                    CHECK_FALSE(fits(united));
                }
        }
    }

    TEST_CASE("what holds for every plan holds for a thousand random ones") {
        std::mt19937 random{20240229};
        const auto up_to = [&](std::size_t n) { return static_cast<std::size_t>(random() % (n + 1)); };
        for (int round = 0; round < 1000; ++round) {
            CAPTURE(round);
            std::vector<Event> events{sample::cycles(), sample::instructions(), sample::task_clock(),
                                      sample::page_faults()};
            for (std::size_t i = up_to(8); i > 0; --i)
                events.push_back(sample::raw(i));
            for (std::size_t i = up_to(2); i > 0; --i)
                events.push_back(sample::event("other", "cpu_atom", 10, i));
            std::vector<Bundle> bundles(up_to(7));
            for (Bundle& bundle : bundles) {
                for (std::size_t i = 1 + up_to(4); i > 0; --i)
                    bundle.events.push_back(up_to(events.size() - 1));
                bundle.explicit_group = up_to(9) == 0;
            }
            const pmc::Fits fits =
                budget(events, {.generic = static_cast<unsigned>(1 + up_to(5)), .fixed_cycles = round % 2 == 0});
            const Plan plan = make_plan(events, bundles, fits);

            REQUIRE(plan.group_of_bundle.size() == bundles.size());
            for (std::size_t i = 0; i < bundles.size(); ++i) {
                REQUIRE(plan.group_of_bundle[i] < plan.groups.size());
                const pmc::PlannedGroup& group = plan.groups[plan.group_of_bundle[i]];
                const std::set<std::size_t> asked{bundles[i].events.begin(), bundles[i].events.end()};
                if (bundles[i].explicit_group) {
                    CHECK(std::set<std::size_t>{group.events.begin(), group.events.end()} == asked);
                    CHECK(group.explicit_group);
                    continue;
                }
                for (const std::size_t event : asked) {
                    // all of the group's PMU are in the group, the others are somewhere
                    if (events[event].pmu == events[group.events.front()].pmu)
                        CHECK(holds(group, event));
                    CHECK(std::any_of(plan.groups.begin(), plan.groups.end(),
                                      [&](const pmc::PlannedGroup& any) { return holds(any, event); }));
                }
            }
            for (const pmc::PlannedGroup& group : plan.groups) {
                CHECK(std::set<std::size_t>{group.events.begin(), group.events.end()}.size() == group.events.size());
                if (group.explicit_group)
                    continue;
                for (const std::size_t event : group.events)
                    CHECK(events[event].pmu == events[group.events.front()].pmu);
                if (fits(group.events))
                    continue;
                // over budget: then it is what one bundle asks for of this PMU, and nothing else
                CHECK(std::any_of(bundles.begin(), bundles.end(), [&](const Bundle& bundle) {
                    return std::all_of(group.events.begin(), group.events.end(), [&](std::size_t event) {
                        return std::find(bundle.events.begin(), bundle.events.end(), event) != bundle.events.end();
                    });
                }));
            }
            const Plan again = make_plan(events, bundles, fits);
            CHECK(again.group_of_bundle == plan.group_of_bundle);
            for (std::size_t i = 0; i < plan.groups.size(); ++i)
                CHECK(again.groups[i].events == plan.groups[i].events);
        }
    }
}
