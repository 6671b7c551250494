// A fault has one Reason, whoever meets it: what the doctor says of it is what all other commands, and programs that
// use the library, say.
#include "../unit/text_line.hpp"
#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdlib>
#include <functional>
#include <string>
#include <unistd.h>
#include <vector>

using process::machine_has_pmu;
using process::pmcstat;
using process::Setting;

namespace {

Json finding(const Setting& setting, const std::string& id) {
    const Outcome outcome = pmcstat({"doctor", "--format", "json"}, setting);
    REQUIRE_MESSAGE(Json::accept(outcome.out), outcome.err);
    const Json found = find_by(Json::parse(outcome.out)["findings"], "id", id);
    REQUIRE_MESSAGE(found["remedy"].is_string(), found.dump());
    return found;
}

/// Whether a document has this reason anywhere: the cause and the remedy, beside each other.
bool has_reason(const Json& json, const Json& found) {
    if (json.is_object() && json.value("cause", Json()) == found["cause"] &&
        json.value("remedy", Json()) == found["remedy"])
        return true;
    if (json.is_structured())
        for (const Json& part : json)
            if (has_reason(part, found))
                return true;
    return false;
}

void check_document(const std::string& text, const Json& found) {
    REQUIRE_MESSAGE(Json::accept(text), text);
    CHECK_MESSAGE(has_reason(Json::parse(text), found), found.dump(), "\n", text);
}

void check_hint(const Outcome& outcome, const Json& found) {
    const std::string hint = "hint: " + found["remedy"].get<std::string>() + '\n';
    CHECK_MESSAGE(contains(outcome.err, hint), found.dump(), "\n", outcome.err);
}

/// The report of a program's own regions, whose events are `event`.
std::string region_report(const std::string& event, const Setting& setting) {
    static int number = 0;
    const std::string path = process::scratch() + "/reasons" + std::to_string(++number) + ".json";
    const Outcome outcome = process::run({process::program("region_work"), "threads", "3"}, {.in_child = [&] {
                                             setenv("PMC_EVENTS", event.c_str(), 1);
                                             setenv("PMC_REPORT", path.c_str(), 1);
                                             if (setting.in_child)
                                                 setting.in_child();
                                         }});
    CHECK(outcome.status == 0);
    return process::read_file(path);
}

int paranoid_level() {
    return std::stoi(process::read_file("/proc/sys/kernel/perf_event_paranoid"));
}

} // namespace

TEST_SUITE("reasons") {
    TEST_CASE(
        "a filter of system calls: run, -r, intervals, targets, gates, list and regions say what the doctor says") {
        for (const int error : {EPERM, ENOSYS}) {
            CAPTURE(error);
            const Setting filtered{.in_child = [error] { fault::deny_perf_event_open(error); }};
            const Json found = finding(filtered, "perf_event_open");
            CHECK(contains(found["found"], error == EPERM ? "EPERM" : "ENOSYS"));
            for (const std::vector<std::string>& options :
                 {std::vector<std::string>{}, {"-r", "2"}, {"-I", "50"}, {"--assert", "page-faults<=1"}}) {
                std::vector<std::string> arguments{"--format", "json", "-e", "page-faults,cycles"};
                arguments.insert(arguments.end(), options.begin(), options.end());
                arguments.insert(arguments.end(), {"--", "true"});
                check_document(pmcstat(arguments, filtered).err, found);
            }
            check_document(pmcstat({"list", "page-faults", "--format", "json"}, filtered).out, found);
            check_document(region_report("page-faults", filtered), found);
            check_hint(pmcstat({"-e", "page-faults", "--", "true"}, filtered), found);
            check_hint(pmcstat({"-a", "-e", "page-faults", "--", "true"}, filtered), found);
            check_hint(pmcstat({"-p", std::to_string(getpid()), "-e", "page-faults", "--", "true"}, filtered), found);
            check_hint(pmcstat({"-e", "page-faults", "--assert", "page-faults<=1", "--", "true"}, filtered), found);
            CHECK(contains(pmcstat({"list", "page-faults"}, filtered).out, "hint: "));
        }
    }

    TEST_CASE("no PMU: the same") {
        if (machine_has_pmu())
            return; // on such a machine this fault is not to be had; the lab's ",pmu=off" has it
        const Json found = finding({}, "pmu");
        check_document(pmcstat({"--format", "json", "-e", "cycles", "--", "true"}).err, found);
        check_document(pmcstat({"list", "cycles", "--format", "json"}).out, found);
        check_document(region_report("cycles", {}), found);
        if (geteuid() == 0 || paranoid_level() <= 0) // anybody else is told first that whole CPUs are not his
            check_hint(pmcstat({"-a", "-e", "cycles", "--", "true"}), found);
    }

    TEST_CASE("nobody: whole CPUs, the kernel's side, tracepoints") {
        const Setting nobody{.in_child = fault::become_nobody};
        const auto lowers_to = [](const Json& found, const char* level) {
            return contains(found["remedy"], std::string("sysctl kernel.perf_event_paranoid=") + level);
        };
        if (paranoid_level() >= 1) {
            const Json whole = finding(nobody, "system_wide");
            CHECK_MESSAGE(lowers_to(whole, "0"), whole.dump());
            check_hint(pmcstat({"-a", "-e", "page-faults", "--", "true"}, nobody), whole);
        }
        if (paranoid_level() >= 2) {
            const Json kernel = finding(nobody, "kernel_side");
            CHECK_MESSAGE(lowers_to(kernel, "1"), kernel.dump());
            const std::string event = machine_has_pmu() ? "cycles:k" : "task-clock:k";
            check_document(pmcstat({"--format", "json", "-e", event, "--", "true"}, nobody).err, kernel);
        }
        const Json tracepoints = finding(nobody, "tracepoints");
        check_document(pmcstat({"--format", "json", "-e", "sched:sched_switch", "--", "true"}, nobody).err,
                       tracepoints);
        check_document(region_report("sched:sched_switch", nobody), tracepoints);
    }

    TEST_CASE("root of a user namespace: the same, and each remedy leads out of it") {
        const Setting nested{.in_child = fault::enter_user_namespace};
        const Json capabilities = finding(nested, "capabilities");
        CHECK(contains(capabilities["found"], "user namespace"));
        CHECK(contains(capabilities["remedy"], "run outside of this user namespace, "));
        CHECK_FALSE(contains(capabilities["remedy"], "setcap"));
        const fault::Target outside("sleep 60");
        for (const char* const option : {"-p", "-t"}) {
            const Outcome outcome = pmcstat({"-e", "task-clock", option, outside.pid(), "--timeout", "50"}, nested);
            CHECK(outcome.status == 125);
            CHECK_MESSAGE(contains(line_with(outcome.err, "  hint: "), "run outside of this user namespace, "),
                          outcome.err);
        }
        if (paranoid_level() < 1)
            return; // nothing is denied
        const Json whole = finding(nested, "system_wide");
        CHECK(whole["cause"] == "paranoid");
        CHECK(contains(whole["remedy"], "run outside of this user namespace, "));
        check_hint(pmcstat({"-a", "-e", "page-faults", "--", "true"}, nested), whole);
        CHECK(contains(finding(nested, "tracepoints")["remedy"], "run outside of this user namespace, as root"));
    }

    TEST_CASE("too few files: the limit, and whose it is to raise") {
        const Setting few{.in_child = [] { fault::limit(RLIMIT_NOFILE, 8); }};
        const Json found = finding(few, "open_files");
        CHECK(contains(found["remedy"], "raise the hard limit: nofile "));
        CHECK(contains(found["found"], "up to 8"));
        const Outcome outcome = pmcstat({"-a", "-e",
                                         "page-faults,task-clock,minor-faults,major-faults,cpu-migrations,"
                                         "context-switches",
                                         "--", "true"},
                                        few);
        CHECK(outcome.status == 125);
        CHECK(contains(outcome.err, "no more than 8 files"));
        CHECK(contains(outcome.err, "raise the hard limit: nofile "));
    }
}
