#include "documents.hpp"

#include <doctest/doctest.h>

#include <pmc/value_series.hpp>

#include <algorithm>

using pmc::Cause;
using pmc::Count;
using pmc::Result;
using pmc::Sample;
using pmc::series_of;
using pmc::State;
using pmc::Statistic;
using pmc::ValueSeries;
using namespace pmc::test;
using Better = pmc::ValueSeries::Better;
using Numbers = std::vector<double>;
using Runs = std::vector<int>;

namespace {

ValueSeries find(const Result& result, const std::string& name, const std::string& scope = {},
                 const std::string& id = {}) {
    for (ValueSeries& one : series_of(result)) {
        if (one.name == name && one.scope == scope && one.id == id)
            return one;
    }
    FAIL("no series ", name, " of ", scope, " ", id);
    return {};
}

} // namespace

TEST_SUITE("value_series") {
    TEST_CASE("events, metrics and the time of each run, whatever the process was called") {
        Result result = document();
        for (int i = 0; i < 3; ++i) {
            Sample& sample = add_run(result, 1 + i);
            sample.events = {event("cycles", 100 + i), event("instructions", 200)};
            sample.events[1].asked = false;
            sample.metrics = {metric("ipc", 2.0 - i, "higher", "insn/cycle")};
            sample.metrics[0].asked = false;
        }
        const std::vector<ValueSeries> all = series_of(result);
        REQUIRE(all.size() == 4);
        CHECK(all[0].name == "cycles");
        CHECK(all[0].values == Numbers{100, 101, 102});
        CHECK(all[0].runs == Runs{0, 1, 2});
        CHECK(all[0].summary.median == 101);
        CHECK(all[0].better == Better::lower);
        CHECK(all[0].is_asked);
        CHECK(all[0].is_repeated);
        CHECK(all[0].encoding == "armv8_pmuv3/cycles/");
        CHECK_FALSE(all[1].is_asked);
        CHECK(all[2].name == "ipc");
        CHECK(all[2].unit == "insn/cycle");
        CHECK(all[2].better == Better::higher);
        CHECK_FALSE(all[2].is_asked);
        CHECK(all[3].name == "time");
        CHECK(all[3].kind == ValueSeries::Kind::time);
        CHECK(all[3].values == Numbers{1, 2, 3});
        CHECK(std::ranges::all_of(all, [](const ValueSeries& one) { return one.scope.empty() && one.id.empty(); }));
    }

    TEST_CASE("warm-up and disturbed runs do not count, and outliers are named by their run") {
        Result result = runs_of("cycles", {900, 100, 101, 777, 102, 500, 103, 99, 100});
        result.runs[0].warmup = true;
        result.runs[3].disturbed = "migrated though pinned";
        const ValueSeries cycles = find(result, "cycles");
        CHECK(cycles.values == Numbers{100, 101, 102, 500, 103, 99, 100});
        CHECK(cycles.runs == Runs{1, 2, 4, 5, 6, 7, 8});
        CHECK(cycles.outliers == Runs{5});
        CHECK(find(result, "time").values.size() == 7);
        for (Result::Run& run : result.runs)
            run.disturbed = "switched out";
        CHECK(find(result, "cycles").state == State::not_counted);
        CHECK(find(result, "cycles").reason.cause == Cause::disturbed);
    }

    TEST_CASE("of counts that repeat none is far from the others") {
        CHECK(find(runs_of("instructions", {1e6, 1e6, 1e6, 1e6, 1e6 + 3}), "instructions").outliers.empty());
    }

    TEST_CASE("a value that one run lacks is not counted, for the reason of that run") {
        Result result = runs_of("cycles", {1, 2, 3});
        result.samples[1].events[0].count = Count(0, 5, 0);
        result.samples[1].events[0].reason = {Cause::counters_busy, 0, "a rival", "end it"};
        const ValueSeries cycles = find(result, "cycles");
        CHECK(cycles.state == State::not_counted);
        CHECK(cycles.reason.evidence == "a rival");
        CHECK(cycles.values.empty());
        result.samples[1].events.clear();
        CHECK(find(result, "cycles").state == State::not_counted);
        for (Sample& sample : result.samples)
            sample.events = {event("cycles", 0)};
        for (Sample& sample : result.samples)
            sample.events[0].count = Count(0, 0, 0, State::not_available);
        CHECK(find(result, "cycles").state == State::not_available);
    }

    TEST_CASE("the coverage is the least of all runs") {
        Result result = runs_of("cycles", {1, 2});
        result.samples[1].events[0] = event("cycles", 100, 0.5);
        CHECK(find(result, "cycles").coverage == doctest::Approx(0.5));
        CHECK(find(result, "cycles").values[1] == doctest::Approx(100));
    }

    TEST_CASE("a single run is a series of one, and says that it is not repeated") {
        Result result = document();
        Sample& sample = result.samples.emplace_back();
        sample.id = "100";
        sample.events.push_back(event("cycles", 7));
        CHECK(find(result, "cycles").values == Numbers{7});
        CHECK_FALSE(find(result, "cycles").is_repeated);
        CHECK(find(result, "time").values == Numbers{1});
        CHECK_FALSE(find(runs_of("cycles", {7}), "cycles").is_repeated); // -r 1
        Result ended = runs_of("cycles", {7});
        ended.repeats->ended = "SIGINT";
        CHECK(find(ended, "cycles").is_repeated);
    }

    TEST_CASE("where one run never ran there and another could not be counted, it is the latter that is told") {
        Result result = on_cores({{1, 0}, {1, 1}});
        result.samples[1].events[1].count = Count(0, 5, 0);
        result.samples[1].events[1].reason = {Cause::never_scheduled, 0, "counters are busy", {}};
        CHECK(series_of(result)[1].reason.cause == Cause::never_scheduled);
    }

    TEST_CASE("samples may come in any order of their runs") {
        Result result = runs_of("cycles", {100, 101, 102, 103});
        std::ranges::reverse(result.samples);
        CHECK(find(result, "cycles").values == Numbers{100, 101, 102, 103});
    }

    TEST_CASE("many runs take no longer than each of them, be their threads others each time") {
        constexpr int many = 20'000;
        Result result = document();
        for (int run = 0; run < many; ++run) {
            add_run(result).events.push_back(event("cycles", run));
            Sample thread = result.samples.back();
            thread.scope = "thread";
            result.samples.push_back(std::move(thread));
        }
        CHECK(find(result, "cycles").values.size() == many);
        const ValueSeries thread = find(result, "cycles", "thread", "107");
        CHECK(thread.state == State::not_counted);
        CHECK(thread.reason.evidence == "not in run 0");
    }

    TEST_CASE("of a region the counts and the time of one call, over all processes") {
        Result result = document();
        for (int run = 0; run < 2; ++run) {
            add_run(result).events.push_back(event("cycles", 5000));
            add_region(result, run, "parse", 10, 1000 + 100 * run, 1);
            add_region(result, run, "parse", 30, 3000 + 100 * run, 2).metrics.push_back(metric("ipc", 2, "higher"));
        }
        CHECK(find(result, "cycles").values == Numbers{5000, 5000});
        CHECK(find(result, "cycles", "region", "parse").values == Numbers{100, 105});
        CHECK(find(result, "time", "region", "parse").values[0] == doctest::Approx(1e-6));
        CHECK(find(result, "ipc", "region", "parse").state == State::not_counted); // of two processes
    }

    TEST_CASE("calls that were not counted are not in the mean, and a region without calls has no value") {
        Result result = document();
        add_region(result, 0, "parse", 10, 800).region->uncounted = 2;
        CHECK(find(result, "cycles", "region", "parse").values == Numbers{100});
        add_region(result, 0, "idle", 0, 0);
        CHECK(find(result, "cycles", "region", "idle").reason.cause == Cause::never_ran);
        CHECK(find(result, "time", "region", "idle").state == State::not_counted);
    }

    TEST_CASE("a region that one run does not have is not counted") {
        Result result = runs_of("cycles", {1, 2});
        add_region(result, 0, "parse", 1, 10);
        const ValueSeries parse = find(result, "cycles", "region", "parse");
        CHECK(parse.state == State::not_counted);
        CHECK(parse.reason.evidence == "not in run 1");
    }

    TEST_CASE("passes tell each their own, intervals count by their total") {
        Result passes = document();
        for (const char* name : {"cycles", "branches"}) {
            Sample& sample = passes.samples.emplace_back();
            sample.run = static_cast<int>(passes.runs.size());
            sample.id = std::to_string(sample.run);
            sample.events.push_back(event(name, 5));
            passes.runs.push_back(passes.run);
        }
        CHECK(find(passes, "cycles").values == Numbers{5});
        CHECK(find(passes, "branches").values == Numbers{5});

        Result intervals = document();
        for (int i = 0; i < 2; ++i)
            intervals.samples.emplace_back().events.push_back(event("cycles", 5));
        CHECK(find(intervals, "cycles").state == State::not_counted);
        intervals.samples.emplace_back().events.push_back(event("cycles", 10));
        intervals.samples.back().summary = true;
        CHECK(find(intervals, "cycles").values == Numbers{10});
    }

    TEST_CASE("what measure() found has the summary of its runs") {
        Result result = document();
        Sample& sample = result.samples.emplace_back();
        sample.scope = "measure";
        sample.events.push_back(event("cycles", 100));
        Statistic statistic;
        statistic.name = "cycles";
        statistic.summary = pmc::summarize({98, 99, 100, 101, 102, 103, 104});
        result.statistics.push_back(statistic);
        const ValueSeries cycles = find(result, "cycles");
        CHECK(cycles.summary.samples == 7);
        CHECK(cycles.summary.median == 101);
        CHECK(cycles.values.empty());
        CHECK(cycles.is_repeated);
        CHECK(cycles.has_value());
    }

    TEST_CASE("a model's counts say so") {
        Result result = runs_of("instructions", {5});
        result.run.backend = "model";
        CHECK(find(result, "instructions").source == "model");
        CHECK(find(result, "time").source == "measured");
    }

    TEST_CASE("statistics are those of the values that there are") {
        Result result = runs_of("cycles", {100, 101, 102, 500, 103, 99, 100});
        for (Sample& sample : result.samples)
            sample.events.push_back(event("branches", 0)), sample.events.back().count = Count();
        const std::vector<Statistic> statistics = pmc::statistics_of(result);
        REQUIRE(statistics.size() == 2);
        CHECK(statistics[0].name == "cycles");
        CHECK(statistics[0].summary.samples == 7);
        CHECK(statistics[0].summary.max == 500);
        CHECK(statistics[0].outliers == Runs{3});
        CHECK(statistics[1].name == "time");
        CHECK(statistics[1].unit == "s");
        CHECK(pmc::statistics_of(Result{}).empty());
    }
}
