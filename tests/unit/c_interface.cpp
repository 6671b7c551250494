#include <doctest/doctest.h>

#include <pmc/counter_group.hpp>
#include <pmc/pmc.h>

#include "allocations.hpp"
#include "fake_kernel.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace {

/// Closes what a test opened, however it ends.
struct Group {
    explicit Group(const char* events, unsigned flags = 0) : status(pmc_open(&handle, events, flags)) {}
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    ~Group() { pmc_close(handle); }

    pmc_group* handle = nullptr;
    pmc_status status;
};

std::string message() {
    return pmc_error_message();
}

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

double value(const pmc_reading& reading, unsigned index) {
    double value = -1;
    REQUIRE(pmc_value(&reading, index, &value));
    return value;
}

} // namespace

TEST_SUITE("c_interface") {
    TEST_CASE("a group is opened, read, subtracted and closed") {
        fake::Kernel kernel{fake::Kernel::made_up};
        {
            const Group group{"task-clock,page-faults:u"};
            REQUIRE(group.status == PMC_OK);
            CHECK(pmc_size(group.handle) == 2);
            CHECK(std::strcmp(pmc_name(group.handle, 1), "page-faults:u") == 0);
            pmc_reading before;
            pmc_reading after;
            pmc_reading spent;
            pmc_read(group.handle, &before);
            kernel.set_value(0, 1250);
            kernel.set_value(1, 2003);
            kernel.set_times(1400, 1200);
            pmc_read(group.handle, &after);
            pmc_subtract(&spent, &after, &before);
            CHECK(pmc_raw(&spent, 0) == 250);
            CHECK(pmc_raw(&spent, 1) == 3);
            CHECK(value(spent, 0) == 500.0);
            CHECK(value(spent, 1) == 6.0);
            CHECK(pmc_coverage(&spent, 1) == 0.5);
            CHECK(pmc_enabled_ns(&spent) == 400);
            CHECK(pmc_running_ns(&spent) == 200);
        }
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("C sees what C++ sees of the same group") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const Group group{"task-clock,page-faults"};
        REQUIRE(group.status == PMC_OK);
        pmc_reading reading;
        pmc_read(group.handle, &reading);
        pmc::Reading same;
        static_assert(sizeof same <= sizeof reading);
        std::memcpy(static_cast<void*>(&same), &reading, sizeof same);
        for (unsigned i = 0; i < 2; ++i) {
            CHECK(pmc_raw(&reading, i) == same[{i}].raw());
            CHECK(value(reading, i) == same[{i}].value());
        }
    }

    TEST_CASE("a difference may take the place of either reading") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const Group group{"task-clock"};
        pmc_reading before;
        pmc_reading after;
        pmc_read(group.handle, &before);
        kernel.set_value(0, 1007);
        kernel.set_times(1010, 1010);
        pmc_read(group.handle, &after);
        pmc_reading place = after;
        pmc_subtract(&place, &place, &before);
        CHECK(value(place, 0) == 7.0);
        place = before;
        pmc_subtract(&place, &after, &place);
        CHECK(value(place, 0) == 7.0);
        pmc_subtract(&place, &after, &after);
        CHECK(value(place, 0) == 0.0);
    }

    TEST_CASE("what was not counted is no value, and leaves the caller's number alone") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const Group group{"task-clock"};
        const Group other{"task-clock"};
        pmc_reading mine;
        pmc_reading theirs;
        pmc_reading spent;
        pmc_read(group.handle, &mine);
        pmc_read(other.handle, &theirs);
        pmc_subtract(&spent, &mine, &theirs); // of different groups
        double untouched = 42;
        CHECK_FALSE(pmc_value(&spent, 0, &untouched));
        CHECK_FALSE(pmc_value(&mine, 1, &untouched)); // there is no second counter
        CHECK_FALSE(pmc_value(&mine, ~0U, &untouched));
        kernel.on_read([](std::vector<std::uint64_t>&) { return -EIO; });
        pmc_read(group.handle, &mine);
        CHECK_FALSE(pmc_value(&mine, 0, &untouched));
        CHECK(untouched == 42);
        CHECK(pmc_raw(&mine, 0) == 0);
        CHECK(pmc_coverage(&mine, 0) == 0.0);
    }

    TEST_CASE("reading and subtracting allocate nothing") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const Group group{"task-clock,page-faults"};
        pmc_reading before;
        pmc_reading after;
        pmc_reading spent;
        const std::size_t own = [&] { // the made-up kernel's, for each read
            const std::size_t start = allocations();
            pmc_read(group.handle, &before);
            return allocations() - start;
        }();
        const std::size_t cpp = [&] {
            auto counters = pmc::CounterGroup::open({"task-clock", "page-faults"});
            REQUIRE(counters);
            const std::size_t start = allocations();
            (void)counters->read();
            return allocations() - start;
        }();
        CHECK(own == cpp);
        pmc_read(group.handle, &after);
        const std::size_t start = allocations();
        pmc_subtract(&spent, &after, &before);
        CHECK(value(spent, 0) == 0.0);
        (void)pmc_raw(&spent, 0);
        (void)pmc_coverage(&spent, 1);
        CHECK(allocations() == start);
    }

    TEST_CASE("the path of reading, and why") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const Group group{"task-clock", PMC_READ_BY_SYSTEM_CALL};
        REQUIRE(group.status == PMC_OK);
        CHECK(pmc_read_path(group.handle) == PMC_SYSTEM_CALL);
        CHECK_FALSE(std::string{pmc_read_path_reason(group.handle)}.empty());
    }

    TEST_CASE("each kind of failure has its status, a message and a hint") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CHECK(Group{"task-clock,,"}.status == PMC_SYNTAX);
        CHECK_FALSE(message().empty());
        CHECK(Group{"no-such-event"}.status == PMC_UNKNOWN_NAME);
        CHECK(contains(message(), "no-such-event"));
        CHECK_FALSE(std::string{pmc_error_hint()}.empty());
        CHECK(Group{""}.status != PMC_OK);
        CHECK(Group{"x=cycles/instructions"}.status == PMC_MISUSE);
        CHECK(Group{"task-clock", 1U << 7}.status == PMC_MISUSE);
        CHECK(pmc_error_errno() == 0);
        CHECK(std::strcmp(pmc_error_cause(), "none") == 0);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("what can't be counted tells its cause and errno, and gives no group") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open_if([](const fake::OpenCall&) { return EMFILE; });
        auto* handle = reinterpret_cast<pmc_group*>(1);
        CHECK(pmc_open(&handle, "task-clock", 0) == PMC_NOT_AVAILABLE);
        CHECK(handle == nullptr);
        CHECK(pmc_error_errno() == EMFILE);
        CHECK(std::strcmp(pmc_error_cause(), "too_many_files") == 0);
        CHECK(contains(message(), "task-clock"));
    }

    TEST_CASE("an error is its thread's own, and stays until the next one") {
        CHECK(pmc_open(nullptr, "task-clock", 0) == PMC_MISUSE);
        const std::string here = message();
        std::thread{[] {
            CHECK(message().empty());
            CHECK(Group{"no-such-event"}.status == PMC_UNKNOWN_NAME);
        }}.join();
        CHECK(message() == here);
        fake::Kernel kernel{fake::Kernel::made_up};
        CHECK(Group{"task-clock"}.status == PMC_OK);
        CHECK(message() == here);
    }

    TEST_CASE("NULL is met everywhere") {
        fake::Kernel kernel{fake::Kernel::made_up};
        CHECK(pmc_open(nullptr, nullptr, 0) == PMC_MISUSE);
        CHECK(Group{nullptr}.status == PMC_MISUSE);
        pmc_close(nullptr);
        CHECK(pmc_size(nullptr) == 0);
        CHECK(std::string{pmc_name(nullptr, 0)}.empty());
        CHECK(pmc_read_path(nullptr) == PMC_SYSTEM_CALL);
        CHECK(std::string{pmc_read_path_reason(nullptr)}.empty());
        CHECK(std::string{pmc_read_path_hint(nullptr)}.empty());
        const Group group{"task-clock"};
        CHECK(std::string{pmc_name(group.handle, 1)}.empty());
        pmc_read(group.handle, nullptr);
        pmc_read(nullptr, nullptr);
        pmc_reading reading;
        pmc_read(nullptr, &reading);
        double untouched = 42;
        CHECK_FALSE(pmc_value(&reading, 0, &untouched));
        CHECK_FALSE(pmc_value(nullptr, 0, &untouched));
        pmc_reading good;
        pmc_read(group.handle, &good);
        CHECK_FALSE(pmc_value(&good, 0, nullptr));
        pmc_subtract(nullptr, &good, &good);
        pmc_subtract(&reading, nullptr, &good);
        CHECK_FALSE(pmc_value(&reading, 0, &untouched));
        pmc_subtract(&reading, &good, nullptr);
        CHECK_FALSE(pmc_value(&reading, 0, &untouched));
        CHECK(untouched == 42);
        CHECK(pmc_raw(nullptr, 0) == 0);
        CHECK(pmc_coverage(nullptr, 0) == 0.0);
        CHECK(pmc_enabled_ns(nullptr) == 0);
        CHECK(pmc_running_ns(nullptr) == 0);
    }

    TEST_CASE("a reading of zeros has no counter") {
        const pmc_reading zeros{};
        double untouched = 42;
        CHECK_FALSE(pmc_value(&zeros, 0, &untouched));
        pmc_reading spent;
        pmc_subtract(&spent, &zeros, &zeros);
        CHECK_FALSE(pmc_value(&spent, 0, &untouched));
        CHECK(untouched == 42);
    }
}
