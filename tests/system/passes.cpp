#include "process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using process::pmcstat;
using process::program;

namespace {

/// Of the lab's seven counters one is for cycles alone: these are ten events for it and six others.
const std::string ten = "instructions:u,instructions:k,instructions,cycles,cycles:u,cycles:k,stalled-cycles-frontend:u,"
                        "stalled-cycles-frontend:k,stalled-cycles-backend:u,stalled-cycles-backend:k";

std::string new_log() {
    static int number = 0;
    return process::scratch() + "/runs" + std::to_string(++number);
}

/// A command that leaves a line at each of its runs.
std::vector<std::string> counting_runs(const std::string& log, const std::string& rest) {
    return {"sh", "-c", "echo run >>" + log + "; " + rest};
}

std::size_t runs(const std::string& log) {
    const std::string text = process::read_file(log);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

Outcome pmcstat_with(std::vector<std::string> options, const std::vector<std::string>& command) {
    options.insert(options.end(), command.begin(), command.end());
    return pmcstat(options);
}

} // namespace

TEST_SUITE("passes") {
    TEST_CASE("software events never take turns: one run, and nothing to refuse") {
        const std::string log = new_log();
        const std::string events = "page-faults,task-clock,cpu,minor-faults,context-switches";
        const Outcome outcome = pmcstat_with({"--passes", "--no-multiplex", "--format", "json", "-e", events, "--"},
                                             counting_runs(log, "true"));
        CHECK_MESSAGE(outcome.status == 0, outcome.err);
        CHECK(runs(log) == 1);
        const Json report = Json::parse(outcome.err);
        CHECK(report["samples"].size() == 1);
        CHECK_FALSE(report.contains("runs"));
        CHECK(pmcstat({"--no-multiplex", "-e", events, "--", "true"}).status == 0);
    }

    TEST_CASE("a replay knows no passes") {
        for (const char* const option : {"--passes", "--no-multiplex"}) {
            const Outcome outcome = pmcstat({option, "--replay", "r.json"});
            CHECK(outcome.status == 125);
            CHECK(contains(outcome.err, option));
        }
    }

    TEST_CASE("a command that does not exist is 127") {
        CHECK(pmcstat({"--passes", "-e", "task-clock", "--", "/nonexistent/command"}).status == 127);
    }
}

TEST_SUITE("lab passes") {
    TEST_CASE("what fits on the counters at once is not refused, and is one run") {
        const std::string log = new_log();
        const std::string seven = "instructions:u,instructions:k,instructions,cycles:u,stalled-cycles-frontend:u,"
                                  "stalled-cycles-frontend:k,stalled-cycles-backend:u";
        CHECK(pmcstat({"--no-multiplex", "-e", seven, "--", "true"}).status == 0);
        CHECK(pmcstat_with({"--passes", "-e", seven, "--"}, counting_runs(log, "true")).status == 0);
        CHECK(runs(log) == 1);
    }

    TEST_CASE("--no-multiplex names the first that is too many, before the command runs") {
        const std::string log = new_log();
        const Outcome outcome = pmcstat_with({"--no-multiplex", "-e", ten, "--"}, counting_runs(log, "true"));
        CHECK(outcome.status == 125);
        // instructions three times and cycles twice more than its own counter are five, the frontend's :u the sixth
        CHECK_MESSAGE(contains(outcome.err, "error: stalled-cycles-frontend:k is too many"), outcome.err);
        CHECK(contains(outcome.err, "--passes"));
        CHECK_FALSE(process::exists(log));
        const Outcome metric = pmcstat({"--no-multiplex", "-e",
                                        "instructions:u,instructions:k,cycles:u,cycles:k,stalled-cycles-frontend:u,"
                                        "stalled-cycles-frontend:k,stalled-cycles-backend:u,ipc,llc",
                                        "--", "true"});
        CHECK_MESSAGE(contains(metric.err, "error: ipc is too many"), metric.err);
    }

    TEST_CASE("--passes runs the command once per group, and every count is whole and exact") {
        const Outcome outcome = pmcstat(
            {"--passes", "--format", "json", "-e", ten + ",ipc,cpu,task-clock", "--", program("exact_1000000")});
        REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
        const Json report = Json::parse(outcome.err);
        REQUIRE(report["samples"].size() == 2);
        CHECK(report["runs"].size() == 2);
        std::multiset<std::string> asked;
        std::multiset<std::string> metrics;
        for (const Json& sample : report["samples"]) {
            std::set<int> groups;
            for (const Json& event : sample["events"]) {
                CHECK_MESSAGE(event["running_ns"] == event["enabled_ns"], event.dump());
                if (event["name"] == "instructions:u")
                    CHECK_MESSAGE(event["raw"] == 1'000'000, event.dump());
                if (event["asked"])
                    asked.insert(event["name"].get<std::string>());
                groups.insert(event["group"].get<int>());
            }
            CHECK(groups.size() == 2); // one of the PMU, one of software events
            for (const Json& metric : sample["metrics"])
                metrics.insert(metric["id"].get<std::string>());
        }
        CHECK(asked.size() == 11);
        CHECK(asked.count("task-clock") == 1);
        CHECK(metrics.count("ipc") == 1);
        CHECK(metrics.count("cpu") == 1);
        CHECK(report["samples"][0]["id"] != report["samples"][1]["id"]);
        for (const Json& line : report["plan"])
            CHECK_MESSAGE(contains(line.get<std::string>(), "pass "), line.dump());
    }

    TEST_CASE("the text is one report, and says how often the command ran") {
        const std::string log = new_log();
        const Outcome outcome =
            pmcstat_with({"--passes", "-v", "-e", ten + ",ipc,cpu", "--"}, counting_runs(log, "true"));
        CHECK(outcome.status == 0);
        CHECK(runs(log) == 2);
        for (const char* const part : {"the command ran 2 times, once per group", "2 groups, counted 100 % of the time",
                                       "pass 0  group ", "pass 1  group ", "each pass  group ", "ipc"})
            CHECK_MESSAGE(contains(outcome.err, part), part, " is missing in\n", outcome.err);
        CHECK(outcome.err.find("pmcstat: ") == outcome.err.rfind("pmcstat: "));
    }

    TEST_CASE("passes stop with a run that fails, and its report is given") {
        const std::string log = new_log();
        const Outcome outcome =
            pmcstat_with({"--passes", "--format", "json", "-e", ten, "--"}, counting_runs(log, "exit 7"));
        CHECK(outcome.status == 7);
        CHECK(runs(log) == 1);
        const Json report = Json::parse(outcome.err);
        CHECK(report["run"]["status"] == 7);
        REQUIRE(report["samples"].size() == 2);
        for (const Json& event : report["samples"][1]["events"])
            CHECK_MESSAGE(event["reason"] == "not run: the command ended with status 7 before", event.dump());
        const Outcome text = pmcstat_with({"--passes", "-e", ten, "--"}, counting_runs(log, "exit 7"));
        CHECK_MESSAGE(contains(text.err, "ran 1 of 2 times"), text.err);
    }

    TEST_CASE("a signal that ends the command ends the passes too") {
        const std::string log = new_log();
        const Outcome outcome =
            pmcstat_with({"--passes", "-e", ten, "--"}, counting_runs(log, "kill -TERM $PPID; exec sleep 60"));
        CHECK(outcome.status == 128 + 15);
        CHECK(runs(log) == 1);
        CHECK_MESSAGE(contains(outcome.err, "ran 1 of 2 times"), outcome.err);
        const Outcome handled =
            pmcstat_with({"--passes", "-e", ten, "--"},
                         counting_runs(log, "trap 'exit 0' TERM; kill -TERM $PPID; while :; do :; done"));
        CHECK(handled.status == 0);
        CHECK(runs(log) == 2);
    }
}
