// A set's reads that fail: now and then, at an interval's end, when a CPU goes.
#include <doctest/doctest.h>

#include "counter/counter_set.hpp"

#include "fake_kernel.hpp"
#include "sample_events.hpp"

#include <cerrno>
#include <functional>
#include <vector>

using pmc::Cause;
using pmc::CounterSet;
using pmc::Counts;
using pmc::Machine;
using pmc::Mode;
using pmc::Plan;
using pmc::State;
using Since = pmc::CounterSet::Since;
using Words = std::vector<std::uint64_t>;

namespace {

/// Cycles and instructions, together, on a CPU or in a thread.
CounterSet open(const pmc::Place& place) {
    Plan plan;
    plan.groups.push_back({{0, 1}, false});
    CounterSet set({sample::cycles(), sample::instructions()}, plan, Machine::host(),
                   {Mode::user_kernel, false, false});
    set.add_row();
    REQUIRE_FALSE(set.open(place));
    return set;
}

Counts counts_of(const CounterSet& set, Since since) {
    Counts counts;
    set.counts(0, since, counts);
    REQUIRE(counts.size() == 2);
    return counts;
}

/// Each way in which a read fails, and the cause that is told.
struct Failure {
    const char* name;
    std::function<int(Words&)> make;
    Cause cause;
};
const std::vector<Failure>& failures() {
    static const std::vector<Failure> all{
        {"nothing comes",
         [](Words& words) {
             words.clear();
             return 0;
         },
         Cause::counters_busy},
        {"it is short",
         [](Words& words) {
             words.pop_back();
             return 0;
         },
         Cause::rejected},
        {"an error", [](Words&) { return -ENOMEM; }, Cause::out_of_memory},
    };
    return all;
}

const pmc::Place cpu_0{.cpu = 0};
const pmc::Place thread{.pid = 10};

} // namespace

TEST_SUITE("counter_set_reads") {
    TEST_CASE("what could not be read is not counted and says why, never 0: of a thread and of a CPU") {
        for (const pmc::Place& place : {cpu_0, thread}) {
            for (const Failure& failure : failures()) {
                CAPTURE(failure.name);
                CAPTURE(place.cpu);
                fake::Kernel kernel{fake::Kernel::made_up};
                CounterSet set = open(place);
                kernel.on_read(failure.make);
                set.read();
                for (const pmc::GroupCount& count : counts_of(set, Since::start)) {
                    CHECK(count.count.state() == State::not_counted);
                    CHECK(count.reason.cause == failure.cause);
                }
                kernel.on_read(nullptr);
                set.read();
                CHECK(counts_of(set, Since::start)[0].count.has_value());
            }
        }
    }

    TEST_CASE("what was not read at an interval's end has no count in it nor in the next, and the total is whole") {
        for (const pmc::Place& place : {cpu_0, thread}) {
            for (const Failure& failure : failures()) {
                CAPTURE(failure.name);
                CAPTURE(place.cpu);
                fake::Kernel kernel{fake::Kernel::made_up};
                CounterSet set = open(place);
                const auto interval = [&](std::uint64_t until) {
                    kernel.set_value(0, until);
                    kernel.set_times(until, until);
                    set.read();
                    const pmc::GroupCount count = counts_of(set, Since::mark_enabled)[0];
                    set.mark();
                    return count;
                };
                CHECK(interval(100).count.raw() == 100);
                kernel.on_read(failure.make);
                CHECK(interval(200).count.state() == State::not_counted);
                kernel.on_read(nullptr);
                const pmc::GroupCount next = interval(300); // it would be two intervals' worth
                CHECK(next.count.state() == State::not_counted);
                CHECK(next.reason.cause == failure.cause);
                CHECK(interval(400).count.raw() == 100);
                CHECK(counts_of(set, Since::start)[0].count.raw() == 400);
            }
        }
    }

    TEST_CASE("of a CPU that goes and can't be read for the last time there is no total: it would be a part") {
        for (const Failure& failure : failures()) {
            CAPTURE(failure.name);
            fake::Kernel kernel{fake::Kernel::made_up};
            CounterSet set = open(cpu_0);
            set.read();
            kernel.on_read(failure.make);
            CHECK(set.retire({}, true) == std::vector<int>{0});
            kernel.on_read(nullptr);
            REQUIRE_FALSE(set.open(cpu_0));
            for (int i = 0; i < 2; ++i) {
                set.read();
                CHECK(counts_of(set, Since::start)[0].count.state() == State::not_counted);
                CHECK(counts_of(set, Since::start)[0].reason.cause == failure.cause);
            }
        }
    }
}
