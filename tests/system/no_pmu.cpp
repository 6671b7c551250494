#include "process.hpp"

#include <doctest/doctest.h>

using process::pmcstat;

TEST_SUITE("no pmu") {
    TEST_CASE("ipc and llc have a value where there is a PMU for them; where there is none the reason and the remedy") {
        const Outcome outcome = pmcstat({"-e", "ipc,llc", "--", "sh", "-c", "exit 6"});
        CAPTURE(outcome.err);
        CHECK(outcome.status == 6);
        if (process::machine_has_pmu()) {
            CHECK_FALSE(contains(outcome.err, "NO HARDWARE COUNTERS"));
        } else {
            CHECK(contains(outcome.err, "NO HARDWARE COUNTERS: "));
            CHECK(contains(outcome.err, "n/a"));
            CHECK(contains(outcome.err, "hint: "));
            for (const char* const part : {"task clock", "switches", "faults", "time"})
                CHECK(contains(outcome.err, part));
        }
    }

    TEST_CASE("a group of hardware events on no PMU does not take the software events with it") {
        const Outcome outcome = pmcstat({"--format", "json", "-e", "{cycles,instructions},task-clock", "--", "true"});
        const Json events = Json::parse(outcome.err)["samples"][0]["events"];
        CHECK(find_by(events, "name", "task-clock")["raw"] > 0);
        const Json cycles = find_by(events, "name", "cycles");
        CHECK(cycles["raw"].is_null() == !process::machine_has_pmu());
        if (cycles["raw"].is_null())
            CHECK_FALSE(cycles["reason"].get<std::string>().empty());
    }
}

TEST_SUITE("lab without a pmu") {
    TEST_CASE("the machine has none, and pmcstat says so, runs the command and counts what the kernel can") {
        REQUIRE_FALSE(process::machine_has_pmu());
        const Outcome outcome = pmcstat({"-e", "ipc,llc", "--", "sh", "-c", "exit 6"});
        CAPTURE(outcome.err);
        CHECK(outcome.status == 6);
        CHECK(contains(outcome.err, "NO HARDWARE COUNTERS: "));
        CHECK(contains(outcome.err, "task clock"));
        const Json json = Json::parse(pmcstat({"--format", "json", "-e", "ipc,cycles", "true"}).err);
        CHECK(find_by(json["samples"][0]["metrics"], "id", "ipc")["value"].is_null());
        CHECK(find_by(json["samples"][0]["events"], "name", "cycles")["raw"].is_null());
        CHECK(json["run"]["backend"] == "software");
    }
}
