#include <doctest/doctest.h>

#include "counter/open_event.hpp"

#include "fake_kernel.hpp"

#include <cerrno>

using pmc::Cause;
using pmc::Machine;
using pmc::Mode;
using pmc::permitted_mode;

namespace {

/// Asks anew, and leaves nothing behind for other tests.
struct Fresh {
    Fresh() { pmc::reset_permitted_mode(); }
    Fresh(const Fresh&) = delete;
    Fresh& operator=(const Fresh&) = delete;
    ~Fresh() { pmc::reset_permitted_mode(); }
};

} // namespace

TEST_SUITE("permission") {
    TEST_CASE("where the kernel may be counted, it is") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        const pmc::Permission& permission = permitted_mode(Machine::host());
        CHECK(permission.mode == Mode::user_kernel);
        CHECK_FALSE(permission.denied);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("where the kernel is forbidden, user mode is left") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open_if([](const fake::OpenCall& call) { return call.attr.exclude_kernel ? 0 : EACCES; });
        const pmc::Permission& permission = permitted_mode(Machine::host());
        CHECK(permission.mode == Mode::user);
        CHECK_FALSE(permission.denied);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("where nothing may be counted (Debian's level 3), the reason says so") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open_if([](const fake::OpenCall&) { return EACCES; });
        CHECK(permitted_mode(Machine::host()).denied.error == EACCES);
    }

    TEST_CASE("a filter of system calls denies all, without a second try") {
        for (const int error : {EPERM, ENOSYS}) {
            CAPTURE(error);
            const Fresh fresh;
            fake::Kernel kernel{fake::Kernel::made_up};
            kernel.fail_open_if([&](const fake::OpenCall&) { return error; });
            const pmc::Permission& permission = permitted_mode(Machine::host());
            CHECK(permission.denied.error == error);
            const bool named =
                permission.denied.cause == Cause::blocked || permission.denied.cause == Cause::no_perf_in_kernel;
            CHECK(named);
            CHECK(kernel.opens().size() == 1);
        }
    }

    TEST_CASE("the kernel is asked once") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        const pmc::Permission& once = permitted_mode(Machine::host());
        const pmc::Permission& again = permitted_mode(Machine::host());
        CHECK(&once == &again);
        CHECK(kernel.opens().size() == 1);
    }

    TEST_CASE("a shortage of files is of the moment, and is asked again") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open(0, EMFILE);
        CHECK(permitted_mode(Machine::host()).denied.cause == Cause::too_many_files);
        CHECK_FALSE(permitted_mode(Machine::host()).denied);
    }

    TEST_CASE("a captured machine is not asked") {
        const Fresh fresh;
        fake::Kernel kernel{fake::Kernel::made_up};
        CHECK_FALSE(permitted_mode(Machine::from_tree("/nonexistent")).denied);
        CHECK(kernel.opens().empty());
    }
}
