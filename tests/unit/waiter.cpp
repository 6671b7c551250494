#include "waiter.hpp"

#include <doctest/doctest.h>

#include <array>
#include <fcntl.h>
#include <unistd.h>

using cli::now_ns;
using cli::Ticks;
using cli::Waiter;

TEST_SUITE("waiter") {
    TEST_CASE("ticks are at equal distances, whenever they are passed") {
        Ticks ticks(1000, 100);
        CHECK(ticks.next() == 1100);
        ticks.pass(1100);
        CHECK(ticks.next() == 1200);
        ticks.pass(1299); // late: the next is not
        CHECK(ticks.next() == 1300);
    }

    TEST_CASE("ticks that were missed are gone") {
        Ticks ticks(0, 100);
        ticks.pass(550);
        CHECK(ticks.next() == 600);
        ticks.pass(10'000'000'000'000);
        CHECK(ticks.next() == 10'000'000'000'100);
    }

    TEST_CASE("a tick that is not due yet is not passed") {
        Ticks ticks(0, 100);
        ticks.pass(99);
        CHECK(ticks.next() == 100);
    }

    TEST_CASE("what is due is told once, and what lies in the past at once") {
        Waiter waiter;
        waiter.set(Waiter::interval, now_ns() - 5);
        waiter.set(Waiter::timeout, now_ns() + 3'600'000'000'000);
        CHECK(waiter.wait().due[Waiter::interval]);
        waiter.set(Waiter::delay, now_ns() + 1'000'000);
        const Waiter::Woken woken = waiter.wait();
        CHECK_FALSE(woken.due[Waiter::interval]);
        CHECK(woken.due[Waiter::delay]);
        CHECK_FALSE(woken.due[Waiter::timeout]);
    }

    TEST_CASE("it never wakes before the time") {
        Waiter waiter;
        const std::int64_t due = now_ns() + 2'000'000;
        waiter.set(Waiter::interval, due);
        while (!waiter.wait().due[Waiter::interval]) {
        }
        CHECK(now_ns() >= due);
    }

    TEST_CASE("a descriptor wakes it; one that is no longer watched does not") {
        std::array<int, 2> ends{};
        REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
        REQUIRE(write(ends[1], "x", 1) == 1);
        Waiter waiter;
        waiter.watch(Waiter::control, ends[0]);
        CHECK(waiter.wait().readable[Waiter::control]);
        CHECK_FALSE(waiter.wait().readable[Waiter::signals]);
        waiter.watch(Waiter::control, -1);
        waiter.set(Waiter::look, now_ns());
        CHECK_FALSE(waiter.wait().readable[Waiter::control]);
        close(ends[0]);
        close(ends[1]);
    }

    TEST_CASE("the other side's end wakes it too") {
        std::array<int, 2> ends{};
        REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
        close(ends[1]);
        Waiter waiter;
        waiter.watch(Waiter::end, ends[0]);
        CHECK(waiter.wait().readable[Waiter::end]);
        close(ends[0]);
    }
}
