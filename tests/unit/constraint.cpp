#include <doctest/doctest.h>

#include "counter/constraint.hpp"

#include "sample_events.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

using pmc::CounterBudget;
using pmc::Event;
using pmc::fits_budget;

namespace {

constexpr CounterBudget icelake{
    .generic = 8, .fixed_cycles = 1, .fixed_instructions = 1, .fixed_ref_cycles = 1, .fixed_slots = 1};
constexpr CounterBudget zen{.generic = 6};

/// A different event at each call, that its table allows on these counters.
Event on(const char* counters, const char* pmu = "cpu") {
    static std::uint64_t code = 0x10000;
    Event event = sample::event(std::string("on ") + counters, pmu, PERF_TYPE_RAW, ++code);
    event.counters = counters;
    return event;
}

bool fit(const std::vector<Event>& group, const CounterBudget& budget) {
    return fits_budget(group, budget);
}

} // namespace

TEST_SUITE("constraint") {
    TEST_CASE("four events fill counters 0-3, though others stay free") {
        const std::vector<Event> four{on("0-3"), on("0-3"), on("0-3"), on("0-3")};
        CHECK(fit(four, icelake));
        std::vector<Event> five = four;
        five.push_back(on("0-3"));
        CHECK_FALSE(fit(five, icelake));
        std::vector<Event> eight = four;
        for (std::uint64_t i = 0; i < 4; ++i)
            eight.push_back(sample::raw(i));
        CHECK(fit(eight, icelake));
        eight.push_back(sample::raw(9));
        CHECK_FALSE(fit(eight, icelake));
    }

    TEST_CASE("an event gives way to one that has less choice, along a chain") {
        CHECK(fit({on("0-1"), on("0"), on("1-2"), on("2-3")}, icelake));
        CHECK(fit({on("any"), on("any"), on("any"), on("0,2"), on("0")}, {.generic = 5}));
        CHECK(fit({on("fixed1,any"), on("0"), on("fixed1")}, {.generic = 2, .fixed_cycles = 1}));
        CHECK_FALSE(fit({on("0-1"), on("0"), on("1")}, icelake));
        CHECK_FALSE(fit({on("0,2"), on("0,2"), on("2")}, icelake));
    }

    TEST_CASE("counters that this machine has fewer of are not there") {
        CHECK(fit({on("0-3"), on("0-3")}, {.generic = 2}));
        CHECK_FALSE(fit({on("0-3"), on("0-3"), on("0-3")}, {.generic = 2}));
        CHECK_FALSE(fit({on("3")}, {.generic = 2}));
    }

    TEST_CASE("an event on a fixed counter alone is there once: with :u and :k it does not fit") {
        CHECK(fit({on("fixed2")}, icelake));
        CHECK_FALSE(fit({on("fixed2"), on("fixed2")}, icelake));
        CHECK_FALSE(fit({on("fixed2")}, zen));
        CHECK(fit({on("fixed1,any"), on("fixed1,any")}, icelake));
        const Event ref = sample::hardware("ref-cycles", PERF_COUNT_HW_REF_CPU_CYCLES);
        CHECK_FALSE(fit({ref, ref}, icelake));
        CHECK_FALSE(fit({ref, on("fixed2")}, icelake));
        CHECK(fit({ref, ref}, zen)); // AMD counts it like any other
        const Event slots = sample::event("slots", "cpu", PERF_TYPE_RAW, 0x0400);
        CHECK_FALSE(fit({slots, slots}, icelake));
    }

    TEST_CASE(
        "fixed counters are numbered as the vendor numbers them: Intel's first is of instructions, Arm's of cycles") {
        const CounterBudget only_cycles{.fixed_cycles = 1};
        CHECK(fit({on("fixed1")}, only_cycles));
        CHECK_FALSE(fit({on("fixed0")}, only_cycles));
        CHECK(fit({on("fixed0", "armv8_pmuv3_0")}, only_cycles));
        CHECK_FALSE(fit({on("fixed1", "armv8_pmuv3_0")}, only_cycles));
        CHECK(fit({on("fixed0")}, {.fixed_instructions = 1}));
        CHECK(fit({on("fixed3")}, {.fixed_slots = 1}));
    }

    TEST_CASE("fixed counters beyond the four that a budget knows are there where a table names them") {
        const CounterBudget skymont{.generic = 1, .fixed_cycles = 1, .fixed_instructions = 1, .fixed_ref_cycles = 1};
        CHECK(fit({on("fixed4,any"), on("fixed5,any"), on("fixed6,any"), sample::raw(0)}, skymont));
        CHECK(fit({on("fixed4,any"), on("fixed4,any")}, skymont));
        CHECK_FALSE(fit({on("fixed4,any"), on("fixed4,any"), sample::raw(0)}, skymont));
    }

    TEST_CASE("a pair takes an even counter and its odd neighbour") {
        CHECK(fit({on("pair"), on("pair"), on("pair")}, zen));
        CHECK_FALSE(fit({on("pair"), on("pair"), on("pair"), sample::raw(0)}, zen));
        CHECK_FALSE(fit({on("pair"), on("pair"), on("pair"), on("pair")}, zen));
        CHECK(fit({on("pair"), on("pair"), sample::raw(0), sample::raw(1)}, zen));
        CHECK_FALSE(fit({on("pair"), on("pair"), on("pair")}, {.generic = 5}));
        CHECK(fit({on("pair"), on("pair"), sample::raw(0)}, {.generic = 5}));
        // The two that are left have to be 2 and 3.
        CHECK(fit({on("pair"), on("pair"), on("2"), on("3")}, zen));
        CHECK_FALSE(fit({on("pair"), on("pair"), on("1"), on("2")}, zen));
    }

    TEST_CASE("the NMI watchdog's counter: cycles go to a generic one, AMD has one fewer") {
        CounterBudget watched = icelake;
        watched.fixed_cycles = 0;
        std::vector<Event> group{on("fixed1,any")};
        for (std::uint64_t i = 0; i < 7; ++i)
            group.push_back(sample::raw(i));
        CHECK(fit(group, watched));
        group.push_back(sample::raw(8));
        CHECK(fit(group, icelake));
        CHECK_FALSE(fit(group, watched));
        CHECK_FALSE(fit({on("pair"), on("pair"), on("pair")}, {.generic = 5}));
    }

    TEST_CASE("a top-down metric needs no counter, but slots in its group") {
        const Event slots = sample::event("slots", "cpu", PERF_TYPE_RAW, 0x0400);
        CHECK(fit({slots, on("metric"), on("metric"), on("metric"), on("metric")}, {.fixed_slots = 1}));
        CHECK_FALSE(fit({on("metric")}, icelake));
        CHECK_FALSE(fit({on("metric"), sample::cycles()}, icelake));
        CHECK_FALSE(fit({sample::event("retiring", "cpu", PERF_TYPE_RAW, 0x8000), sample::cycles()}, icelake));
        CHECK_FALSE(fit({on("fixed3"), on("metric")}, zen));
    }

    TEST_CASE("words that mean nothing allow no counter, and do no harm") {
        for (const char* const nonsense :
             {"x", ",", "fixed", "fixed99", "7-", "-", "3-1", "99", "4294967295", "0-99999999999"})
            CHECK_MESSAGE(fit({on(nonsense)}, icelake) ==
                              (std::string(nonsense) == "7-" || std::string(nonsense) == "0-99999999999"),
                          nonsense);
    }

    TEST_CASE("the assignment is exact: as trying all of them out for a thousand random groups") {
        std::mt19937 random{20240301};
        const auto up_to = [&](unsigned n) { return static_cast<unsigned>(random() % (n + 1)); };
        int fitting = 0;
        for (int round = 0; round < 1000; ++round) {
            const unsigned generic = 2 + up_to(4);
            struct Wish {
                std::vector<unsigned> counters;
                bool pair;
            };
            std::vector<Wish> wishes(1 + up_to(5));
            std::vector<Event> group;
            for (Wish& wish : wishes) {
                wish.pair = up_to(5) == 0;
                std::string list;
                for (unsigned n = 0; n < generic; ++n) {
                    if (up_to(2) > 0)
                        continue;
                    wish.counters.push_back(n);
                    list += (list.empty() ? "" : ",") + std::to_string(n);
                }
                if (list.empty()) {
                    wish.counters = {0};
                    list = "0";
                }
                group.push_back(on(wish.pair ? "pair" : list.c_str()));
            }
            const auto try_all = [&](const auto& self, std::size_t next, unsigned taken) -> bool {
                if (next == wishes.size())
                    return true;
                if (wishes[next].pair) {
                    for (unsigned even = 0; even + 1 < generic; even += 2)
                        if ((taken >> even & 3) == 0 && self(self, next + 1, taken | 3U << even))
                            return true;
                    return false;
                }
                return std::ranges::any_of(wishes[next].counters, [&](unsigned n) {
                    return (taken >> n & 1) == 0 && self(self, next + 1, taken | 1U << n);
                });
            };
            const bool expected = try_all(try_all, 0, 0);
            fitting += expected ? 1 : 0;
            CAPTURE(round);
            CHECK(fit(group, {.generic = generic}) == expected);
        }
        CHECK(fitting > 200);
        CHECK(fitting < 800);
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
        const auto fits = [&](const std::vector<Event>& group) { return fits_budget(group, intel); };
        CHECK(fits({sample::cycles(), sample::instructions(), ref, slots, sample::branches()}));
        CHECK_FALSE(fits({sample::cycles(), sample::instructions(), sample::branches(), sample::branch_misses()}));
        CHECK(fits({sample::cycles(), sample::cycles()})); // cycles:u and cycles:k: the second is on the generic one
        CHECK_FALSE(fits({sample::cycles(), sample::cycles(), sample::branches()}));
    }

    TEST_CASE("a PMU's own codes of the fixed events are known") {
        const CounterBudget none{.fixed_cycles = 1, .fixed_instructions = 1};
        const auto fits = [&](Event event) { return fits_budget(std::vector<Event>{std::move(event)}, none); };
        CHECK(fits(sample::event("x86 cycles", "cpu", PERF_TYPE_RAW, 0x3c)));
        CHECK(fits(sample::event("x86 instructions", "cpu_core", PERF_TYPE_RAW, 0xc0)));
        CHECK(fits(sample::event("arm cycles", "armv8_pmuv3_0", 8, 0x11)));
        CHECK(fits(sample::hardware("hybrid cycles", 0xa'0000'0000)));
        CHECK_FALSE(fits(sample::event("cycles with cmask 1", "cpu", PERF_TYPE_RAW, 0x0100'003c)));
        CHECK_FALSE(fits(sample::event("arm's 0xc0 is another event", "armv8_pmuv3_0", 8, 0xc0)));
        CHECK_FALSE(fits(sample::event("cache event 0 is not cycles", "cpu", PERF_TYPE_HW_CACHE, 0)));
    }

    TEST_CASE("events that need no counter fit even where there is none") {
        const std::vector<Event> group{sample::task_clock(), sample::event("a:b", "tracepoint", 2, 5),
                                       sample::event("msr/tsc/", "msr", 11, 0)};
        CHECK(fits_budget(group, {}));
        CHECK_FALSE(fits_budget(std::vector<Event>{sample::cycles()}, {}));
    }
}
