#include "documents.hpp"

#include <doctest/doctest.h>

#include <pmc/gate.hpp>

using pmc::Cause;
using pmc::Check;
using pmc::check_assertion;
using pmc::Count;
using pmc::Outcome;
using pmc::Result;
using namespace pmc::test;

namespace {

Check checked(const Result& result, const std::string& text, const std::string& region = {}) {
    const auto checks = check_assertion(result, text, region);
    REQUIRE_MESSAGE(checks, text);
    REQUIRE(checks->size() == 1);
    CHECK(checks->front().asked == text);
    CHECK(checks->front().message.find('\n') == std::string::npos);
    return checks->front();
}

Outcome outcome(const Result& result, const std::string& text, const std::string& region = {}) {
    return checked(result, text, region).outcome;
}

Result single(double ipc) {
    Result result = document();
    pmc::Sample& sample = result.samples.emplace_back();
    sample.id = "100";
    sample.events.push_back(event("instructions:u", 1'000'001));
    sample.metrics.push_back(metric("ipc", ipc, "higher", "insn/cycle"));
    sample.metrics.push_back(metric("llc.mpki", 3, "lower", "misses/kinsn"));
    return result;
}

} // namespace

TEST_SUITE("check_assertion") {
    TEST_CASE("a single run is judged by its value") {
        CHECK(outcome(single(1.3), "ipc>=1.2") == Outcome::pass);
        CHECK(outcome(single(1.1), "ipc>=1.2") == Outcome::fail);
        CHECK(outcome(single(1), "instructions:u<=1000001") == Outcome::pass);
        CHECK(outcome(single(1), "instructions:u<=1000000") == Outcome::fail);
        CHECK(outcome(single(1), "llc.mpki.max<=3") == Outcome::pass);
        const Check check = checked(single(1.3), "ipc >= 1.2");
        CHECK(check.name == "ipc");
        CHECK(check.message == "1.3 insn/cycle, which is >= 1.2");
        CHECK(check.unit == "insn/cycle");
        CHECK(check.limit == 1.2);
        CHECK(check.value->median == 1.3);
    }

    TEST_CASE("time and seconds are what elapsed") {
        Result result = single(1);
        result.run.elapsed_s = 0.25;
        CHECK(outcome(result, "time<=250ms") == Outcome::pass);
        CHECK(outcome(result, "seconds < 250ms") == Outcome::fail);
        CHECK(outcome(result, "time<=250") == Outcome::pass);
        CHECK(outcome(result, "time<=1%") == Outcome::invalid);
    }

    TEST_CASE("of several runs the median's whole interval is judged") {
        const Result result = runs_of("cycles", {100, 101, 102, 103, 104, 105, 106});
        CHECK(outcome(result, "cycles<=106") == Outcome::pass);
        CHECK(outcome(result, "cycles<=103") == Outcome::inconclusive);
        CHECK(outcome(result, "cycles<=99") == Outcome::fail);
        CHECK(outcome(result, "cycles.min<=100") == Outcome::pass);
        CHECK(checked(result, "cycles<=99").message == "median 103 (95 % interval 100 to 106), which is not <= 99");
        CHECK(checked(result, "cycles.max<=99").message == "max 106, which is not <= 99");
    }

    TEST_CASE("too few runs are inconclusive, unless they are of counts that repeat") {
        CHECK(outcome(runs_of("cycles", {100, 101, 102}), "cycles<=1000") == Outcome::inconclusive);
        const Result repeating = runs_of("instructions:u", {1'000'000, 1'000'000, 1'000'001});
        CHECK(outcome(repeating, "instructions:u<=1000001") == Outcome::pass);
        CHECK(outcome(repeating, "instructions:u<=1000000") == Outcome::inconclusive);
        CHECK(outcome(repeating, "instructions:u<=999999") == Outcome::fail);
        CHECK(checked(repeating, "instructions:u<=999999").message ==
              "median 1000000 (3 runs: 1000000 to 1000001), which is not <= 999999");
        // A time that repeats is a coarse clock.
        CHECK(outcome(repeating, "time<=2") == Outcome::inconclusive);
        CHECK(outcome(runs_of("instructions:u", {1'000'000, 1'000'000}), "instructions:u<=1000000") ==
              Outcome::inconclusive);
    }

    TEST_CASE("what was not counted, or not all the time, is unknown and says what to do") {
        Result result = single(1);
        result.samples[0].metrics[0].state = pmc::State::not_available;
        result.samples[0].metrics[0].reason = {Cause::no_virtual_pmu, 2, "no virtual PMU", "enable it"};
        const Check check = checked(result, "ipc>=1.2");
        CHECK(check.outcome == Outcome::unknown);
        CHECK(check.message == "not available: no virtual PMU");
        CHECK(check.hint == "enable it");
        CHECK_FALSE(check.value);
        result.samples[0].events[0] = event("instructions:u", 5, 0.98);
        CHECK(outcome(result, "instructions:u<=1G") == Outcome::unknown);
        CHECK(checked(result, "instructions:u<=1G").message == "an estimate: it was counted 98.0 % of the time");
        result.samples[0].events[0] = event("instructions:u", 5, 0.995);
        CHECK(outcome(result, "instructions:u<=1G") == Outcome::pass);
    }

    TEST_CASE("of a command that failed all is unknown, unless it may fail") {
        Result one = single(1.3);
        one.run.status = 1;
        const Check check = checked(one, "ipc>=1.2");
        CHECK(check.outcome == Outcome::unknown);
        CHECK(check.message == "the command failed: it ended with status 1");
        CHECK(outcome(one, "icp>=1.2") == Outcome::invalid);

        Result several = runs_of("cycles", {100, 101, 102, 103, 104, 105, 106});
        several.repeats->ended = "SIGINT";
        CHECK(outcome(several, "cycles<=106") == Outcome::pass);
        several.runs[4].status = 139;
        several.runs[4].disturbed = "ended with status 139";
        several.repeats->failed = 1;
        CHECK(checked(several, "cycles<=106").message == "the command failed: run 4 ended with status 139");
        CHECK(outcome(several, "cycles<=106") == Outcome::unknown);
        several.repeats->allow_failures = true;
        CHECK(outcome(several, "cycles<=106") == Outcome::pass);

        Result told = runs_of("cycles", {100, 101, 102, 103, 104, 105, 106});
        told.repeats->failed = 2;
        CHECK(checked(told, "cycles<=106").message == "the command failed: 2 of its runs did");
    }

    TEST_CASE("a name that nothing has is invalid, with what is near") {
        const Check typo = checked(single(1), "instrutcions:u<=5");
        CHECK(typo.outcome == Outcome::invalid);
        CHECK(typo.message == "nothing was measured by the name 'instrutcions:u'");
        CHECK(typo.hint == "did you mean 'instructions:u'?");
        CHECK(checked(single(1), "llc<=5").hint == "did you mean 'llc.mpki'?");
        CHECK(checked(single(1), "energy<=5").hint == "there are instructions:u, ipc, llc.mpki, time");
        CHECK_FALSE(check_assertion(single(1), "ipc"));
        CHECK_FALSE(check_assertion(single(1), "ipc>=nan"));
    }

    TEST_CASE("names are as in -e: a hyphen is an underscore") {
        CHECK(outcome(runs_of("branch-misses", {5, 5, 5}), "branch_misses<=5") == Outcome::pass);
    }

    TEST_CASE("of regions each is checked by its calls, or the one that is named") {
        Result result = document();
        add_region(result, 0, "parse", 10, 1000);
        add_region(result, 0, "write", 10, 9000);
        add_region(result, 0, "write", 1, 1).scope = "region_self";
        const auto checks = check_assertion(result, "cycles<=500");
        REQUIRE(checks);
        REQUIRE(checks->size() == 2);
        CHECK((*checks)[0].id == "parse");
        CHECK((*checks)[0].scope == "region");
        CHECK((*checks)[0].outcome == Outcome::pass);
        CHECK((*checks)[1].id == "write");
        CHECK((*checks)[1].outcome == Outcome::fail);
        CHECK(outcome(result, "cycles<=500", "parse") == Outcome::pass);
        CHECK(outcome(result, "time<=1us", "parse") == Outcome::pass);
        const Check typo = checked(result, "cycles<=500", "pasre");
        CHECK(typo.outcome == Outcome::invalid);
        CHECK(typo.message == "there is no region 'pasre'");
        CHECK(typo.hint == "did you mean 'parse'?");
        CHECK(checked(single(1), "ipc>1", "parse").hint == "the document has no regions");
    }

    TEST_CASE("the command's own value comes before those of its regions") {
        Result result = single(1);
        result.samples[0].events.push_back(event("cycles", 7));
        add_region(result, 0, "parse", 10, 1000);
        CHECK(checked(result, "cycles<=7").scope.empty());
        CHECK(outcome(result, "cycles<=7") == Outcome::pass);
    }

    TEST_CASE("of several core types the sum of an event is judged, none of its parts") {
        const Result both = on_cores({{60, 50}, {50, 60}, {110, 0}, {0, 110}, {55, 55}, {10, 100}});
        const Check check = checked(both, "cycles<=100");
        CHECK(check.outcome == Outcome::fail);
        CHECK(check.name == "cycles");
        CHECK(check.value->min == 110);
        CHECK(check.value->max == 110);
        CHECK(outcome(both, "cycles<=110") == Outcome::pass);
        Result busy = on_cores({{60, 0}});
        busy.samples[0].events[1].reason = {Cause::never_scheduled, 0, "counters are busy", "free one"};
        CHECK(outcome(busy, "cycles<=100") == Outcome::unknown);
        CHECK(checked(busy, "cycles<=100").hint == "free one");
        CHECK(outcome(on_cores({{0, 0}}), "cycles<=100") == Outcome::unknown);
        CHECK(pmc::series_of(both).size() == 3); // with the time: elsewhere they are told apart
    }

    TEST_CASE("of a region of several processes each may have run on other core types") {
        Result result = document();
        for (const bool on_atom : {false, true}) {
            pmc::Sample& sample = add_region(result, 0, "parse", 5, 500);
            sample.events.push_back(sample.events[0]);
            sample.events[0].core = "cpu_core";
            sample.events[1].core = "cpu_atom";
            sample.events[on_atom ? 0 : 1].count = Count(0, 0, 0);
            sample.events[on_atom ? 0 : 1].reason = {Cause::never_ran, 0, "never ran there", {}};
        }
        CHECK(outcome(result, "cycles<=100") == Outcome::pass);
        CHECK(outcome(result, "cycles<=99") == Outcome::fail);
    }

    TEST_CASE("of what measure() found of each core type the sum is not known") {
        Result result = on_cores({{60, 50}});
        result.repeats.reset();
        result.runs.clear();
        result.statistics.push_back({"cycles", "", "", "cpu_core", "", "measured", pmc::summarize({60, 60, 60}), {}});
        CHECK(outcome(result, "cycles<=200") == Outcome::unknown);
    }

    TEST_CASE("a metric is judged on the core types that it ran on") {
        Result result = document();
        pmc::Sample& sample = result.samples.emplace_back();
        for (const char* core : {"cpu_core", "cpu_atom"}) {
            sample.metrics.push_back(metric("ipc", 2, "higher"));
            sample.metrics.back().core = core;
        }
        const auto lose = [&](std::size_t which, Cause cause) {
            sample.metrics[which].state = pmc::State::not_counted;
            sample.metrics[which].reason = {cause, 0, "not there", {}};
        };
        CHECK(check_assertion(result, "ipc>=1")->size() == 2);
        lose(1, Cause::never_ran);
        CHECK(checked(result, "ipc>=1").name == "ipc (cpu_core)");
        CHECK(outcome(result, "ipc>=1") == Outcome::pass);
        lose(1, Cause::counters_busy);
        const auto checks = check_assertion(result, "ipc>=1");
        REQUIRE(checks->size() == 2);
        CHECK((*checks)[1].outcome == Outcome::unknown);
        lose(0, Cause::never_ran);
        lose(1, Cause::never_ran);
        CHECK(check_assertion(result, "ipc>=1")->size() == 2);
        CHECK(check_assertion(result, "ipc>=1")->front().outcome == Outcome::unknown);
    }

    TEST_CASE("the name of an assertion") {
        CHECK(pmc::asserted_name("llc.mpki.max<=2").value() == "llc.mpki");
        CHECK(pmc::asserted_name("instructions:u == 5").value() == "instructions:u");
        CHECK_FALSE(pmc::asserted_name("instructions"));
    }
}
