#include <pmc/repeats.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using pmc::MetricSet;
using pmc::Repeats;
using pmc::Result;

namespace {

MetricSet clock_only() {
    pmc::Expected<MetricSet> set = MetricSet::parse("task-clock");
    REQUIRE(set.has_value());
    return *std::move(set);
}

/// A run as Session::finish() documents it.
Result a_run(double elapsed_s, int status = 0) {
    Result result;
    result.run.argv = {"./app"};
    result.run.status = status;
    result.run.elapsed_s = elapsed_s;
    pmc::Sample sample;
    sample.end_s = elapsed_s;
    result.samples.push_back(sample);
    return result;
}

Result with_switches(std::int64_t switches) {
    Result run = a_run(1);
    run.run.involuntary_switches = switches;
    return run;
}

const pmc::Statistic& time_of(const Result& result) {
    const auto found = std::ranges::find(result.statistics, "time", &pmc::Statistic::name);
    REQUIRE(found != result.statistics.end());
    return *found;
}

} // namespace

TEST_SUITE_BEGIN("repeats");

TEST_CASE("no runs are a mistake") {
    CHECK_THROWS_AS(Repeats(clock_only(), {.runs = 0}), pmc::Error);
}

TEST_CASE("as many runs as asked for, after those that warm up, which do not count") {
    Repeats repeats(clock_only(), {.runs = 3, .warmup = 2});
    int runs = 0;
    while (repeats.has_next()) {
        repeats.add(a_run(runs < 2 ? 100 : 1 + runs));
        ++runs;
    }
    CHECK(runs == 5);
    const Result result = repeats.result();
    REQUIRE(result.repeats);
    CHECK(result.repeats->runs == 3);
    CHECK(result.repeats->warmup == 2);
    CHECK(result.repeats->ended == "");
    CHECK(result.runs.size() == 5);
    CHECK(result.samples.size() == 5); // every sample is kept …
    CHECK(result.samples.back().run == 4);
    CHECK(time_of(result).summary.samples == 3); // … and three count
    CHECK(time_of(result).summary.min == 3);
    CHECK(time_of(result).summary.median == 4);
    CHECK(time_of(result).summary.max == 5);
}

TEST_CASE("it ends with a run that fails, which does not count") {
    Repeats repeats(clock_only(), {.runs = 5});
    repeats.add(a_run(1));
    repeats.add(a_run(9, 3));
    CHECK_FALSE(repeats.has_next());
    const Result result = repeats.result();
    CHECK(result.repeats->runs == 1);
    CHECK(result.repeats->failed == 1);
    CHECK(result.repeats->disturbed == 0);
    CHECK(result.repeats->ended == "run 1 ended with status 3");
    CHECK(result.run.status == 3);
    CHECK(time_of(result).summary.max == 1);
    CHECK(result.notes == std::vector<std::string>{"the command's status varies: 0 in 1 run, 3 in 1 run"});
}

TEST_CASE("a warm-up that fails ends it too") {
    Repeats repeats(clock_only(), {.runs = 5, .warmup = 1});
    repeats.add(a_run(1, 1));
    CHECK_FALSE(repeats.has_next());
}

TEST_CASE("where failures are allowed they count like the others") {
    Repeats repeats(clock_only(), {.runs = 3, .allow_failures = true});
    for (const int status : {0, 1, 1})
        repeats.add(a_run(1, status));
    CHECK_FALSE(repeats.has_next());
    const Result result = repeats.result();
    CHECK(result.repeats->runs == 3);
    CHECK(result.repeats->failed == 2);
    CHECK(result.repeats->ended == "");
    CHECK(result.notes.size() == 1);
}

TEST_CASE("a run that left the CPU it was pinned to is marked, and another takes its place") {
    Repeats repeats(clock_only(), {.runs = 2});
    Result moved = a_run(50);
    moved.run.cpu = 1;
    moved.run.migrations = 2;
    Result stayed = a_run(1);
    stayed.run.cpu = 1;
    stayed.run.migrations = 0;
    repeats.add(moved);
    repeats.add(stayed);
    CHECK(repeats.has_next());
    repeats.add(stayed);
    CHECK_FALSE(repeats.has_next());
    const Result result = repeats.result();
    CHECK(result.runs[0].disturbed == "migrated though pinned");
    CHECK(result.runs[1].disturbed == "");
    CHECK(result.repeats->runs == 2);
    CHECK(result.repeats->disturbed == 1);
    CHECK(time_of(result).summary.max == 1);
}

TEST_CASE("a run that was taken off its CPU far more often than the others is replaced; a little more is nothing") {
    Repeats repeats(clock_only(), {.runs = 6});
    for (const int switches : {2, 3, 300, 2, 18, 4})
        repeats.add(with_switches(switches));
    CHECK(repeats.has_next());
    repeats.add(with_switches(3));
    CHECK_FALSE(repeats.has_next());
    const Result result = repeats.result();
    CHECK(result.runs[2].disturbed == "taken off its CPU 300 times, the others 3");
    CHECK(result.runs[4].disturbed == "");
    CHECK(result.repeats->disturbed == 1);
}

TEST_CASE("of a few runs nobody can say which is the odd one") {
    Repeats repeats(clock_only(), {.runs = 3});
    for (const int switches : {0, 0, 500})
        repeats.add(with_switches(switches));
    CHECK_FALSE(repeats.has_next());
    CHECK(repeats.result().repeats->disturbed == 0);
}

TEST_CASE("where every run is disturbed it ends, and says so") {
    Repeats repeats(clock_only(), {.runs = 4});
    int runs = 0;
    while (repeats.has_next()) {
        Result moved = a_run(1);
        moved.run.cpu = 0;
        moved.run.migrations = 1;
        repeats.add(moved);
        ++runs;
    }
    CHECK(runs == 8);
    const Result result = repeats.result();
    CHECK(result.repeats->runs == 0);
    CHECK(result.repeats->disturbed == 8);
    CHECK(result.repeats->ended == "as many runs were disturbed as were asked for");
}

TEST_CASE("more runs can be asked for, never fewer") {
    Repeats repeats(clock_only(), {.runs = 2});
    repeats.add(a_run(1));
    repeats.add(a_run(1));
    CHECK_FALSE(repeats.has_next());
    repeats.extend(1);
    CHECK_FALSE(repeats.has_next());
    repeats.extend(3);
    CHECK(repeats.has_next());
}

TEST_CASE("the first reason to end it stands") {
    Repeats repeats(clock_only(), {.runs = 2});
    repeats.end("SIGINT");
    repeats.add(a_run(1, 130));
    CHECK_FALSE(repeats.has_next());
    CHECK(repeats.result().repeats->ended == "SIGINT");
}

TEST_CASE("a run that was cut short does not count, though it made a success of it") {
    Repeats repeats(clock_only(), {.runs = 3});
    repeats.add(a_run(1));
    repeats.end("SIGTERM");
    repeats.add(a_run(0.5, 0));
    const Result result = repeats.result();
    CHECK(result.repeats->runs == 1);
    CHECK(result.runs[1].disturbed == "cut short: SIGTERM");
    CHECK(time_of(result).summary.min == 1);
}

TEST_CASE("a command that is run for real, again and again, from one set") {
    Repeats repeats(clock_only(), {.runs = 3});
    while (repeats.has_next()) {
        auto session = repeats.start({{"true"}});
        REQUIRE(session.has_value());
        repeats.add(session->finish());
    }
    const Result result = repeats.result();
    CHECK(result.repeats->runs == 3);
    const pmc::Expected<Result> again = Result::from_json(result.to_json());
    REQUIRE_MESSAGE(again.has_value(), again.error().message());
    CHECK(again->to_json() == result.to_json());
}

TEST_SUITE_END();
