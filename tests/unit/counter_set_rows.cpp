#include <doctest/doctest.h>

#include "allocations.hpp"
#include "counter_sets.hpp"
#include "fake_kernel.hpp"
#include "sample_events.hpp"

#include <algorithm>
#include <cerrno>
#include <linux/perf_event.h>
#include <vector>

using namespace pmc;
using pmc::test::counts_of;
using pmc::test::plan_of;
using Since = pmc::CounterSet::Since;

namespace {

CounterSet set_of(std::vector<pmc::Event> events, const Plan& plan, bool inherit = true) {
    return CounterSet(std::move(events), plan, Machine::host(), {Mode::user_kernel, inherit, false});
}

CounterSet cycles_and_instructions() {
    return set_of({sample::cycles(), sample::instructions()}, plan_of({{{0, 1}}}));
}

const Place cpu_0{.cpu = 0};
const Place cpu_1{.cpu = 1};

} // namespace

TEST_SUITE("counter_set_rows") {
    TEST_CASE("a row is the sum of its places: counts, and both times") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = cycles_and_instructions();
        const std::size_t row = set.add_row();
        CHECK_FALSE(set.open({.pid = 10, .row = row}));
        CHECK_FALSE(set.open({.pid = 11, .row = row}));
        for (std::size_t i = 0; i < 4; ++i)
            kernel.set_value(i, 10 * (i + 1));
        kernel.set_times(300, 200);
        set.read();
        const Counts counts = counts_of(set, row);
        REQUIRE(counts.size() == 2);
        CHECK(counts[0].count.raw() == 10 + 30);
        CHECK(counts[1].count.raw() == 20 + 40);
        CHECK(counts[0].count.enabled_ns() == 600);
        CHECK(counts[0].count.running_ns() == 400);
    }

    TEST_CASE("a place of its own row is in no other") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = cycles_and_instructions();
        for (const pid_t tid : {10, 11}) {
            const std::size_t row = set.add_row();
            set.open({.pid = tid, .row = row});
        }
        kernel.set_value(0, 7);
        kernel.set_value(2, 9);
        set.read();
        CHECK(counts_of(set, 0)[0].count.raw() == 7);
        CHECK(counts_of(set, 1)[0].count.raw() == 9);
    }

    TEST_CASE("on a CPU everybody is counted, for a cgroup its threads, and nothing is inherited") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = cycles_and_instructions();
        set.add_row();
        set.open(cpu_1);
        set.open({.pid = 5, .cpu = 0, .cgroup = true});
        REQUIRE(kernel.opens().size() == 4);
        CHECK(kernel.opens()[0].pid == -1);
        CHECK(kernel.opens()[0].cpu == 1);
        CHECK((kernel.opens()[0].flags & PERF_FLAG_PID_CGROUP) == 0);
        CHECK(kernel.opens()[2].pid == 5);
        CHECK((kernel.opens()[3].flags & PERF_FLAG_PID_CGROUP) != 0);
        for (const fake::OpenCall& call : kernel.opens())
            CHECK_FALSE(call.attr.inherit);
    }

    TEST_CASE("one ioctl switches a group, and one read reads it") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = cycles_and_instructions();
        set.add_row();
        set.open(cpu_0);
        set.open(cpu_1);
        CHECK(kernel.ioctls().empty());
        set.enable();
        REQUIRE(kernel.ioctls().size() == 2);
        CHECK(kernel.ioctls()[0].request == PERF_EVENT_IOC_ENABLE);
        set.disable();
        REQUIRE(kernel.ioctls().size() == 4);
        CHECK(kernel.ioctls()[3].request == PERF_EVENT_IOC_DISABLE);
        set.read();
        CHECK(kernel.reads() == 2);
        CHECK(kernel.live() == 4);
    }

    TEST_CASE("deltas are since the mark, add up to the total, and are never negative") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = cycles_and_instructions();
        set.add_row();
        set.open(cpu_0);
        std::uint64_t sum = 0;
        for (const std::uint64_t value : {100U, 250U, 240U, 300U}) { // 240: it should not happen
            kernel.set_value(0, value);
            kernel.set_times(value, value);
            set.read();
            sum += counts_of(set, 0, Since::mark)[0].count.raw();
            set.mark();
        }
        CHECK(sum == 300);
        CHECK(counts_of(set, 0)[0].count.raw() == 300);
    }

    TEST_CASE("who slept through an interval did nothing in it, if the counters were on; else nothing is known") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = cycles_and_instructions();
        set.add_row();
        set.open({.pid = 10});
        set.read();
        set.mark();
        set.read();
        CHECK(counts_of(set, 0, Since::mark)[0].count.state() == State::not_counted);
        const Count slept = counts_of(set, 0, Since::mark_enabled)[0].count;
        CHECK(slept.has_value());
        CHECK(slept.value() == 0);
        SUBCASE("but one that has never run at all has not shown that it can be counted") {
            kernel.set_times(0, 0);
            CounterSet other = cycles_and_instructions();
            other.add_row();
            other.open({.pid = 11});
            other.read();
            CHECK(counts_of(other, 0, Since::mark_enabled)[0].reason.cause == Cause::never_ran);
        }
    }

    TEST_CASE("an event that opened at some places of a row only has no count there: it would be a part of the truth") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = cycles_and_instructions();
        set.add_row();
        set.open({.pid = 10});
        kernel.fail_open(1, ENOSPC);
        set.open({.pid = 11});
        set.read();
        CHECK(counts_of(set, 0)[0].count.has_value());
        CHECK(counts_of(set, 0)[1].count.state() == State::not_available);
        CHECK(counts_of(set, 0)[1].reason.error == ENOSPC);
    }

    TEST_CASE("a place that can't be counted as such leaves nothing behind") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = cycles_and_instructions();
        set.add_row();
        int error = 0;
        std::size_t nth = 0;
        SUBCASE("a thread that ended between two opens") {
            error = ESRCH;
            nth = 1;
        }
        SUBCASE("one that is somebody else's") {
            error = EACCES;
        }
        SUBCASE("too many files") {
            error = EMFILE;
            nth = 1;
        }
        set.open_whole({.pid = 9});
        const std::size_t before = kernel.opens().size();
        kernel.fail_open_if([&](const fake::OpenCall& call) {
            return call.pid == 10 && kernel.opens().size() >= before + nth ? error : 0;
        });
        CHECK(set.open_whole({.pid = 10}).error == error);
        CHECK(kernel.live() == 2);
        set.read();
        CHECK(counts_of(set, 0)[0].count.has_value());
        CHECK(counts_of(set, 0)[1].count.has_value());
    }

    TEST_CASE("an event that is refused once another has opened is its own affair, not the place's") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = cycles_and_instructions();
        set.add_row();
        kernel.fail_open(1, EACCES);
        CHECK_FALSE(set.open_whole({.pid = 10}));
        set.read();
        CHECK(counts_of(set, 0)[0].count.has_value());
        CHECK(counts_of(set, 0)[1].reason.error == EACCES);
    }

    TEST_CASE("a group that the kernel refuses while its thread forks is opened anew") {
        fake::Kernel kernel{fake::Kernel::made_up};
        int refused = 0;
        kernel.fail_open_if([&](const fake::OpenCall& call) {
            return call.group_fd >= 0 && call.attr.config == PERF_COUNT_HW_INSTRUCTIONS && refused++ < 3 ? EINVAL : 0;
        });
        CounterSet set = cycles_and_instructions();
        set.add_row();
        CHECK_FALSE(set.open_whole({.pid = 10}));
        CHECK(kernel.live() == 2);
        set.read();
        CHECK(counts_of(set, 0)[1].count.has_value());
    }

    TEST_CASE("what counts in one place is opened there, all units of it, and never for a thread") {
        fake::Kernel kernel{fake::Kernel::made_up};
        pmc::Event reads = sample::event("uncore_imc/cas_count_read/", "uncore_imc_0", 20, 4);
        reads.cpus = {0, 8};
        reads.more_units = {{21, {0, 8}}, {22, {0, 8}}};
        CounterSet set = set_of({sample::cycles(), reads}, plan_of({{{0}}, {{1}}}));
        const std::size_t row = set.add_row();
        set.open({.pid = 10, .row = row});
        CHECK(kernel.opens().size() == 1);
        CHECK(set.unit_cpus() == std::vector<int>{0, 8});
        for (const int cpu : set.unit_cpus())
            set.open_units(cpu, row);
        REQUIRE(kernel.opens().size() == 7);
        for (std::size_t i = 1; i < 7; ++i) {
            const fake::OpenCall& call = kernel.opens()[i];
            CHECK(call.attr.type == 20 + (i - 1) % 3);
            CHECK(call.cpu == (i <= 3 ? 0 : 8));
            CHECK(call.pid == -1);
            CHECK_FALSE(call.attr.inherit);
            kernel.set_value(i, 100);
        }
        set.read();
        CHECK(counts_of(set, row)[1].count.raw() == 600);
        SUBCASE("nor for a cgroup: it says why") {
            const std::size_t other = set.add_row();
            set.refuse_units(other);
            set.open({.pid = 5, .cpu = 0, .cgroup = true, .row = other});
            set.read();
            CHECK(counts_of(set, other)[1].reason.cause == Cause::counts_elsewhere);
            CHECK(counts_of(set, row)[1].count.has_value());
        }
    }

    TEST_CASE("a CPU that went keeps what it counted, and counts on when it is back") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = cycles_and_instructions();
        set.add_row();
        set.open(cpu_0);
        set.open(cpu_1);
        kernel.set_times(1000, 1000);
        set.read();
        CHECK(set.retire({0, 1}, true).empty());
        // The kernel takes the group apart: each event is alone in its read.
        kernel.set_times(2000, 2000);
        kernel.set_value(2, 500);
        kernel.set_value(3, 600);
        int seen = 0;
        kernel.on_read([&](std::vector<std::uint64_t>& words) {
            const bool of_cpu_1 = words.size() == 5 && words[3] == 500;
            if (of_cpu_1) {
                ++seen;
                words = {1, 2000, 2000, 500};
            } else if (words.size() == 3) {
                words = {1, 2000, 2000, 600};
            }
            return 0;
        });
        set.read();
        CHECK(seen > 0);
        const std::uint64_t before = counts_of(set, 0)[0].count.raw();
        CHECK(set.retire({0}, true) == std::vector<int>{1});
        CHECK(kernel.live() == 2);
        set.read();
        CHECK(counts_of(set, 0)[0].count.raw() == before);
        CHECK_FALSE(set.open(cpu_1));
        set.read();
        CHECK(counts_of(set, 0)[0].count.raw() > before);
    }

    TEST_CASE("a CPU that went and came back between two looks is told by its time, which stands") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = cycles_and_instructions();
        set.add_row();
        set.open(cpu_0);
        kernel.set_times(1000, 1000);
        set.read();
        CHECK(set.retire({0}, true).empty());
        kernel.set_times(1500, 1500);
        set.read();
        CHECK(set.retire({0}, true).empty());
        set.read();
        CHECK(set.retire({0}, true) == std::vector<int>{0});
        SUBCASE("but a cgroup's stands whenever it sleeps") {
            CounterSet cgroup = cycles_and_instructions();
            cgroup.add_row();
            cgroup.open({.pid = 5, .cpu = 0, .cgroup = true});
            for (int look = 0; look < 3; ++look) {
                cgroup.read();
                CHECK(cgroup.retire({0}, true).empty());
            }
        }
    }

    TEST_CASE("reading, marking and subtracting allocate nothing") {
        fake::Kernel kernel; // the real one: the made-up one keeps a log
        CounterSet set = set_of({sample::task_clock(), sample::page_faults()}, plan_of({{{0, 1}}}));
        for (int i = 0; i < 3; ++i) {
            const std::size_t row = set.add_row();
            set.open({.pid = 0, .row = row});
        }
        set.enable();
        Counts counts;
        set.read();
        set.counts(0, Since::mark_enabled, counts);
        const std::size_t before = allocations();
        for (int i = 0; i < 10; ++i) {
            set.read();
            for (std::size_t row = 0; row < 3; ++row)
                set.counts(row, Since::mark_enabled, counts);
            set.mark();
        }
        CHECK(allocations() == before);
        CHECK(counts.front().count.has_value());
    }
}
