#include "screen.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fcntl.h>
#include <initializer_list>
#include <unistd.h>

TEST_SUITE("screen") {
    TEST_CASE("what is no terminal is as wide as COLUMNS says, else 100") {
        const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        unsetenv("COLUMNS");
        unsetenv("LINES");
        CHECK(cli::Screen::of(fd).columns == 100);
        CHECK(cli::Screen::of(fd).rows == 25);
        CHECK_FALSE(cli::Screen::of(fd).is_terminal);
        CHECK(cli::Screen::of(-1).columns == 100);
        setenv("COLUMNS", "72", 1);
        CHECK(cli::Screen::of(fd).columns == 72);
        for (const char* const junk : {"", "0", "-3", "wide", "99999999999"}) {
            setenv("COLUMNS", junk, 1);
            CHECK(cli::Screen::of(fd).columns == 100);
        }
        unsetenv("COLUMNS");
        close(fd);
    }
}
