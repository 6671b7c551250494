#include "process.hpp"

#include <doctest/doctest.h>

#include <sstream>

using process::pmcstat;

TEST_SUITE("text report") {
    TEST_CASE("the standard set answers with time, CPU and the kernel's counts on any machine") {
        const Outcome outcome = pmcstat({"--", process::program("workers"), "spin", "50"});
        CHECK(outcome.status == 0);
        for (const char* const part : {"pmcstat: ", "pid ", "ipc", "branch", "llc", "cpu", "CPUs", "task clock",
                                       "faults", "time", "user", "sys", "max rss"})
            CHECK_MESSAGE(contains(outcome.err, part), part, " is missing in\n", outcome.err);
    }

    TEST_CASE("no line is a blank, a bare 0 or longer than a terminal's") {
        const Outcome outcome = pmcstat({"-e", "ipc,llc,branch,stalls,frequency,cpu", "--", "true"});
        std::istringstream lines(outcome.err);
        for (std::string line; std::getline(lines, line);) {
            CAPTURE(line);
            CHECK_FALSE(line.empty());
            CHECK_FALSE(line.ends_with(" "));
            if (!contains(line, "hint:") && !line.starts_with("pmcstat:"))
                CHECK(line.size() <= 100);
        }
    }

    TEST_CASE("an event is shown with all its digits") {
        const Outcome outcome = pmcstat({"-e", "page-faults", "--", process::program("workers"), "faults", "2000"});
        CHECK(contains(outcome.err, "page-faults"));
        CHECK(contains(outcome.err, "2,"));
    }

    TEST_CASE("-v tells the groups, the encodings and the raw counts") {
        const Outcome outcome = pmcstat({"-v", "-e", "task-clock,page-faults", "true"});
        for (const char* const part : {"group 0", "software/config=0x1/", "raw ", "enabled ", "table "})
            CHECK_MESSAGE(contains(outcome.err, part), part, " is missing in\n", outcome.err);
    }

    TEST_CASE("control characters of a command's name do not reach the terminal") {
        const Outcome outcome = pmcstat({"-e", "task-clock", "--", "true", "\x1b[31mred"});
        CHECK_FALSE(contains(outcome.err, "\x1b"));
    }

    TEST_CASE("diagnostics come only when they are asked for") {
        CHECK_FALSE(contains(pmcstat({"-e", "task-clock", "true"}).err, "debug"));
        CHECK(contains(pmcstat({"--log-level", "debug", "-e", "task-clock", "true"}).err, "pmcstat: debug: "));
    }
}
