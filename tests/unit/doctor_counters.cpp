#include "doctor/counters.hpp"

#include "counter/open_event.hpp"

#include <pmc/reading.hpp>

#include "fake_kernel.hpp"
#include "sample_events.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using pmc::Cause;
using pmc::Machine;
using pmc::doctor::find_room;
using pmc::doctor::Room;

namespace {

/// Of a PMU that a test makes up: nothing of it is remembered.
Room room_of(fake::Kernel& kernel) {
    pmc::reset_probe_cache();
    const Room room = find_room(sample::cycles(), sample::instructions(), Machine::host());
    pmc::reset_probe_cache();
    CHECK(kernel.live() == 0);
    return room;
}

} // namespace

TEST_SUITE("doctor_counters") {
    TEST_CASE("there are as many counters as events open in one group") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.limit_group(7);
        const Room room = room_of(kernel);
        CHECK(room.counters == 7);
        CHECK(room.free == 7);
        CHECK(room.is_bounded());
        CHECK_FALSE(room.none);
        CHECK_FALSE(room.held);
    }

    TEST_CASE("as arm64 has it before 6.2: a group that opens with a disabled leader is no proof") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.limit_group(7);
        kernel.overlook_disabled_leader();
        CHECK(room_of(kernel).counters == 7);
    }

    TEST_CASE("what opens but never runs has been taken by somebody else") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.limit_group(6);
        kernel.on_read([](std::vector<std::uint64_t>& words) {
            constexpr std::size_t enabled = 1;
            constexpr std::size_t running = 2;
            constexpr std::uint64_t free_counters = 4;
            if (words[0] > free_counters) {
                words[enabled] = 1'000'000'000;
                words[running] = 0;
            }
            return static_cast<int>(words.size());
        });
        const Room room = room_of(kernel);
        CHECK(room.counters == 6);
        CHECK(room.free == 4);
        CHECK(room.held.cause == Cause::counters_busy);
        CHECK_FALSE(room.held.remedy.empty());
    }

    TEST_CASE("a PMU that takes all that a group may have is told as such") {
        fake::Kernel kernel{fake::Kernel::made_up};
        const Room room = room_of(kernel);
        CHECK(room.counters == pmc::Reading::capacity);
        CHECK_FALSE(room.is_bounded());
    }

    TEST_CASE("where not one event opens, the reason is that of the first") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open_if([](const fake::OpenCall&) { return EPERM; });
        const Room room = room_of(kernel);
        CHECK(room.counters == 0);
        CHECK(room.free == 0);
        CHECK(room.none.error == EPERM);
    }
}
