#include <doctest/doctest.h>

#include "kernel/child.hpp"

#include "counter_sets.hpp"
#include "fake_kernel.hpp"
#include "oracle.hpp"
#include "sample_events.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <sys/resource.h>
#include <vector>

using namespace pmc;
using pmc::test::plan_of;

namespace {

constexpr pid_t some_pid = 4711;

std::vector<pmc::Event> four() {
    return {sample::cycles(), sample::instructions(), sample::branches(), sample::task_clock()};
}

/// The three of the PMU, and task-clock.
Plan two_groups(bool explicit_group = false) {
    return plan_of({{{0, 1, 2}, explicit_group}, {{3}, false}});
}

const pmc::GroupCount& of(const Counts& counts, std::size_t event) {
    const auto found =
        std::find_if(counts.begin(), counts.end(), [&](const pmc::GroupCount& count) { return count.event == event; });
    REQUIRE(found != counts.end());
    return *found;
}

/// One row, of a command that is yet to exec.
CounterSet open_on_exec(std::vector<pmc::Event> events, const Plan& plan, pid_t pid, Mode mode) {
    CounterSet set(std::move(events), plan, Machine::host(), {mode, true, true});
    set.open({.pid = pid, .row = set.add_row()});
    return set;
}

CounterSet open(const Plan& plan, std::vector<pmc::Event> events = four(), Mode mode = Mode::user_kernel) {
    return open_on_exec(std::move(events), plan, some_pid, mode);
}

/// What a command counts, for real.
struct Run {
    Counts counts;
    pmc::kernel::Child::End end;
};
Run run(const char* argument, std::vector<pmc::Event> events, const Plan& plan) {
    auto child = pmc::kernel::Child::spawn({{"/proc/self/exe", argument}});
    REQUIRE(child);
    CounterSet set = open_on_exec(std::move(events), plan, child->pid(), Mode::user);
    oracle::call(50); // the parent is not counted
    REQUIRE(child->release());
    const pmc::kernel::Child::End end = child->wait();
    return {set.read_all(), end};
}

} // namespace

TEST_SUITE("counter_set") {
    TEST_CASE("groups wait for the command's exec, and follow all that it starts") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = open(two_groups());
        REQUIRE(kernel.opens().size() == 4);
        for (std::size_t i = 0; i < 4; ++i) {
            const fake::OpenCall& call = kernel.opens()[i];
            const bool leads = i == 0 || i == 3;
            CHECK(call.pid == some_pid);
            CHECK(call.cpu == -1);
            CHECK(call.group_fd == (leads ? -1 : kernel.opens()[0].fd));
            CHECK(call.attr.disabled == leads);
            CHECK(call.attr.enable_on_exec == leads);
            CHECK(call.attr.inherit);
            CHECK_FALSE(call.attr.exclude_kernel);
        }
        CHECK(kernel.ioctls().empty());
    }

    TEST_CASE("every count carries its event, its group and its times") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = open(two_groups());
        kernel.set_times(300, 100);
        kernel.set_value(1, 70);
        const Counts counts = set.read_all();
        REQUIRE(counts.size() == 4);
        CHECK(of(counts, 1).group == 0);
        CHECK(of(counts, 1).count.raw() == 70);
        CHECK(of(counts, 1).count.value() == 210.0);
        CHECK_FALSE(of(counts, 1).reason);
        CHECK(of(counts, 3).group == 1);
    }

    TEST_CASE("an event in two groups is counted in each") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const Counts counts = open(plan_of({{{0, 1}}, {{1, 2}}})).read_all();
        CHECK(std::count_if(counts.begin(), counts.end(), [](const auto& count) { return count.event == 1; }) == 2);
    }

    TEST_CASE("siblings are closed before their leader") {
        fake::Kernel kernel{fake::Kernel::made_up};
        { const CounterSet set = open(two_groups()); }
        REQUIRE(kernel.closes().size() == 4);
        CHECK(kernel.live() == 0);
        const auto& closes = kernel.closes();
        const auto place = [&](std::size_t nth) {
            return std::find(closes.begin(), closes.end(), kernel.opens()[nth].fd) - closes.begin();
        };
        CHECK(place(0) > place(1));
        CHECK(place(0) > place(2));
    }

    TEST_CASE("a set may be moved, and replaced") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set;
        CHECK(set.read_all().empty());
        set = open(two_groups());
        CHECK(kernel.live() == 4);
        set = open(plan_of({{{0}}}));
        CHECK(kernel.live() == 1);
        CHECK(set.read_all().size() == 1);
    }

    TEST_CASE("every open of a set may fail with any errno: only this event is lost, and says why") {
        for (const int error : {EACCES, EPERM, ENOENT, EINVAL, EMFILE, ENOSPC, EBUSY, ENOSYS, EOPNOTSUPP, ESRCH}) {
            for (std::size_t lost = 0; lost < 4; ++lost) {
                CAPTURE(error);
                CAPTURE(lost);
                fake::Kernel kernel{fake::Kernel::made_up};
                const pmc::Event event = four()[lost];
                kernel.fail_open_if([&](const fake::OpenCall& call) {
                    return call.attr.type == event.type && call.attr.config == event.config ? error : 0;
                });
                {
                    CounterSet set = open(two_groups());
                    const Counts counts = set.read_all();
                    REQUIRE(counts.size() == 4);
                    for (std::size_t i = 0; i < 4; ++i) {
                        CAPTURE(i);
                        CHECK(of(counts, i).count.state() == (i == lost ? State::not_available : State::counted));
                        CHECK(static_cast<bool>(of(counts, i).reason) == (i == lost));
                    }
                    const pmc::Reason& reason = of(counts, lost).reason;
                    const pmc::Reason expected = Machine::host().why(error, event.name, event.pmu, true);
                    CHECK(reason.cause == expected.cause);
                    CHECK(reason.error == error);
                    CHECK(kernel.live() == 3);
                }
                CHECK(kernel.live() == 0);
            }
        }
    }

    TEST_CASE("where the leader does not open, the next one leads") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open(0, ENOENT);
        CounterSet set = open(two_groups());
        CHECK(kernel.opens()[1].group_fd == -1);
        CHECK(kernel.opens()[1].attr.disabled);
        CHECK(kernel.opens()[1].attr.enable_on_exec);
        CHECK(kernel.opens()[2].group_fd == kernel.opens()[1].fd);
        CHECK(of(set.read_all(), 2).count.raw() == 3000);
    }

    TEST_CASE("an explicit group is counted together or not at all, whoever fails") {
        for (std::size_t nth = 0; nth < 3; ++nth) {
            CAPTURE(nth);
            fake::Kernel kernel{fake::Kernel::made_up};
            kernel.fail_open(nth, EACCES);
            CounterSet set = open(two_groups(true));
            const Counts counts = set.read_all();
            REQUIRE(counts.size() == 4);
            for (std::size_t i = 0; i < 3; ++i) {
                CHECK(of(counts, i).count.state() == State::not_available);
                CHECK(of(counts, i).reason.error == EACCES);
                const bool names_it = of(counts, i).reason.evidence.find(four()[nth].name) != std::string::npos;
                CHECK(names_it == (i != nth));
            }
            CHECK(of(counts, 3).count.has_value());
            CHECK(kernel.live() == 1);
        }
    }

    TEST_CASE("an explicit group of two PMUs says what is wrong with it") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const Counts counts =
            open(plan_of({{{0, 1}, true}}), {sample::cycles(), sample::event("atom", "cpu_atom", 10, 1)}).read_all();
        REQUIRE(counts.size() == 2);
        CHECK(of(counts, 1).reason.cause == Cause::rejected);
        CHECK(of(counts, 1).reason.evidence.find("cpu_atom") != std::string::npos);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("a group too large for the PMU keeps what fits, unless it is explicit") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.limit_group(2);
        const Counts counts = open(two_groups()).read_all();
        CHECK(of(counts, 1).count.has_value());
        CHECK(of(counts, 2).count.state() == State::not_available);
        CHECK(of(counts, 2).reason.cause == Cause::group_too_large);
        const Counts together = open(two_groups(true)).read_all();
        CHECK(of(together, 0).reason.cause == Cause::group_too_large);
        CHECK(of(together, 2).reason.cause == Cause::group_too_large);
    }

    TEST_CASE("a group that was enabled but never on the PMU is not counted, and never 0") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = open(two_groups());
        kernel.set_times(1000, 0);
        const Counts counts = set.read_all();
        CHECK(of(counts, 0).count.state() == State::not_counted);
        CHECK(of(counts, 0).reason.cause == Cause::never_scheduled);
        CHECK(of(counts, 0).reason.evidence.find("group of 3 events") != std::string::npos);
        CHECK_FALSE(of(counts, 0).reason.remedy.empty());
        CHECK(of(counts, 0).count.enabled_ns() == 1000);
    }

    TEST_CASE("a command that never ran is not counted either, for another reason") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = open(two_groups());
        kernel.set_times(0, 0);
        CHECK(of(set.read_all(), 0).count.state() == State::not_counted);
        CHECK(of(set.read_all(), 0).reason.cause == Cause::never_ran);
    }

    TEST_CASE("a read that fails is not counted, with its reason") {
        for (const pmc::test::ReadFailure& failure : pmc::test::read_failures()) {
            CAPTURE(failure.name);
            fake::Kernel kernel{fake::Kernel::made_up};
            CounterSet set = open(two_groups());
            kernel.on_read(failure.make);
            const Counts counts = set.read_all();
            REQUIRE(counts.size() == 4);
            for (const pmc::GroupCount& count : counts) {
                CHECK(count.count.state() == State::not_counted);
                CHECK(count.reason.cause == failure.cause);
            }
        }
    }

    TEST_CASE("a read that is interrupted is asked again") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CounterSet set = open(two_groups());
        int interruptions = 0;
        kernel.on_read([&](std::vector<std::uint64_t>&) { return ++interruptions % 4 == 0 ? 0 : -EINTR; });
        for (const pmc::GroupCount& count : set.read_all())
            CHECK(count.count.state() == State::counted);
        CHECK(interruptions == 8);
    }

    TEST_CASE("too many files: the reason has the arithmetic") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open_if([](const fake::OpenCall&) { return EMFILE; });
        const Counts counts = open(two_groups()).read_all();
        CHECK(of(counts, 0).reason.cause == Cause::too_many_files);
        CHECK(of(counts, 0).reason.evidence.find("4 events in 2 groups") != std::string::npos);
    }

    TEST_CASE("the real limit of open files is met with the same reason, and left as it was") {
        fake::Kernel kernel;
        rlimit old{};
        REQUIRE(getrlimit(RLIMIT_NOFILE, &old) == 0);
        const rlimit few{3, old.rlim_max};
        REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
        auto set = open_on_exec({sample::task_clock()}, plan_of({{{0}}}), 0, Mode::user);
        rlimit after{};
        (void)getrlimit(RLIMIT_NOFILE, &after);
        (void)setrlimit(RLIMIT_NOFILE, &old);
        CHECK(after.rlim_cur == 3);
        CHECK(of(set.read_all(), 0).reason.cause == Cause::too_many_files);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("an index that means nothing is no crash") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CHECK(open(plan_of({{{99, 0}}, {{}}, {{98}, true}})).read_all().size() == 1);
    }

    TEST_CASE("a real command is counted from its exec on, exactly") {
        const Run calling = run(oracle::calling_command, {oracle::calls(), sample::task_clock(), sample::page_faults()},
                                plan_of({{{0, 1}, true}, {{2}}}));
        // Its status is not asked: the leak sanitizer's clone at exit fails under an inherited uprobe (oracle.hpp).
        REQUIRE(calling.counts.size() == 3);
        if (!of(calling.counts, 0).count.has_value()) { // without CAP_PERFMON
            CHECK(of(calling.counts, 0).reason.cause == Cause::paranoid);
            return;
        }
        CHECK(of(calling.counts, 0).count.value() == oracle::command_calls);
        CHECK(of(calling.counts, 0).count.coverage() == 1.0);
        CHECK(of(calling.counts, 1).count.value() > 0.0);
        CHECK(of(calling.counts, 2).count.value() > 0.0);
    }

    TEST_CASE("a real command is counted with its threads and children") {
        const Run faulting =
            run(oracle::faulting_command, {sample::page_faults(), sample::minor_faults()}, plan_of({{{0, 1}}}));
        CHECK(faulting.end.status == 0);
        const double counted = of(faulting.counts, 0).count.value();
        CHECK(counted >= oracle::all_faults);
        // the kernel's own book-keeping, which began before the exec
        CHECK(counted <= static_cast<double>(faulting.end.usage.ru_minflt + faulting.end.usage.ru_majflt));
        CHECK(of(faulting.counts, 1).count.value() >= oracle::all_faults);
    }

    TEST_CASE("a command that is gone before it is counted says so") {
        pid_t gone = 0;
        {
            auto child = pmc::kernel::Child::spawn({{"true"}});
            REQUIRE(child);
            gone = child->pid();
        }
        const Counts counts = open_on_exec({sample::task_clock()}, plan_of({{{0}}}), gone, Mode::user).read_all();
        CHECK(of(counts, 0).reason.cause == Cause::target_gone);
    }

    TEST_CASE("a command that never comes to its exec never ran") {
        auto child = pmc::kernel::Child::spawn({{"/nonexistent/command"}});
        REQUIRE(child);
        CounterSet set = open_on_exec({sample::task_clock()}, plan_of({{{0}}}), child->pid(), Mode::user);
        CHECK_FALSE(child->release());
        CHECK(of(set.read_all(), 0).reason.cause == Cause::never_ran);
    }
}
