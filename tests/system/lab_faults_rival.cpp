// Somebody else holds all counters, by events that are pinned on a CPU or on the very task.
#include "fault.hpp"
#include "loop.hpp"
#include "process.hpp"
#include "rival.hpp"

#include <doctest/doctest.h>

#include <pmc/pmc.hpp>

#include <functional>
#include <string>
#include <unistd.h>
#include <vector>

using fault::pmcstat_leaving_nothing;
using pmc::CounterGroup;
using pmc::Reading;
using pmc::State;

namespace {

constexpr const char* hardware[] = {"instructions:u", "cycles:u"};

void check_not_counted(const Json& sample) {
    for (const char* const name : hardware) {
        const Json event = find_by(sample["events"], "name", name);
        CHECK_MESSAGE(event["raw"].is_null(), event.dump());
        CHECK_MESSAGE(event["state"] == "not counted", event.dump());
        CHECK_MESSAGE(event["cause"] == "never_scheduled", event.dump());
        CHECK_MESSAGE(event["reason"].is_string(), event.dump());
        CHECK_MESSAGE(event["remedy"].is_string(), event.dump());
    }
    const Json ipc = find_by(sample["metrics"], "id", "ipc");
    CHECK_MESSAGE(ipc["value"].is_null(), ipc.dump());
    CHECK_MESSAGE(ipc["reason"].is_string(), ipc.dump());
}

/// Of a part of the time, and it says of which.
void check_counted_in_part(const Json& sample) {
    for (const char* const name : hardware) {
        const Json event = find_by(sample["events"], "name", name);
        CHECK_MESSAGE(event["raw"] > 0, event.dump());
        CHECK_MESSAGE(event["running_ns"] < event["enabled_ns"], event.dump());
    }
    const Json ipc = find_by(sample["metrics"], "id", "ipc");
    CHECK_MESSAGE(ipc["value"].is_number(), ipc.dump());
    CHECK_MESSAGE(ipc["coverage"] < 1, ipc.dump());
}

Json document(const std::vector<std::string>& more, int status, const std::function<void(pid_t)>& meanwhile = {}) {
    std::vector<std::string> arguments{"--format", "json", "-e", "instructions:u,cycles:u,ipc,task-clock"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = pmcstat_leaving_nothing(arguments, {.while_running = meanwhile});
    CAPTURE(outcome.err);
    CHECK(outcome.status == status);
    return Json::parse(outcome.err);
}

/// A target is counted for four intervals; the rival gives the counters back in the second one.
void check_intervals(const std::vector<std::string>& target, Rival& rival) {
    std::vector<std::string> arguments{"-I", "100", "--count", "4", "--summary"};
    arguments.insert(arguments.end(), target.begin(), target.end());
    const Json result = document(arguments, 0, [&](pid_t) {
        usleep(170'000);
        rival.end();
    });
    REQUIRE(result["samples"].size() == 5);
    check_not_counted(result["samples"][0]);
    for (const std::size_t later : {2U, 3U}) {
        const Json event = find_by(result["samples"][later]["events"], "name", "instructions:u");
        CHECK_MESSAGE(event["raw"] > 0, event.dump());
        CHECK_MESSAGE(event["running_ns"] == event["enabled_ns"], event.dump());
    }
    check_counted_in_part(result["samples"][4]);
}

Reading spent_on(const CounterGroup& group, std::uint64_t rounds = 20'000) {
    const Reading before = group.read();
    loop(rounds);
    return group.read() - before;
}

} // namespace

TEST_SUITE("lab faults rival") {
    TEST_CASE("all counters are held: a command has its status, and it is told what was not counted, and why") {
        const Rival rival = Rival::on_cpu(0);
        const Json result = document({"--", "sh", "-c", "sleep 0.05; exit 4"}, 4);
        check_not_counted(result["samples"][0]);
        CHECK(find_by(result["samples"][0]["events"], "name", "task-clock")["raw"] > 0);
    }

    TEST_CASE("all counters are held until a command is half done: it is counted from then on, and the share is told") {
        Rival rival = Rival::on_cpu(0);
        const std::string work = process::program("workers") + " rounds 30000000; exit 4";
        const Json result = document({"--", "sh", "-c", work}, 4, [&](pid_t) {
            usleep(50'000);
            rival.end();
        });
        check_counted_in_part(result["samples"][0]);
    }

    TEST_CASE("all counters are held: a process is counted as soon as the rival on its CPU is gone") {
        const fault::Target busy("while :; do :; done");
        Rival rival = Rival::on_cpu(0);
        check_intervals({"-p", busy.pid()}, rival);
        CHECK(process::alive(busy.id()));
    }

    TEST_CASE("all counters are held: a process is counted as soon as the rival on itself is gone") {
        const fault::Target busy("while :; do :; done");
        Rival rival = Rival::on_thread(busy.id());
        check_intervals({"-p", busy.pid()}, rival);
        CHECK(process::alive(busy.id()));
    }

    TEST_CASE("all counters are held: all CPUs are counted as soon as the rival is gone") {
        const fault::Target busy("while :; do :; done");
        Rival rival = Rival::on_cpu(0);
        check_intervals({"-a"}, rival);
    }

    TEST_CASE("the cycle counter and another are held: who needs fewer than are left is counted in full") {
        const Rival rival = Rival::on_cpu(0, 2);
        const Json result = document({"--", process::program("exact_1000000")}, 0);
        const Json event = find_by(result["samples"][0]["events"], "name", "instructions:u");
        CHECK_MESSAGE(event["raw"] == 1'000'000, event.dump());
        CHECK_MESSAGE(event["running_ns"] == event["enabled_ns"], event.dump());
    }

    TEST_CASE("all counters are held: a program is told by each face of the library; when they are free it counts") {
        for (const bool on_thread : {false, true}) {
            CAPTURE(on_thread);
            const fault::Holdings before = fault::Holdings::now();
            {
                Rival rival = on_thread ? Rival::on_thread(0) : Rival::on_cpu(0);
                const pmc::Expected<CounterGroup> group = CounterGroup::open({"instructions", "cycles"});
                REQUIRE_FALSE(group);
                CHECK(group.error().reason().cause == pmc::Cause::counters_busy);
                CHECK(group.error().hint() == "stop other profilers, and try again");
                const pmc::Measurement measured = pmc::measure("instructions", [] { loop(1000); });
                CHECK_FALSE(measured["instructions"].has_value());
                CHECK_FALSE(measured["instructions"].reason.evidence.empty());
                CHECK_FALSE(measured["instructions"].reason.remedy.empty());
                CHECK(measured.seconds().has_value());
                rival.end();
                const CounterGroup later{"instructions", "cycles"};
                CHECK(spent_on(later).state() == State::counted);
                CHECK(pmc::measure("instructions", [] { loop(1000); })["instructions"].median() > 2000);
            }
            CHECK(fault::Holdings::now() == before);
        }
    }

    TEST_CASE("a rival comes while a program counts: its readings are not counted, and go on when he is gone") {
        const CounterGroup group{"instructions", "cycles"};
        const pmc::CounterId instructions = group.id("instructions");
        CHECK(spent_on(group)[instructions].coverage() == 1.0);
        {
            const Rival rival = Rival::on_cpu(0);
            CHECK(spent_on(group).state() == State::not_counted);
        }
        usleep(20'000); // The kernel gives the counters anew when the thread comes back to its CPU.
        const Reading after = spent_on(group);
        CHECK(after[instructions].coverage() == 1.0);
        CHECK(after[instructions].raw() >= 40'000);
    }

    TEST_CASE("all counters are held: the regions of a program are reported, without counts, and why") {
        const Rival rival = Rival::on_cpu(0);
        const Outcome report =
            fault::run_leaving_nothing({process::program("region_work"), "pairs", "100"}, {.in_child = [] {
                                           setenv("PMC_EVENTS", "instructions,task-clock", 1);
                                           setenv("PMC_REPORT", "-", 1);
                                       }});
        CAPTURE(report.err);
        CHECK(report.status == 0);
        CHECK(contains(report.err, "work   200 calls, 2 threads"));
        CHECK(contains(report.err, "gets no counter: somebody holds"));
        CHECK(contains(report.err, "hint: stop other profilers"));
    }
}
