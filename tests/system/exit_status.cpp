#include "process.hpp"

#include <doctest/doctest.h>

using process::pmcstat;

TEST_SUITE("exit status") {
    TEST_CASE("the command's own status is pmcstat's, and the report is printed") {
        for (const int status : {0, 1, 7, 120, 255}) {
            const Outcome outcome = pmcstat({"-e", "task-clock", "--", "sh", "-c", "exit " + std::to_string(status)});
            CHECK(outcome.status == status);
            CHECK(contains(outcome.err, "task-clock"));
        }
        CHECK(pmcstat({"--", "false"}).status == 1);
        CHECK(pmcstat({"true"}).status == 0);
    }

    TEST_CASE("a command that a signal ended gives 128 plus its number") {
        const Outcome segv = pmcstat({"--", "sh", "-c", "kill -SEGV $$"});
        CHECK(segv.status == 139);
        CHECK(contains(segv.err, "SIGSEGV"));
        CHECK(contains(segv.err, "time"));
        CHECK(pmcstat({"sh", "-c", "kill -TERM $$"}).status == 143);
        CHECK(pmcstat({"sh", "-c", "kill -KILL $$"}).status == 137);
    }

    TEST_CASE("the command's output and input are its own") {
        const Outcome outcome = pmcstat({"-e", "task-clock", "sh", "-c", "echo out; echo err >&2"});
        CHECK(outcome.out == "out\n");
        CHECK(contains(outcome.err, "err\n"));
    }

    TEST_CASE("the command's arguments are its own, whatever they look like") {
        CHECK(pmcstat({"-e", "task-clock", "echo", "-e", "x", "--version"}).out == "x --version\n");
        CHECK(pmcstat({"--", "echo", "--", "-o"}).out == "-- -o\n");
    }

    TEST_CASE("a command that does not exist is 127, one that can't be executed 126, and no report is made") {
        const Outcome missing = pmcstat({"--", "./no-such-program"});
        CHECK(missing.status == 127);
        CHECK(contains(missing.err, "./no-such-program"));
        CHECK_FALSE(contains(missing.err, "task"));
        CHECK(pmcstat({"no-such-program-in-path"}).status == 127);
        CHECK(pmcstat({"--", "/"}).status == 126);
        const std::string text = process::scratch() + "/not-executable";
        process::run({"sh", "-c", "echo hello > " + text + "; chmod 644 " + text});
        CHECK(pmcstat({"--", text}).status == 126);
        const std::string garbage = process::scratch() + "/garbage";
        process::run({"sh", "-c", "printf '\\177ELFgarbage' > " + garbage + "; chmod 755 " + garbage});
        CHECK(pmcstat({"--", garbage}).status == 126);
    }

    TEST_CASE("events that can't be counted do not change the status") {
        CHECK(pmcstat({"-e", "r123456", "true"}).status == 0);
        CHECK(pmcstat({"-e", "{cycles,instructions}", "false"}).status == 1);
    }

    TEST_CASE("help and version are 0, on stdout") {
        const Outcome help = pmcstat({"--help"});
        CHECK(help.status == 0);
        CHECK(contains(help.out, "pmcstat -e ipc,llc -- ./app"));
        const Outcome version = pmcstat({"--version"});
        CHECK(version.status == 0);
        CHECK(version.out.starts_with("pmcstat "));
    }
}
