#include "process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <sched.h>
#include <set>

using process::pmcstat;
using process::program;
using process::read_file;
using process::scratch;

namespace {

/// A path that nobody has used.
std::string new_file() {
    static int number = 0;
    return scratch() + "/repeats" + std::to_string(++number);
}

std::size_t lines_of(const std::string& path) {
    const std::string text = read_file(path);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

Json json_of(const Outcome& outcome) {
    const Json json = Json::parse(outcome.err, nullptr, false);
    REQUIRE_MESSAGE(!json.is_discarded(), outcome.err);
    return json;
}

/// A script that fails in its N-th run, with status 3.
std::vector<std::string> failing_at(int run, const std::string& log) {
    return {"sh", "-c", "echo x >>" + log + "; [ $(wc -l <" + log + ") != " + std::to_string(run) + " ] || exit 3"};
}

Outcome pmcstat_with(std::vector<std::string> options, const std::vector<std::string>& command) {
    options.emplace_back("--");
    options.insert(options.end(), command.begin(), command.end());
    return pmcstat(options);
}

int first_cpu() {
    cpu_set_t own;
    REQUIRE(sched_getaffinity(0, sizeof own, &own) == 0);
    int cpu = 0;
    while (CPU_ISSET(static_cast<std::size_t>(cpu), &own) == 0)
        ++cpu;
    return cpu;
}

} // namespace

TEST_SUITE("repeats") {
    TEST_CASE("-r runs the command so often, --warmup before that; every sample is kept") {
        const std::string log = new_file();
        const Json report = json_of(pmcstat_with({"-r", "6", "--warmup", "2", "-e", "page-faults", "--format", "json"},
                                                 {"sh", "-c", "echo x >>" + log}));
        CHECK(lines_of(log) == 8);
        CHECK(report["repeats"]["runs"] == 6);
        CHECK(report["repeats"]["warmup"] == 2);
        CHECK(report["runs"].size() == 8);
        CHECK(report["samples"].size() == 8);
        const Json faults = find_by(report["statistics"], "name", "page-faults");
        REQUIRE(!faults.is_null());
        // The median by hand, of the samples that count.
        std::vector<double> values;
        for (const Json& sample : report["samples"])
            if (sample["run"] >= 2)
                values.push_back(find_by(sample["events"], "name", "page-faults")["raw"]);
        std::sort(values.begin(), values.end());
        REQUIRE(values.size() == 6);
        CHECK(faults["min"] == values.front());
        CHECK(faults["max"] == values.back());
        CHECK(faults["median"].get<double>() == doctest::Approx((values[2] + values[3]) / 2));
    }

    TEST_CASE("the report has median, interval, min and max by those names") {
        const Outcome outcome = pmcstat_with({"-r", "7", "-e", "task-clock"}, {"true"});
        CHECK(outcome.status == 0);
        for (const char* const part : {"7 runs, all exit 0", "median", "95 % CI", "min .. max", "task-clock", "time"})
            CHECK_MESSAGE(contains(outcome.err, part), outcome.err);
    }

    TEST_CASE("it stops when a run fails, with that run's status, and says which it was") {
        const std::string log = new_file();
        const Outcome outcome = pmcstat_with({"-r", "9", "-e", "page-faults"}, failing_at(3, log));
        CHECK(outcome.status == 3);
        CHECK(lines_of(log) == 3);
        CHECK_MESSAGE(contains(outcome.err, "ended early: run 2 ended with status 3"), outcome.err);
        CHECK_MESSAGE(contains(outcome.err, "the command's status varies: 0 in 2 runs, 3 in 1 run"), outcome.err);
    }

    TEST_CASE("--allow-failures goes on, and tells of the statuses") {
        const std::string log = new_file();
        const Outcome outcome =
            pmcstat_with({"-r", "4", "--allow-failures", "-e", "page-faults", "--format", "json"}, failing_at(2, log));
        CHECK(outcome.status == 0);
        CHECK(lines_of(log) == 4);
        const Json report = json_of(outcome);
        CHECK(report["repeats"]["failed"] == 1);
        CHECK(report["repeats"]["runs"] == 4);
    }

    TEST_CASE("Ctrl-C prints what there is") {
        const std::string log = new_file();
        process::Setting setting;
        setting.while_running = [&](pid_t pid) {
            process::eventually([&] { return process::exists(log) && lines_of(log) == 3; });
            kill(pid, SIGINT);
        };
        const Outcome outcome = pmcstat(
            {"-r", "1000", "-e", "page-faults", "--", "sh", "-c", "echo x >>" + log + "; exec sleep 0.2"}, setting);
        CHECK(outcome.status == 130);
        CHECK_MESSAGE(contains(outcome.err, "ended early: SIGINT"), outcome.err);
        CHECK_MESSAGE(contains(outcome.err, "2 runs"), outcome.err);
        CHECK(lines_of(log) == 3);
    }

    TEST_CASE("--timeout is each run's, and ends them all") {
        const Outcome outcome = pmcstat({"-r", "3", "--timeout", "200", "-e", "page-faults", "--", "sleep", "60"});
        CHECK(outcome.status == 124);
        CHECK_MESSAGE(contains(outcome.err, "ended early: --timeout"), outcome.err);
        CHECK(pmcstat({"-r", "5", "--timeout", "5000", "-e", "page-faults", "--", "sleep", "0.01"}).status == 0);
    }

    TEST_CASE("each run reads the same standard input, where that is a file") {
        const std::string input = new_file();
        CHECK(process::run({"sh", "-c", "printf 'a\\nb\\n' >" + input}).status == 0);
        const Outcome outcome = process::run({"sh", "-c", "exec \"$0\" \"$@\" <" + input, std::getenv("PMC_PMCSTAT"),
                                              "-r", "3", "-e", "cs", "--", "wc", "-l"});
        CHECK(outcome.out == "2\n2\n2\n");
    }

    TEST_CASE("a pinned command runs on that CPU alone") {
        const std::string cpu = std::to_string(first_cpu());
        const Outcome outcome = pmcstat(
            {"--pin", cpu, "-e", "cs", "--", "sed", "-n", "s/^Cpus_allowed_list:[[:space:]]*//p", "/proc/self/status"});
        CHECK(outcome.out == cpu + "\n");
        const Outcome nowhere = pmcstat({"-r", "3", "--pin", "1022", "-e", "cs", "--", "true"});
        CHECK(nowhere.status == 125);
        CHECK_MESSAGE(contains(nowhere.err, "can't be pinned to CPU 1022"), nowhere.err);
    }

    TEST_CASE("--no-aslr: the stack is at the same place each time") {
        const Outcome outcome =
            pmcstat({"-r", "4", "--no-aslr", "-e", "cs", "--", "sed", "-n", "s/ .*\\[stack\\]$//p", "/proc/self/maps"});
        std::set<std::string> places;
        for (std::size_t at = 0, end = 0; (end = outcome.out.find('\n', at)) != std::string::npos; at = end + 1)
            places.insert(outcome.out.substr(at, end - at));
        CHECK_MESSAGE(places.size() == 1, outcome.out);
        CHECK(outcome.status == 0);
    }

    TEST_CASE("--fixed-env: the same size whatever the caller's environment is") {
        const auto size_with = [](const char* name, const std::string& value) {
            process::Setting setting;
            setting.in_child = [&] { setenv(name, value.c_str(), 1); };
            const Outcome outcome = pmcstat({"--fixed-env", "-e", "cs", "--", "env", "-0"}, setting);
            CHECK(contains(outcome.out, "PATH="));
            CHECK_FALSE(contains(outcome.out, "SOMETHING="));
            return outcome.out.size();
        };
        const std::size_t size = size_with("SOMETHING", "short");
        CHECK(size % 4096 == 0);
        CHECK(size_with("SOMETHING", std::string(1000, 'x')) == size);
        CHECK(size_with("HOME", "/a/home/that/is/somewhat/longer") == size);
    }

    TEST_CASE("a replay of several runs has their report") {
        const std::string file = new_file();
        CHECK(pmcstat({"-r", "6", "-e", "page-faults", "--format", "json", "-o", file, "--", "true"}).status == 0);
        const Outcome outcome = pmcstat({"--replay", file});
        CHECK(outcome.status == 0);
        CHECK_MESSAGE(contains(outcome.err, "6 runs, all exit 0"), outcome.err);
    }

    TEST_CASE("what can't be repeated is refused before anything runs") {
        const std::string log = new_file();
        const std::vector<std::vector<std::string>> wrong = {{"-r", "0"},
                                                             {"-r", "x"},
                                                             {"-r", "-1"},
                                                             {"--warmup", "1"},
                                                             {"--allow-failures"},
                                                             {"-r", "2", "--passes"},
                                                             {"-r", "2", "-I", "100"},
                                                             {"-r", "2", "-D", "100"},
                                                             {"-r", "2", "-x", ","},
                                                             {"-r", "2", "--format", "prom"},
                                                             {"-r", "2", "-a", "--per-cpu"},
                                                             {"-r", "5", "--max-runs", "3"},
                                                             {"--max-runs", "3"}};
        for (std::vector<std::string> options : wrong) {
            const std::string option = options.front();
            const Outcome outcome = pmcstat_with(std::move(options), {"sh", "-c", "echo x >>" + log});
            CHECK_MESSAGE(outcome.status == 125, option);
            CHECK_MESSAGE(contains(outcome.err, "hint: "), outcome.err);
        }
        CHECK(pmcstat({"-r", "3", "-a"}).status == 125);
        CHECK_FALSE(process::exists(log));
    }

    TEST_CASE("--calibrate names the smallest change that shows, of each value") {
        const Outcome outcome = pmcstat({"--calibrate", "-r", "6", "-e", "page-faults", "--", "true"});
        CHECK(outcome.status == 0);
        CHECK_MESSAGE(contains(outcome.err, "6 pairs of runs can tell from none"), outcome.err);
        CHECK_MESSAGE(contains(outcome.err, "time "), outcome.err);
    }
}
