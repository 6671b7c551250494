#include "record/verdict_json.hpp"

#include <pmc/result.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace pmc;
using record::Json;

namespace {

Summary ten() {
    return {10, 1.5, 1.75, 2, {1.625, 1.875, 0.9785}};
}

/// Two runs that count, one before them and one that was disturbed.
Result repeated() {
    Result result;
    result.host.microcode = "0x2007006";
    result.host.governor = "performance";
    result.host.boost = false;
    result.run.argv = {"./app"};
    result.run.backend = "model";
    result.run.model = "cachegrind-3.19 I1=32768,8,64";
    result.run.cpu = 3;
    result.run.fixed_addresses = result.run.fixed_environment = true;
    result.runs.assign(4, result.run);
    result.runs[0].warmup = true;
    result.runs[1].migrations = 0;
    result.runs[1].involuntary_switches = 1'000'000'000'000;
    result.runs[2].disturbed = "migrated though pinned";
    result.runs[2].migrations = 2;
    result.repeats = Result::Repeats{2, 1, 1, 0, "SIGINT"};
    for (int run = 0; run < 4; ++run) {
        Sample sample;
        sample.run = run;
        sample.end_s = 1;
        result.samples.push_back(sample);
    }
    result.statistics = {{"time", "", "", "", "s", "measured", ten(), {3}},
                         {"llc.mpki", "region", "parse", "cpu_core", "misses/kinsn", "model", ten(), {}}};
    Check check;
    check.outcome = Outcome::fail;
    check.name = "time";
    check.asked = "at most +2 % over the baseline";
    check.message = "1.75 s vs baseline 1.5 s";
    check.hint = "pmcstat --explain time";
    check.unit = "s";
    check.value = ten();
    check.baseline = ten();
    check.change = Change{0.05, {0.04, 0.06, 0.95}, Change::Basis::ranks, true};
    check.limit = 0.02;
    Check unknown;
    unknown.name = "ipc";
    unknown.scope = "region";
    unknown.id = "parse";
    unknown.asked = "ipc>=1.2";
    unknown.message = "ipc is not available";
    unknown.source = "model";
    result.verdicts = {check, unknown};
    return result;
}

std::string refusal(const Json& json) {
    const Expected<Result> read = Result::from_json(json.dump());
    REQUIRE_FALSE(read);
    CHECK(read.error().kind() == ErrorKind::format);
    return read.error().message();
}

} // namespace

TEST_SUITE("verdict_json") {
    TEST_CASE("repeated runs, their statistics and verdicts are read again as they were written") {
        const std::string text = repeated().to_json();
        const Expected<Result> read = Result::from_json(text);
        REQUIRE(read);
        CHECK(read->to_json() == text);
        CHECK(read->host.microcode == "0x2007006");
        CHECK(read->host.governor == "performance");
        CHECK(read->host.boost == false);
        CHECK(read->run.model == "cachegrind-3.19 I1=32768,8,64");
        CHECK(read->run.cpu == 3);
        CHECK(read->run.fixed_addresses);
        CHECK(read->run.fixed_environment);
        CHECK(read->runs.at(0).warmup);
        CHECK(read->runs.at(0).cpu == 3);
        CHECK_FALSE(read->runs.at(1).warmup);
        CHECK(read->runs.at(1).involuntary_switches == 1'000'000'000'000);
        CHECK(read->runs.at(1).migrations == 0);
        CHECK(read->runs.at(3).migrations == -1);
        CHECK(read->runs.at(2).disturbed == "migrated though pinned");
        REQUIRE(read->repeats);
        CHECK(read->repeats->runs == 2);
        CHECK(read->repeats->ended == "SIGINT");
        CHECK_FALSE(read->repeats->allow_failures);
        CHECK_FALSE(Json::parse(text)["repeats"].contains("allow_failures"));
        Result allowed = repeated();
        allowed.repeats->allow_failures = true;
        CHECK(Result::from_json(allowed.to_json())->repeats->allow_failures);
        const Statistic& time = read->statistics.at(0);
        CHECK(time.summary.samples == 10);
        CHECK(time.summary.interval.high == 1.875);
        CHECK(time.outliers == std::vector<int>{3});
        CHECK(read->statistics.at(1).core == "cpu_core");
        CHECK(read->statistics.at(1).source == "model");
        const Check& check = read->verdicts.at(0);
        CHECK(check.outcome == Outcome::fail);
        REQUIRE(check.change);
        CHECK(check.change->basis == Change::Basis::ranks);
        CHECK(check.change->interval.low == 0.04);
        CHECK(check.limit == 0.02);
        CHECK_FALSE(read->verdicts.at(1).value);
        CHECK(read->verdicts.at(1).id == "parse");
    }

    TEST_CASE("what there is nothing to say of is not in the document") {
        Result result;
        result.runs.resize(1);
        result.samples.resize(1);
        const Json json = Json::parse(result.to_json());
        for (const char* const key : {"repeats", "statistics"})
            CHECK_FALSE(json.contains(key));
        CHECK(json["verdicts"].empty());
        for (const char* const key : {"microcode", "governor", "boost"})
            CHECK_FALSE(json["host"].contains(key));
        for (const char* const key : {"model", "cpu", "fixed_addresses", "fixed_environment"})
            CHECK_FALSE(json["run"].contains(key));
        for (const char* const key : {"involuntary_switches", "migrations", "warmup", "disturbed"})
            CHECK_FALSE(json["runs"][0].contains(key));
    }

    TEST_CASE("an interval without an end has null there, and a change that is no ratio too") {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        Result result = repeated();
        result.verdicts[0].change = Change{0, {-infinity, infinity, 0}, Change::Basis::too_few, false};
        const Json json = Json::parse(result.to_json());
        CHECK(json["verdicts"][0]["change"]["change"].is_null());
        CHECK(json["verdicts"][0]["change"]["interval"]["low"].is_null());
        const Expected<Result> read = Result::from_json(json.dump());
        REQUIRE(read);
        const Change& change = *read->verdicts.at(0).change;
        CHECK_FALSE(change.is_defined);
        CHECK(change.interval.low == -infinity);
        CHECK(change.interval.high == infinity);
        result.statistics[0].summary.interval = {-infinity, infinity, 1};
        const Expected<Result> open = Result::from_json(result.to_json());
        REQUIRE(open);
        CHECK(open->statistics.at(0).summary.interval.low == -infinity);
        CHECK(open->statistics.at(0).summary.interval.high == infinity);
    }

    TEST_CASE("a damaged document is refused, naming the place") {
        const Json whole = Json::parse(repeated().to_json());
        const auto with = [&](const char* place, const Json& value) {
            Json json = whole;
            json[Json::json_pointer(place)] = value;
            return refusal(json);
        };
        const auto says = [](const std::string& message, const char* what) {
            CAPTURE(message);
            CHECK(message.find(what) != std::string::npos);
        };
        says(with("/statistics/0/samples", 0), "statistics[0].samples: expected a number above 0");
        says(with("/statistics/0/median", 3), "statistics[0].median: expected a number from min to max");
        says(with("/statistics/0/max", nullptr), "statistics[0].max: expected a number");
        says(with("/statistics/0/interval/low", 9), "statistics[0].interval.high: expected a number that is not below");
        says(with("/statistics/0/interval/low", -1), "statistics[0].interval.low: expected a number from min to the");
        says(with("/statistics/0/interval/low", 1.8), "statistics[0].interval.low: expected a number from min to the");
        says(with("/statistics/0/interval/high", 9), "statistics[0].interval.high: expected a number from the median");
        says(with("/statistics/0/interval/high", 1.7), "statistics[0].interval.high: expected a number from the");
        says(with("/statistics/0/interval/confidence", 1.5), "interval.confidence: expected a number from 0 to 1");
        says(with("/statistics/0/outliers/0", -1), "statistics[0].outliers[0]: expected a number that is not negative");
        says(with("/statistics/0/outliers/0", 4), "statistics: expected no outlier that is not in runs");
        says(with("/samples/3/run", 4), "samples: expected none of a run that is not in runs");
        says(with("/verdicts/0/outcome", "passed"), "verdicts[0].outcome: expected \"pass\", \"fail\"");
        says(with("/verdicts/0/change/basis", "hope"), "verdicts[0].change.basis: expected \"too few\"");
        says(with("/verdicts/0/value", 1), "verdicts[0].value: expected an object");
        says(with("/runs/0/warmup", 1), "runs[0].warmup: expected true or false");
        says(with("/runs/0/migrations", -1), "runs[0].migrations: expected a whole number that is not negative");
        says(with("/runs/0/max_rss_bytes", 9223372036854775808U), "runs[0].max_rss_bytes: expected a number that fits");
        says(with("/run/cpu", -1), "run.cpu: expected a number that is not negative");
        says(with("/repeats/runs", 1.5), "repeats.runs: expected a whole number");
        says(with("/repeats", Json::array()), "repeats: expected an object");
        says(with("/host/boost", "on"), "host.boost: expected true or false");
    }
}
