// A machine that cannot count: run with --cpu neoverse-n1,pmu=off.
#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

using fault::pmcstat_leaving_nothing;
using fault::with;

namespace {

void check_told(const std::string& text) {
    CAPTURE(text);
    CHECK(contains(text, "NO HARDWARE COUNTERS: "));
    CHECK(contains(text, "without a virtual PMU"));
    CHECK(contains(text, "n/a"));
    CHECK(contains(text, "\n  hint: "));
}

/// What hardware counts has no value and says why; what the kernel counts itself has one.
void check_document(const std::string& text) {
    const Json json = Json::parse(text);
    CHECK(json["run"]["backend"] == "software");
    CHECK(json["no_pmu"]["cause"] == "no_virtual_pmu");
    for (const Json& sample : json["samples"]) {
        const Json ipc = find_by(sample["metrics"], "id", "ipc");
        CHECK_MESSAGE(ipc["value"].is_null(), ipc.dump());
        CHECK_MESSAGE(ipc["cause"] == "no_virtual_pmu", ipc.dump());
        CHECK_MESSAGE(ipc["remedy"].is_string(), ipc.dump());
        const Json cycles = find_by(sample["events"], "name", "cycles");
        CHECK_MESSAGE(cycles["raw"].is_null(), cycles.dump());
        CHECK_MESSAGE(cycles["cause"] == "no_virtual_pmu", cycles.dump());
        const Json clock = find_by(sample["events"], "name", "task-clock");
        CHECK_MESSAGE(clock["raw"] > 0, clock.dump());
    }
}

const std::vector<std::string> exit_6{"--", "sh", "-c", "sleep 0.1; exit 6"};

void check_target(const std::vector<std::string>& target) {
    const Outcome text = pmcstat_leaving_nothing(with(with({"-e", "ipc,llc"}, target), exit_6));
    CHECK(text.status == 6);
    check_told(text.err);
    const Outcome document =
        pmcstat_leaving_nothing(with(with({"--format", "json", "-e", "ipc,cycles,task-clock"}, target), exit_6));
    CHECK(document.status == 6);
    check_document(document.err);
}

} // namespace

TEST_SUITE("lab faults no pmu") {
    TEST_CASE("without a PMU a command runs, has its status, and what the kernel counts itself") {
        check_target({});
    }

    TEST_CASE("without a PMU a process is counted by the kernel's own clock, and it says why not more") {
        const fault::Target busy("while :; do :; done");
        check_target({"-p", busy.pid()});
        CHECK(process::alive(busy.id()));
    }

    TEST_CASE("without a PMU all CPUs are counted by the kernel's own clock, and it says why not more") {
        check_target({"-a"});
    }

    TEST_CASE("without a PMU a program that counts is told so by each face of the library, and goes on") {
        const Outcome cycles = fault::run_leaving_nothing({process::program("library_work"), "cycles"});
        CAPTURE(cycles.out);
        CHECK(cycles.status == 0);
        for (const char* const face : {"group: none, ", "region: none, ", "measure: none, "})
            CHECK(contains(cycles.out, std::string(face) + "QEMU guest without a virtual PMU"));
        CHECK(contains(cycles.out, "; on the host give the VM a virtual PMU"));
        CHECK(contains(cycles.out, "files left: 0\n"));
        const Outcome clock = fault::run_leaving_nothing({process::program("library_work"), "task-clock"});
        CHECK(clock.status == 0);
        CHECK_MESSAGE(contains(clock.out, "group: counted by system call\nregion: counted\nmeasure: counted\n"),
                      clock.out);
    }

    TEST_CASE("without a PMU a program's own report has its regions, and says why they have no counts") {
        const process::Setting report{.in_child = [] {
            setenv("PMC_EVENTS", "ipc,task-clock", 1);
            setenv("PMC_REPORT", "-", 1);
        }};
        const Outcome outcome = fault::run_leaving_nothing({process::program("region_work"), "pairs", "100"}, report);
        CAPTURE(outcome.err);
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.err, "work   200 calls, 2 threads"));
        CHECK(contains(outcome.err, "without a virtual PMU"));
        CHECK(contains(outcome.err, "task-clock"));
    }
}
