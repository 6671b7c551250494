#include <doctest/doctest.h>

#include "kernel/thread_mark.hpp"

#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using pmc::kernel::ThreadMark;

TEST_SUITE("thread_mark") {
    TEST_CASE("a mark is that of the thread that made it, and of no other") {
        const ThreadMark mark;
        REQUIRE(mark);
        CHECK(mark.is_mine());
        bool elsewhere = true;
        bool wiped = true;
        std::thread{[&] {
            elsewhere = mark.is_mine();
            wiped = mark.is_wiped();
        }}.join();
        CHECK_FALSE(elsewhere);
        CHECK_FALSE(wiped);
    }

    TEST_CASE("a fork's child finds it wiped, its parent does not") {
        const ThreadMark mark;
        const pid_t child = fork();
        if (child == 0)
            _exit(mark.is_wiped() && !mark.is_mine() ? 0 : 1);
        int status = -1;
        REQUIRE(waitpid(child, &status, 0) == child);
        CHECK(status == 0);
        CHECK(mark.is_mine());
    }
}
