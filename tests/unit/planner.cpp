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

    TEST_CASE("a bundle that can't fit has a group of its own") {
        const std::vector<Event> events{sample::raw(0), sample::raw(1), sample::raw(2), sample::raw(3)};
        const std::vector<Bundle> bundles{{{0, 1, 2}}, {{3}}, {{0}}};
        const Plan plan = make_plan(events, bundles, budget(events, {.generic = 2}));
        CHECK(plan.groups[plan.group_of_bundle[0]].events == Indices{0, 1, 2});
        CHECK(plan.groups[plan.group_of_bundle[1]].events == Indices{3});
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

    TEST_CASE("top-down events take no counter where slots has its own, but AMD's of the same code do") {
        const std::vector<Event> group{sample::event("slots", "cpu", PERF_TYPE_RAW, 0x0400),
                                       sample::event("retiring", "cpu", PERF_TYPE_RAW, 0x8000)};
        CHECK(fits_budget(group, {.fixed_slots = 1}));
        CHECK_FALSE(fits_budget(group, {.generic = 1}));
        CHECK(fits_budget(group, {.generic = 2}));
    }

    TEST_CASE("fixed counters are free for their own event, once each") {
        const CounterBudget intel{
            .generic = 1, .fixed_cycles = 1, .fixed_instructions = 1, .fixed_ref_cycles = 1, .fixed_slots = 1};
        const Event ref = sample::hardware("ref-cycles", PERF_COUNT_HW_REF_CPU_CYCLES);
        const Event slots = sample::event("slots", "cpu", PERF_TYPE_RAW, 0x0400);
        const auto fit = [&](std::vector<Event> group) { return fits_budget(group, intel); };
        CHECK(fit({sample::cycles(), sample::instructions(), ref, slots, sample::branches()}));
        CHECK_FALSE(fit({sample::cycles(), sample::instructions(), sample::branches(), sample::branch_misses()}));
        CHECK(fit({sample::cycles(), sample::cycles()})); // cycles:u and cycles:k: the second is on the generic one
        CHECK_FALSE(fit({sample::cycles(), sample::cycles(), sample::branches()}));
    }

    TEST_CASE("a PMU's own codes of the fixed events are known") {
        const CounterBudget none{.fixed_cycles = 1, .fixed_instructions = 1};
        const auto fit = [&](Event event) { return fits_budget(std::vector<Event>{std::move(event)}, none); };
        CHECK(fit(sample::event("x86 cycles", "cpu", PERF_TYPE_RAW, 0x3c)));
        CHECK(fit(sample::event("x86 instructions", "cpu_core", PERF_TYPE_RAW, 0xc0)));
        CHECK(fit(sample::event("arm cycles", "armv8_pmuv3_0", 8, 0x11)));
        CHECK(fit(sample::hardware("hybrid cycles", 0xa'0000'0000)));
        CHECK_FALSE(fit(sample::event("cycles with cmask 1", "cpu", PERF_TYPE_RAW, 0x0100'003c)));
        CHECK_FALSE(fit(sample::event("arm's 0xc0 is another event", "armv8_pmuv3_0", 8, 0xc0)));
        CHECK_FALSE(fit(sample::event("cache event 0 is not cycles", "cpu", PERF_TYPE_HW_CACHE, 0)));
    }

    TEST_CASE("events that need no counter fit even where there is none") {
        const std::vector<Event> group{sample::task_clock(), sample::event("a:b", "tracepoint", 2, 5),
                                       sample::event("msr/tsc/", "msr", 11, 0)};
        CHECK(fits_budget(group, {}));
        CHECK_FALSE(fits_budget(std::vector<Event>{sample::cycles()}, {}));
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
