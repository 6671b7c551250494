#include <doctest/doctest.h>

#include "counter/open_event.hpp"
#include "kernel/system_call.hpp"

#include "fake_kernel.hpp"
#include "oracle.hpp"
#include "sample_events.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <sys/resource.h>
#include <vector>

using pmc::Cause;
using pmc::Machine;
using pmc::Mode;
using pmc::open_event;
using pmc::Opened;

namespace {

std::uint64_t faults_so_far() {
    std::uint64_t faults = 0;
    for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage usage{};
        getrusage(who, &usage);
        faults += static_cast<std::uint64_t>(usage.ru_minflt + usage.ru_majflt);
    }
    return faults;
}

} // namespace

TEST_SUITE("open_event") {
    TEST_CASE("the attr asks for a group's read with both times, and says what is excluded") {
        const perf_event_attr user = make_attr(sample::cycles(), {.mode = Mode::user});
        CHECK(user.size == sizeof(perf_event_attr));
        CHECK(user.read_format ==
              (PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING));
        CHECK(user.exclude_kernel);
        CHECK(user.exclude_hv);
        CHECK_FALSE(user.exclude_user);
        CHECK_FALSE(user.exclude_guest);
        CHECK_FALSE(user.pinned);

        const perf_event_attr both = make_attr(sample::cycles(), {.mode = Mode::user_kernel});
        CHECK_FALSE(both.exclude_kernel);
        CHECK_FALSE(both.exclude_hv);
        CHECK_FALSE(both.exclude_user);

        const perf_event_attr kernel = make_attr(sample::cycles(), {.mode = Mode::kernel});
        CHECK(kernel.exclude_user);
        CHECK_FALSE(kernel.exclude_kernel);
    }

    TEST_CASE("an event's own mode wins over the set's") {
        pmc::Event event = sample::cycles();
        event.has_mode = true;
        event.mode = Mode::kernel;
        const perf_event_attr attr = make_attr(event, {.mode = Mode::user});
        CHECK(attr.exclude_user);
        CHECK_FALSE(attr.exclude_kernel);
    }

    TEST_CASE("a PMU that counts in one place is asked for no privilege level") {
        const perf_event_attr attr = make_attr(sample::energy(), {.mode = Mode::user});
        CHECK_FALSE(attr.exclude_kernel);
        CHECK_FALSE(attr.exclude_hv);
    }

    TEST_CASE("what was asked for reaches the kernel, always close-on-exec") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const Opened opened = open_event(
            sample::cycles(),
            {.pid = 42, .cpu = 3, .mode = Mode::user, .disabled = true, .inherit = true, .enable_on_exec = true},
            Machine::host());
        REQUIRE(opened.fd);
        REQUIRE(kernel.opens().size() == 1);
        const fake::OpenCall& call = kernel.opens().front();
        CHECK(call.pid == 42);
        CHECK(call.cpu == 3);
        CHECK(call.group_fd == -1);
        CHECK(call.flags == PERF_FLAG_FD_CLOEXEC);
        CHECK(call.attr.disabled);
        CHECK(call.attr.inherit);
        CHECK(call.attr.enable_on_exec);
        CHECK(opened.tried.empty());
        CHECK_FALSE(opened.reason);
    }

    TEST_CASE("an interrupted open is tried again") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open(0, EINTR);
        kernel.fail_open(1, EINTR);
        CHECK(open_event(sample::cycles(), {}, Machine::host()).fd);
        CHECK(kernel.opens().size() == 3);
    }

    TEST_CASE("an older kernel is asked in its own attr size") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.set_attr_size(PERF_ATTR_SIZE_VER3);
        CHECK(open_event(sample::cycles(), {}, Machine::host()).fd);
        CHECK(kernel.opens().back().attr.size == PERF_ATTR_SIZE_VER3);
    }

    TEST_CASE("an older kernel is not asked for what it can't know") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.set_attr_size(PERF_ATTR_SIZE_VER0); // before config2
        pmc::Event event = sample::cycles();
        event.config2 = 1;
        const Opened opened = open_event(event, {}, Machine::host());
        CHECK_FALSE(opened.fd);
        CHECK(opened.error == E2BIG);
        CHECK(opened.reason.cause == Cause::rejected);
        CHECK(kernel.opens().size() == 1);
    }

    TEST_CASE("a kernel that refuses every size does not hang the ladder") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open_if([](const fake::OpenCall&) { return E2BIG; });
        CHECK(open_event(sample::cycles(), {}, Machine::host()).error == E2BIG);
    }

    TEST_CASE("a PMU that can't tell guests apart (Apple M1) is asked without them, and that is told") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open_if([](const fake::OpenCall& call) { return call.attr.exclude_guest ? 0 : EOPNOTSUPP; });
        const Opened opened = open_event(sample::cycles(), {.mode = Mode::user}, Machine::host());
        CHECK(opened.fd);
        CHECK(opened.tried == std::vector<std::string>{"user: EOPNOTSUPP", "user without guests: opened"});
    }

    TEST_CASE("no mode is given up silently: EACCES stands") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open_if([](const fake::OpenCall& call) { return call.attr.exclude_kernel ? 0 : EACCES; });
        const Opened opened = open_event(sample::cycles(), {.mode = Mode::user_kernel}, Machine::host());
        CHECK_FALSE(opened.fd);
        CHECK(opened.error == EACCES);
        CHECK(opened.tried == std::vector<std::string>{"user+kernel: EACCES"});
        CHECK(kernel.opens().size() == 1);
    }

    TEST_CASE("what is known beforehand is not asked of the kernel") {
        fake::Kernel kernel{fake::Kernel::made_up};
        SUBCASE("unavailable") {
            pmc::Event event = sample::cycles();
            event.unavailable = {.cause = Cause::not_on_this_cpu, .error = 0, .evidence = "x", .remedy = ""};
            CHECK(open_event(event, {}, Machine::host()).reason.cause == Cause::not_on_this_cpu);
        }
        SUBCASE("a socket's event for a process") {
            CHECK(open_event(sample::energy(), {}, Machine::host()).reason.cause == Cause::counts_elsewhere);
        }
        SUBCASE("context switches, which happen in the kernel, without the kernel") {
            const Opened opened = open_event(sample::context_switches(), {.mode = Mode::user}, Machine::host());
            CHECK(opened.reason.cause == Cause::needs_kernel_mode);
        }
        SUBCASE("migrations") {
            const pmc::Event event = sample::software("cpu-migrations", PERF_COUNT_SW_CPU_MIGRATIONS);
            CHECK(open_event(event, {.mode = Mode::user}, Machine::host()).reason.cause == Cause::needs_kernel_mode);
        }
        SUBCASE("a tracepoint of the scheduler") {
            const pmc::Event event = sample::event("sched:sched_switch", "tracepoint", PERF_TYPE_TRACEPOINT, 300);
            CHECK(open_event(event, {.mode = Mode::user}, Machine::host()).reason.cause == Cause::needs_kernel_mode);
        }
        CHECK(kernel.opens().empty());
    }

    TEST_CASE("what happens in the kernel is opened where the kernel counts") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CHECK(open_event(sample::context_switches(), {.mode = Mode::user_kernel}, Machine::host()).fd);
        pmc::Event own_mode = sample::context_switches();
        own_mode.has_mode = true;
        own_mode.mode = Mode::kernel;
        CHECK(open_event(own_mode, {.mode = Mode::user}, Machine::host()).fd);
        const pmc::Event call = sample::event("syscalls:sys_enter_getppid", "tracepoint", PERF_TYPE_TRACEPOINT, 300);
        CHECK(open_event(call, {.mode = Mode::user}, Machine::host()).fd);
        CHECK(open_event(sample::energy(), {.pid = -1, .cpu = 0}, Machine::host()).fd);
    }

    TEST_CASE("EINVAL for a sibling that opens alone is the group's size") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.limit_group(1);
        const Opened leader = open_event(sample::cycles(), {.disabled = true}, Machine::host());
        REQUIRE(leader.fd);
        const Opened sibling =
            open_event(sample::instructions(), {.group_fd = leader.fd.get(), .members = 1}, Machine::host());
        CHECK_FALSE(sibling.fd);
        CHECK(sibling.error == EINVAL);
        CHECK(sibling.reason.cause == Cause::group_too_large);
        CHECK(sibling.reason.evidence.find("group of 2") != std::string::npos);
        CHECK(kernel.live() == 1); // the try alone is closed again
    }

    TEST_CASE("EINVAL for a sibling that does not open alone either is its own") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const Opened leader = open_event(sample::cycles(), {.disabled = true}, Machine::host());
        kernel.fail_open_if([](const fake::OpenCall&) { return EINVAL; });
        const Opened sibling =
            open_event(sample::instructions(), {.group_fd = leader.fd.get(), .members = 1}, Machine::host());
        CHECK(sibling.reason.cause == Cause::rejected);
        CHECK(kernel.opens().size() == 3);
        CHECK(kernel.live() == 1);
    }

    TEST_CASE("each errno has its diagnosis") {
        struct Row {
            int error;
            Cause cause;
        };
        const std::vector<Row> rows{{ESRCH, Cause::target_gone},     {EMFILE, Cause::too_many_files},
                                    {ENFILE, Cause::too_many_files}, {EBUSY, Cause::counters_busy},
                                    {ENOSPC, Cause::counters_busy},  {ENOMEM, Cause::out_of_memory},
                                    {EINVAL, Cause::rejected}};
        for (const Row& row : rows) {
            CAPTURE(row.error);
            fake::Kernel kernel{fake::Kernel::made_up};
            kernel.fail_open_if([&](const fake::OpenCall&) { return row.error; });
            const Opened opened = open_event(sample::cycles(), {.mode = Mode::user}, Machine::host());
            CHECK_FALSE(opened.fd);
            CHECK(opened.error == row.error);
            CHECK(opened.reason.cause == row.cause);
            CHECK(opened.reason.error == row.error);
            CHECK_FALSE(opened.reason.evidence.empty());
            CHECK(kernel.live() == 0);
        }
    }

    TEST_CASE("the real kernel opens a software event") {
        fake::Kernel kernel;
        {
            const Opened opened = open_event(sample::task_clock(), {.mode = Mode::user}, Machine::host());
            CHECK(opened.fd);
            CHECK(kernel.live() == 1);
        }
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("an inherited group counts the threads and children to come") {
        const Opened leader =
            open_event(sample::page_faults(), {.mode = Mode::user, .disabled = true, .inherit = true}, Machine::host());
        REQUIRE(leader.fd);
        const Opened sibling = open_event(
            sample::task_clock(), {.group_fd = leader.fd.get(), .mode = Mode::user, .inherit = true}, Machine::host());
        REQUIRE(sibling.fd);
        const std::uint64_t before = faults_so_far();
        REQUIRE(pmc::kernel::perf_ioctl(leader.fd.get(), PERF_EVENT_IOC_ENABLE, 0) == 0);
        oracle::fault_everywhere();
        std::array<std::uint64_t, 5> words{}; // nr, enabled, running, page-faults, task-clock
        CHECK(pmc::kernel::perf_read(leader.fd.get(), words.data(), sizeof(words)) == sizeof(words));
        CHECK(words[0] == 2);
        CHECK(words[3] >= oracle::all_faults);
        CHECK(words[3] <= faults_so_far() - before); // the kernel's own book-keeping
        CHECK(words[4] > 0);
    }

    TEST_CASE("the real kernel says why it knows no such event") {
        const Opened opened = open_event(sample::software("no-such", 9999), {.mode = Mode::user}, Machine::host());
        CHECK_FALSE(opened.fd);
        CHECK(opened.reason);
    }
}
