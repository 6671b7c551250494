// A CPU is unplugged under what is counted there. Two CPUs: run with --smp 2, where a task that migrates is
// over-counted (QEMU's icount is shared by its CPUs).
#include "fault.hpp"
#include "loop.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <pmc/pmc.hpp>
#include <pmc/result.hpp>
#include <pmc/session.hpp>

#include <cstdint>
#include <fstream>
#include <sched.h>
#include <string>
#include <unistd.h>
#include <vector>

using fault::pmcstat_leaving_nothing;
using pmc::CounterGroup;
using pmc::Reading;
using pmc::State;

namespace {

const std::string cpu_1 = "/sys/devices/system/cpu/cpu1/online";

void plug(bool in) {
    std::ofstream(cpu_1) << (in ? "1" : "0");
}

/// CPU 1 is back at the end, whatever fails before.
struct PluggedIn {
    ~PluggedIn() { plug(true); }
};

/// Brings this thread to a CPU; whether it is there.
bool go_to(std::size_t cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0;
}
void go_anywhere() {
    cpu_set_t both;
    CPU_ZERO(&both);
    CPU_SET(0, &both);
    CPU_SET(1, &both);
    sched_setaffinity(0, sizeof both, &both);
}

/// CPU 1 goes and comes back, in a command that bounds what is counted.
const std::string unplug = "sleep 0.1; echo 0 >" + cpu_1 + "; sleep 0.1; echo 1 >" + cpu_1 + "; sleep 0.1; exit 3";

Json sample_of(const Outcome& outcome, int status) {
    CAPTURE(outcome.err);
    CHECK(outcome.status == status);
    return Json::parse(outcome.err)["samples"][0];
}

void check_counted(const Json& sample, const std::string& name, double least) {
    const Json event = find_by(sample["events"], "name", name);
    CHECK_MESSAGE(event["raw"] >= least, event.dump());
    CHECK_MESSAGE(event["raw"] <= 10 * least, event.dump());
}

} // namespace

TEST_SUITE("lab faults hotplug") {
    TEST_CASE("the CPU that a command is pinned to goes: the command runs on elsewhere, and is counted on") {
        const PluggedIn at_end;
        constexpr std::uint64_t rounds = 30'000'000;
        const std::string script = "taskset 2 " + process::program("workers") + " rounds " + std::to_string(rounds) +
                                   " & sleep 0.01; echo 0 >" + cpu_1 + "; wait; exit 3";
        const Json sample = sample_of(
            pmcstat_leaving_nothing({"--format", "json", "-e", "instructions:u,task-clock", "--", "sh", "-c", script}),
            3);
        check_counted(sample, "instructions:u", 2.0 * rounds);
        CHECK(find_by(sample["events"], "name", "task-clock")["raw"] > 0);
    }

    TEST_CASE("the CPU that a process is pinned to goes and comes back: it is counted all the time") {
        const PluggedIn at_end;
        const fault::Target busy("taskset -p 2 $$ >/dev/null; while :; do :; done");
        const Json sample = sample_of(pmcstat_leaving_nothing({"--format", "json", "-e", "instructions:u,task-clock",
                                                               "-p", busy.pid(), "--", "sh", "-c", unplug}),
                                      3);
        check_counted(sample, "task-clock", 150e6);
        const Json event = find_by(sample["events"], "name", "instructions:u");
        CHECK_MESSAGE(event["raw"] > 0, event.dump());
        CHECK_MESSAGE(event["running_ns"] == event["enabled_ns"], event.dump());
        CHECK(process::alive(busy.id()));
    }

    TEST_CASE("a CPU goes and comes back while all are counted: each has what it did, and the command its status") {
        const PluggedIn at_end;
        const fault::Target busy("taskset -p 2 $$ >/dev/null; while :; do :; done");
        const Outcome outcome = pmcstat_leaving_nothing(
            {"--format", "json", "-a", "-A", "-e", "instructions:u,task-clock", "--", "sh", "-c", unplug});
        CAPTURE(outcome.err);
        CHECK(outcome.status == 3);
        const Json result = Json::parse(outcome.err);
        CHECK(contains(result["notes"].dump(), "CPU 1 went offline"));
        const Json& samples = result["samples"];
        REQUIRE(samples.size() == 2);
        const auto clock = [&](const char* id) {
            return find_by(find_by(samples, "id", id)["events"], "name", "task-clock");
        };
        CHECK_MESSAGE(clock("0")["raw"] >= 250e6, clock("0").dump());
        CHECK_MESSAGE(clock("1")["raw"] >= 100e6, clock("1").dump());
        CHECK_MESSAGE(clock("1")["raw"] < clock("0")["raw"], clock("1").dump()); // it was away
    }

    TEST_CASE("the only CPU that is counted goes and does not come back: what it did stands, and the end is as ever") {
        const PluggedIn at_end;
        const std::string away = "sleep 0.1; echo 0 >" + cpu_1 + "; sleep 0.1; exit 3";
        for (const bool intervals : {false, true}) {
            CAPTURE(intervals);
            std::vector<std::string> arguments{"--format", "json", "-C", "1", "-e", "task-clock"};
            if (intervals)
                arguments.insert(arguments.end(), {"-I", "40"});
            arguments.insert(arguments.end(), {"--", "sh", "-c", away});
            const Outcome outcome = pmcstat_leaving_nothing(arguments);
            plug(true);
            CAPTURE(outcome.err);
            CHECK(outcome.status == 3);
            const Json result = Json::parse(outcome.err);
            CHECK(contains(result["notes"].dump(), "CPU 1 went offline"));
            double sum = 0;
            for (const Json& sample : result["samples"]) {
                const Json clock = find_by(sample["events"], "name", "task-clock");
                if (clock["raw"].is_number())
                    sum += clock["raw"].get<double>();
                else
                    CHECK_MESSAGE(clock["reason"].is_string(), clock.dump());
            }
            CHECK(sum >= 80e6);
            CHECK(sum <= 150e6);
        }
    }

    TEST_CASE("the CPU under a thread that counts itself goes: its group and its regions count on elsewhere") {
        const PluggedIn at_end;
        REQUIRE(go_to(1));
        const fault::Holdings before = fault::Holdings::now();
        {
            const CounterGroup group{"instructions", "cycles"};
            const pmc::CounterId instructions = group.id("instructions");
            const Reading start = group.read();
            loop(1'000'000);
            plug(false);
            const Reading moved = group.read();
            loop(1'000'000);
            const Reading end = group.read();
            CHECK(sched_getcpu() == 0);
            CHECK((moved - start).state() == State::counted);
            CHECK((moved - start)[instructions].raw() >= 2'000'000);
            CHECK((end - moved)[instructions].raw() >= 2'000'000);
            CHECK((end - moved)[instructions].raw() < 4'000'000);
            plug(true);
        }
        go_anywhere();
        CHECK(fault::Holdings::now() == before);
    }

    TEST_CASE("measure() leaves out the run in which its CPU went") {
        const PluggedIn at_end;
        REQUIRE(go_to(1));
        int run = 0;
        const pmc::Measurement measured = pmc::measure({.events = "instructions", .min_runs = 20}, [&] {
            if (++run == 10)
                plug(false);
            loop(10'000);
        });
        plug(true);
        go_anywhere();
        CHECK(measured.runs().disturbed() >= 1);
        REQUIRE(measured["instructions"].has_value());
        CHECK(measured["instructions"].median() >= 20'000);
        CHECK(measured["instructions"].median() < 40'000);
    }

    TEST_CASE("a program that counts a CPU by a Session keeps what it did, and counts on when it is back") {
        const PluggedIn at_end;
        const fault::Holdings before = fault::Holdings::now();
        {
            pmc::Expected<pmc::MetricSet> set = pmc::MetricSet::parse("task-clock");
            REQUIRE(set);
            pmc::Expected<pmc::Session> session = pmc::Session::start(*std::move(set), pmc::Target{.cpus = {1}});
            REQUIRE(session);
            const auto counted = [&] {
                const std::vector<pmc::Sample> samples = session->totals();
                REQUIRE(samples.size() == 1);
                REQUIRE(samples[0].events[0].has_value());
                return samples[0].events[0].count.raw();
            };
            usleep(50'000);
            const std::uint64_t first = counted();
            CHECK(first >= 50'000'000);
            plug(false);
            session->follow();
            usleep(50'000);
            const std::uint64_t away = counted();
            CHECK(away >= first);
            plug(true);
            session->follow();
            usleep(50'000);
            CHECK(counted() >= away + 40'000'000);
        }
        CHECK(fault::Holdings::now() == before);
    }
}
