#include <doctest/doctest.h>

#include "counter/open_event.hpp"

#include "fake_kernel.hpp"
#include "sample_events.hpp"

#include <cerrno>
#include <string>

using pmc::Cause;
using pmc::Machine;
using pmc::Mode;
using pmc::probe;

namespace {

struct Fresh {
    Fresh() { pmc::reset_probe_cache(); }
    Fresh(const Fresh&) = delete;
    Fresh& operator=(const Fresh&) = delete;
    ~Fresh() { pmc::reset_probe_cache(); }
};

} // namespace

TEST_SUITE("probe") {
    TEST_CASE("a group that opens leaves nothing open") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        CHECK_FALSE(probe({sample::cycles(), sample::instructions()}, Mode::user, Machine::host()));
        REQUIRE(kernel.opens().size() == 2);
        CHECK(kernel.opens()[1].group_fd == kernel.opens()[0].fd);
        CHECK(kernel.live() == 0);
        CHECK(kernel.closes().back() == kernel.opens().front().fd); // the leader last
    }

    TEST_CASE("the leader is enabled, or arm64 would not count it when it checks the group") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.limit_group(2);
        kernel.overlook_disabled_leader();
        const pmc::Reason reason =
            probe({sample::cycles(), sample::instructions(), sample::branches()}, Mode::user, Machine::host());
        CHECK(reason.cause == Cause::group_too_large);
        CHECK_FALSE(kernel.opens().front().attr.disabled);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("the second question has its answer without a system call") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open(0, EOPNOTSUPP);
        kernel.fail_open(1, EOPNOTSUPP);
        const pmc::Reason first = probe({sample::cycles()}, Mode::user, Machine::host());
        const std::size_t asked = kernel.opens().size();
        const pmc::Reason again = probe({sample::cycles()}, Mode::user, Machine::host());
        CHECK(first.cause == Cause::not_on_this_cpu);
        CHECK(again.cause == first.cause);
        CHECK(again.evidence == first.evidence);
        CHECK(kernel.opens().size() == asked);
    }

    TEST_CASE("another mode, order or event is another question") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        (void)probe({sample::cycles()}, Mode::user, Machine::host());
        (void)probe({sample::cycles()}, Mode::user_kernel, Machine::host());
        (void)probe({sample::instructions()}, Mode::user, Machine::host());
        CHECK(kernel.opens().size() == 3);
    }

    TEST_CASE("a passing shortage is not remembered") {
        for (const int error : {EMFILE, ENFILE, ENOMEM, EBUSY, ENOSPC}) {
            CAPTURE(error);
            const Fresh fresh;
            fake::Kernel kernel{fake::Kernel::made_up};
            kernel.fail_open(0, error);
            CHECK(probe({sample::cycles()}, Mode::user, Machine::host()).error == error);
            CHECK_FALSE(probe({sample::cycles()}, Mode::user, Machine::host()));
        }
    }

    TEST_CASE("the reason is that of the first event that can't be had") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        SUBCASE("unavailable") {
            pmc::Event event = sample::branches();
            event.unavailable = {.cause = Cause::not_on_this_cpu, .error = 0, .evidence = "x", .remedy = ""};
            CHECK(probe({sample::cycles(), event}, Mode::user, Machine::host()).evidence == "x");
            CHECK(kernel.opens().empty());
        }
        SUBCASE("two PMUs") {
            const pmc::Event other = sample::event("atom", "cpu_atom", 10, 1);
            const pmc::Reason reason = probe({sample::cycles(), other}, Mode::user, Machine::host());
            CHECK(reason.cause == Cause::rejected);
            CHECK(reason.evidence.find("cpu_atom") != std::string::npos);
            CHECK(kernel.opens().empty());
        }
        SUBCASE("refused by the kernel") {
            kernel.fail_open(1, ESRCH);
            CHECK(probe({sample::cycles(), sample::branches()}, Mode::user, Machine::host()).cause ==
                  Cause::target_gone);
        }
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("what counts in one place is tried there, for whoever runs") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        CHECK_FALSE(probe({sample::energy()}, Mode::user, Machine::host()));
        REQUIRE(kernel.opens().size() == 1);
        CHECK(kernel.opens()[0].pid == -1);
        CHECK(kernel.opens()[0].cpu == sample::energy().cpus.front());
    }

    TEST_CASE("software events join, but do not lead") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        CHECK_FALSE(probe({sample::task_clock(), sample::cycles()}, Mode::user, Machine::host()));
        CHECK(kernel.opens().front().attr.type == PERF_TYPE_HARDWARE);
    }

    TEST_CASE("nothing to count is openable") {
        CHECK_FALSE(probe({}, Mode::user, Machine::host()));
    }

    TEST_CASE("the real kernel takes a group of software events") {
        const Fresh fresh;
        CHECK_FALSE(probe({sample::task_clock(), sample::page_faults()}, Mode::user, Machine::host()));
    }

    TEST_CASE("a captured machine is not asked") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        CHECK_FALSE(probe({sample::cycles()}, Mode::user, Machine::from_tree("/nonexistent")));
        CHECK(kernel.opens().empty());
    }
}
