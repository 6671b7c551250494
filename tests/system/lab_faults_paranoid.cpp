// Somebody without rights, and a kernel that forbids more and more. Debian's forbids everything from 3 on.
#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

using fault::Paranoid;
using fault::pmcstat_leaving_nothing;
using fault::run_leaving_nothing;
using process::program;

namespace {

const process::Setting nobody{.in_child = fault::become_nobody};

std::string setting(int level) {
    return "kernel.perf_event_paranoid is " + std::to_string(level);
}

/// Refused, with each of these words.
void check_refused(const std::vector<std::string>& target, const std::vector<std::string>& words) {
    for (const std::vector<std::string>& more : {std::vector<std::string>{"--timeout", "50"}, {"--", "true"}}) {
        std::vector<std::string> arguments{"-e", "instructions,task-clock"};
        arguments.insert(arguments.end(), target.begin(), target.end());
        arguments.insert(arguments.end(), more.begin(), more.end());
        const Outcome outcome = pmcstat_leaving_nothing(arguments, nobody);
        CAPTURE(outcome.err);
        CHECK(outcome.status == 125);
        CHECK(outcome.err.starts_with("pmcstat: error: "));
        CHECK(contains(outcome.err, "\n  hint: "));
        for (const std::string& word : words)
            CHECK(contains(outcome.err, word));
    }
}

/// What is said of all CPUs at a level that forbids them.
std::vector<std::string> lower_to_0(int level) {
    return {setting(level), level == 2 ? "CAP_PERFMON" : "run as root", "sysctl kernel.perf_event_paranoid=0"};
}

/// Nothing at all can be counted.
void check_run_forbidden(int level) {
    const Paranoid paranoid(level);
    const Outcome text = pmcstat_leaving_nothing({"-e", "ipc,task-clock", "--", "sh", "-c", "exit 5"}, nobody);
    CAPTURE(text.err);
    CHECK(text.status == 5);
    CHECK(contains(text.err, setting(level)));
    CHECK(contains(text.err, "\n  hint: run as root"));
    const Json json =
        Json::parse(pmcstat_leaving_nothing({"--format", "json", "-e", "ipc,task-clock", "--", "true"}, nobody).err);
    const Json& sample = json["samples"][0];
    const Json clock = find_by(sample["events"], "name", "task-clock");
    CHECK_MESSAGE(clock.value("raw", Json()).is_null(), clock.dump());
    CHECK_MESSAGE(clock["cause"] == "paranoid", clock.dump());
    CHECK_MESSAGE(contains(clock["remedy"], "run as root"), clock.dump());
    CHECK(find_by(sample["metrics"], "id", "ipc")["cause"] == "paranoid");
}

/// Not even a process of one's own, nor a program of itself.
void check_attach_forbidden(int level) {
    const Paranoid paranoid(level);
    const fault::Target own("while :; do :; done", fault::become_nobody);
    const fault::Target other("while :; do :; done");
    check_refused({"-p", own.pid()}, {setting(level), "run as root, or sudo sysctl kernel.perf_event_paranoid=2"});
    check_refused({"-p", other.pid()}, {setting(level), "run as root\n"}); // no level would be enough
    CHECK(process::alive(own.id()));
    CHECK(process::alive(other.id()));
}

void check_all_forbidden(int level) {
    const Paranoid paranoid(level);
    check_refused({"-a"}, lower_to_0(level));
    check_refused({"-a", "-A"}, lower_to_0(level));
}

Outcome library_work() {
    return run_leaving_nothing({program("library_work"), "instructions"}, nobody);
}

Outcome region_report() {
    return run_leaving_nothing({program("region_work"), "pairs", "100"}, {.in_child = [] {
                                   fault::become_nobody();
                                   setenv("PMC_EVENTS", "instructions,task-clock", 1);
                                   setenv("PMC_REPORT", "-", 1);
                               }});
}

void check_library_forbidden(int level) {
    const Paranoid paranoid(level);
    const Outcome faces = library_work();
    CAPTURE(faces.out);
    CHECK(faces.status == 0);
    for (const char* const face : {"group: none, ", "region: none, ", "measure: none, "})
        CHECK(contains(faces.out, face + setting(level)));
    CHECK(contains(faces.out, "; run as root"));
    CHECK(contains(faces.out, "files left: 0\n"));
    const Outcome report = region_report();
    CAPTURE(report.err);
    CHECK(report.status == 0);
    CHECK(contains(report.err, "work   200 calls, 2 threads"));
    CHECK(contains(report.err, setting(level)));
}

} // namespace

TEST_SUITE("lab faults paranoid") {
    TEST_CASE("paranoid 2: a user's command is counted in user mode, and has its status") {
        const Paranoid level(2);
        const std::string command = program("exact_1000000") + "; exit 5";
        const Outcome outcome = pmcstat_leaving_nothing(
            {"--format", "json", "-e", "instructions,context-switches", "--", "sh", "-c", command}, nobody);
        CAPTURE(outcome.err);
        CHECK(outcome.status == 5);
        const Json json = Json::parse(outcome.err);
        CHECK(json["run"]["mode"] == "user");
        CHECK(find_by(json["samples"][0]["events"], "name", "instructions")["raw"] >= 1'000'000);
        const Json switches = find_by(json["samples"][0]["events"], "name", "context-switches");
        CHECK(switches["raw"].is_null());
        CHECK(switches["cause"] == "needs_kernel_mode");
        CHECK(switches["remedy"].is_string());
    }

    TEST_CASE("paranoid 2: a user's own process is counted in user mode; somebody else's is refused, with the remedy") {
        const Paranoid level(2);
        const fault::Target own("while :; do :; done", fault::become_nobody);
        const fault::Target other("while :; do :; done");
        const Outcome outcome = pmcstat_leaving_nothing({"--format", "json", "-e", "instructions,task-clock", "-p",
                                                         own.pid(), "--", "sh", "-c", "sleep 0.1; exit 5"},
                                                        nobody);
        CAPTURE(outcome.err);
        CHECK(outcome.status == 5);
        const Json json = Json::parse(outcome.err);
        CHECK(json["run"]["mode"] == "user");
        CHECK(find_by(json["samples"][0]["events"], "name", "instructions")["raw"] > 0);
        CHECK(find_by(json["samples"][0]["events"], "name", "task-clock")["raw"] > 0);
        // No level lets it be counted.
        check_refused({"-p", other.pid()}, {"it is another user's", "run as its user, or run with CAP_PERFMON"});
        CHECK(process::alive(own.id()));
        CHECK(process::alive(other.id()));
    }

    TEST_CASE("paranoid 2: all CPUs are refused, with the remedy") {
        const Paranoid level(2);
        check_refused({"-a"}, lower_to_0(2));
        check_refused({"-a", "-A"}, lower_to_0(2));
    }

    TEST_CASE("paranoid 2: a user's program counts itself") {
        const Paranoid level(2);
        const Outcome faces = library_work();
        CHECK(faces.status == 0);
        CHECK_MESSAGE(contains(faces.out, "group: counted by system call\nregion: counted\nmeasure: counted\n"),
                      faces.out);
        CHECK(contains(faces.out, "files left: 0\n"));
        const Outcome report = region_report();
        CAPTURE(report.err);
        CHECK(report.status == 0);
        CHECK(contains(report.err, "work   200 calls, 2 threads"));
        CHECK_FALSE(contains(report.err, "n/a"));
        CHECK_FALSE(contains(report.err, "not available"));
    }

    TEST_CASE("paranoid 3: a user's command runs uncounted, has its status, and the level is named with the remedy") {
        check_run_forbidden(3);
    }

    TEST_CASE("paranoid 3: no process can be counted, not even one's own, and they run on") {
        check_attach_forbidden(3);
    }

    TEST_CASE("paranoid 3: all CPUs are refused, with the remedy") {
        check_all_forbidden(3);
    }

    TEST_CASE("paranoid 3: a program that counts is told by each face of the library, and goes on") {
        check_library_forbidden(3);
    }

    TEST_CASE("paranoid 4: a user's command runs uncounted, has its status, and the level is named with the remedy") {
        check_run_forbidden(4);
    }

    TEST_CASE("paranoid 4: no process can be counted, not even one's own, and they run on") {
        check_attach_forbidden(4);
    }

    TEST_CASE("paranoid 4: all CPUs are refused, with the remedy") {
        check_all_forbidden(4);
    }

    TEST_CASE("paranoid 4: a program that counts is told by each face of the library, and goes on") {
        check_library_forbidden(4);
    }
}
