#include "../unit/text_line.hpp"
#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

using fault::pmcstat_leaving_nothing;
using fault::run_leaving_nothing;
using fault::Target;
using fault::with;

// What is denied: perf_event_open itself, the numbers of the kernel's tracepoints, the mapping of a counter's page.

namespace {

bool runs_on(const Target& target) {
    return process::alive(target.id());
}

void check_filter_is_told(const Outcome& outcome, int error) {
    CHECK(contains(outcome.err, "a seccomp filter forbids perf_event_open"));
    CHECK(contains(outcome.err, error == EPERM ? "(errno EPERM)" : "(errno ENOSYS)"));
    CHECK(contains(outcome.err, "\n  hint: "));
}

/// The command of a refusal does not run.
void check_refused(const std::vector<std::string>& target, int error) {
    const std::string mark = process::scratch() + "/denied";
    for (const std::vector<std::string>& more : {std::vector<std::string>{"--timeout", "50"}, {"--", "touch", mark}}) {
        const Outcome outcome =
            pmcstat_leaving_nothing(with(target, more), {.in_child = [=] { fault::deny_perf_event_open(error); }});
        CAPTURE(outcome.err);
        CHECK(outcome.status == 125);
        CHECK(outcome.err.starts_with("pmcstat: error: "));
        check_filter_is_told(outcome, error);
        CHECK_FALSE(process::exists(mark));
    }
}

const process::Setting no_tracepoints{.in_child = [] {
    if (fault::may_cover())
        fault::cover("/sys/kernel");
    else
        fault::become_nobody();
}};

void check_tracepoint_is_told(const Outcome& outcome) {
    const std::string line = line_with(outcome.err, "  sched:sched_switch");
    CHECK_MESSAGE(contains(line, " n/a "), outcome.err);
    CHECK(contains(outcome.err, "\n  hint: "));
    if (fault::may_cover()) { // else whoever may count nothing at all is told that
        CHECK(contains(line, "tracefs is not mounted"));
        CHECK(contains(outcome.err, "mount -t tracefs nodev /sys/kernel/tracing"));
        CHECK_FALSE(contains(line_with(outcome.err, "  page-faults"), "n/a"));
    }
}

const process::Setting no_pages{.in_child = [] { fault::deny_shared_mappings(EPERM); }};

} // namespace

TEST_SUITE("faults denied") {
    TEST_CASE("no perf_event_open: a command runs, has its status, and no number that nobody counted") {
        for (const int error : {EPERM, ENOSYS}) {
            CAPTURE(error);
            const process::Setting denied{.in_child = [=] { fault::deny_perf_event_open(error); }};
            const Outcome outcome = pmcstat_leaving_nothing(with({"-e", "ipc,task-clock,page-faults"}), denied);
            CAPTURE(outcome.err);
            CHECK(outcome.status == 3);
            check_filter_is_told(outcome, error);
            for (const char* const name : {"  ipc ", "  task-clock ", "  page-faults "}) {
                const std::string line = line_with(outcome.err, name);
                CHECK(contains(line, " n/a "));
                // It is not hardware that the kernel's own counts lack.
                CHECK(contains(line, "counting is forbidden"));
            }
            const Outcome several = pmcstat_leaving_nothing(with({"-r", "3", "--allow-failures"}), denied);
            CHECK(contains(several.err, "counting is forbidden"));
            const Json json =
                Json::parse(pmcstat_leaving_nothing(with({"--format", "json", "-e", "ipc,page-faults"}), denied).err);
            CHECK(json["run"]["status"] == 3);
            CHECK(json["no_pmu"]["cause"] == "blocked");
            for (const Json& metric : json["samples"][0]["metrics"])
                CHECK_MESSAGE((metric["value"].is_null() && metric["cause"] == "blocked"), metric.dump());
            for (const Json& event : json["samples"][0]["events"])
                CHECK_MESSAGE((event["raw"].is_null() && event["cause"] == "blocked"), event.dump());
        }
    }

    TEST_CASE("no perf_event_open: a process can't be counted, which is an error, and it runs on") {
        const Target target{"sleep 100"};
        for (const int error : {EPERM, ENOSYS}) {
            CAPTURE(error);
            check_refused({"-p", target.pid()}, error);
            check_refused({"-e", "task-clock", "-t", target.pid()}, error);
        }
        CHECK(runs_on(target));
    }

    TEST_CASE("no perf_event_open: CPUs can't be counted, which is an error") {
        for (const int error : {EPERM, ENOSYS}) {
            CAPTURE(error);
            check_refused({"-a"}, error);
            check_refused({"-e", "task-clock", "-A"}, error);
        }
    }

    TEST_CASE("no perf_event_open: a program that counts goes on, and is told why it has no counts") {
        for (const int error : {EPERM, ENOSYS}) {
            CAPTURE(error);
            const process::Setting denied{.in_child = [=] {
                fault::deny_perf_event_open(error);
                setenv("PMC_EVENTS", "task-clock,ipc", 1);
                setenv("PMC_REPORT", "-", 1);
            }};
            const Outcome faces = run_leaving_nothing({process::program("library_work"), "task-clock"},
                                                      {.in_child = [=] { fault::deny_perf_event_open(error); }});
            CAPTURE(faces.out);
            CHECK(faces.status == 0);
            for (const char* const face : {"group: none, ", "region: none, ", "measure: none, "}) {
                const std::string line = line_with(faces.out, face);
                CHECK(contains(line, "a seccomp filter forbids perf_event_open"));
                CHECK_FALSE(line.ends_with("; ")); // there is a remedy
            }
            CHECK(contains(faces.out, "files left: 0\n"));
            const Outcome report = run_leaving_nothing({process::program("region_work"), "pairs", "100"}, denied);
            CAPTURE(report.err);
            CHECK(report.status == 0);
            check_filter_is_told(report, error);
            CHECK(contains(report.err, "work   200 calls, 2 threads"));
            CHECK(contains(report.err, "task-clock not available: counting is forbidden"));
        }
    }

    TEST_CASE("tracepoints unreadable: a command runs, and what else was asked for is counted") {
        const Outcome outcome = pmcstat_leaving_nothing(with({"-e", "sched:sched_switch,page-faults"}), no_tracepoints);
        CHECK(outcome.status == 3);
        check_tracepoint_is_told(outcome);
    }

    TEST_CASE("tracepoints unreadable: what else was asked of a process or of CPUs is counted") {
        const Target target{"while :; do /bin/true; done"};
        for (const std::vector<std::string>& where : {std::vector<std::string>{"-p", target.pid()}, {"-a"}}) {
            const std::vector<std::string> arguments =
                with({"-e", "sched:sched_switch,page-faults", "--timeout", "100"}, where);
            if (fault::are_refused(arguments))
                continue;
            const Outcome outcome = pmcstat_leaving_nothing(arguments, no_tracepoints);
            CAPTURE(outcome.err);
            // As nobody, whom root has become, or from a user namespace.
            if (outcome.status == 125 && (!fault::may_cover() || fault::covers_in_user_namespace())) {
                fault::check_refused(outcome);
                continue;
            }
            CHECK(outcome.status == 124);
            check_tracepoint_is_told(outcome);
        }
        CHECK(runs_on(target));
    }

    TEST_CASE("tracepoints unreadable: a list that has none says why, and what to do") {
        const Outcome none = pmcstat_leaving_nothing({"list", "sched_switch"}, no_tracepoints);
        CAPTURE(none.err);
        CHECK(none.status == 1);
        CHECK(contains(none.err, "matches \"sched_switch\"; the kernel's tracepoints can't be read: "));
        CHECK(contains(none.err, "\n  hint: to search tracepoints, "));
        const Outcome some = pmcstat_leaving_nothing({"list", "switches"}, no_tracepoints);
        CHECK(some.status == 0);
        CHECK(contains(some.out, "context-switches"));
        CHECK(contains(some.out, "\nNo tracepoints are listed: the kernel's tracepoints can't be read: "));
        CHECK(contains(pmcstat_leaving_nothing({"list", "sched_switch", "--format", "json"}, no_tracepoints).out,
                       "\"no_tracepoints\""));
    }

    TEST_CASE("tracepoints unreadable: a program that counts one is told, and goes on") {
        const Outcome faces =
            run_leaving_nothing({process::program("library_work"), "sched:sched_switch"}, no_tracepoints);
        CAPTURE(faces.out);
        CHECK(faces.status == 0);
        for (const char* const face : {"group: none, ", "region: none, ", "measure: none, "})
            CHECK_FALSE(line_with(faces.out, face).ends_with("; "));
        CHECK(contains(faces.out, "files left: 0\n"));
    }

    TEST_CASE("no counter's page can be mapped: a command, a process and CPUs are counted as ever") {
        fault::check_all_counted(no_pages);
    }

    TEST_CASE("no counter's page can be mapped: a program's groups are read by system calls") {
        for (const char* const event : {"task-clock", "cycles"}) {
            CAPTURE(event);
            const Outcome faces = run_leaving_nothing({process::program("library_work"), event}, no_pages);
            CAPTURE(faces.out);
            CHECK(faces.status == 0);
            const bool counts = contains(faces.out, "group: counted");
            CHECK(counts == (event == std::string("task-clock") || process::machine_has_pmu()));
            CHECK(contains(faces.out, counts ? "group: counted by system call\n" : "group: none, "));
            CHECK(contains(faces.out, counts ? "region: counted\n" : "region: none, "));
            CHECK(contains(faces.out, counts ? "measure: counted\n" : "measure: none, "));
            CHECK(contains(faces.out, "files left: 0\n"));
        }
    }
}
