#include "gate/check.hpp"

#include "measure/measurement_access.hpp"

#include <doctest/doctest.h>

#include <string>

using pmc::Interval;
using pmc::MeasuredValue;
using pmc::Outcome;
using pmc::State;
using pmc::Verdict;

namespace {

MeasuredValue value_of(double min, Interval interval, double median, double max, std::string unit = {}) {
    MeasuredValue value;
    value.name = "instructions";
    value.unit = std::move(unit);
    value.state = State::counted;
    value.summary = {20, min, median, max, interval};
    return value;
}

/// 90 (95 … 100 … 110) 200
const MeasuredValue usual = value_of(90, {95, 110, 0.96}, 100, 200);

Verdict judged(const std::string& text, const MeasuredValue& value = usual) {
    const auto assertion = pmc::parse_assertion(text);
    REQUIRE_MESSAGE(assertion, text);
    return pmc::judge(*assertion, value);
}

Outcome outcome(const std::string& text, const MeasuredValue& value = usual) {
    const Verdict verdict = judged(text, value);
    CHECK(static_cast<bool>(verdict) == (verdict.outcome() == Outcome::pass));
    CHECK(verdict.message().find('\n') == std::string::npos);
    return verdict.outcome();
}

} // namespace

TEST_SUITE("check") {
    TEST_CASE("a median passes if its whole interval does, fails if nothing of it does, and is inconclusive between") {
        CHECK(outcome("instructions <= 110") == Outcome::pass);
        CHECK(outcome("instructions <= 109") == Outcome::inconclusive);
        CHECK(outcome("instructions <= 95") == Outcome::inconclusive);
        CHECK(outcome("instructions <= 94") == Outcome::fail);
        CHECK(outcome("instructions < 111") == Outcome::pass);
        CHECK(outcome("instructions < 110") == Outcome::inconclusive);
        CHECK(outcome("instructions < 95") == Outcome::fail);
        CHECK(outcome("instructions >= 95") == Outcome::pass);
        CHECK(outcome("instructions >= 96") == Outcome::inconclusive);
        CHECK(outcome("instructions >= 110") == Outcome::inconclusive);
        CHECK(outcome("instructions >= 111") == Outcome::fail);
        CHECK(outcome("instructions > 94") == Outcome::pass);
        CHECK(outcome("instructions > 95") == Outcome::inconclusive);
        CHECK(outcome("instructions > 110") == Outcome::fail);
        CHECK(outcome("instructions == 100") == Outcome::inconclusive);
        CHECK(outcome("instructions == 94") == Outcome::fail);
        CHECK(outcome("instructions == 95") == Outcome::inconclusive);
        CHECK(outcome("instructions == 7", value_of(7, {7, 7, 0.96}, 7, 7)) == Outcome::pass);
    }

    TEST_CASE("the smallest and the largest are compared as they are") {
        CHECK(outcome("instructions.min <= 90") == Outcome::pass);
        CHECK(outcome("instructions.min <= 89") == Outcome::fail);
        CHECK(outcome("instructions.min == 90") == Outcome::pass);
        CHECK(outcome("instructions.max < 200") == Outcome::fail);
        CHECK(outcome("instructions.max >= 200") == Outcome::pass);
    }

    TEST_CASE("too few runs for an interval tell of no median") {
        MeasuredValue few = value_of(90, {90, 200, 0.9375}, 100, 200);
        few.summary.samples = 5;
        CHECK(outcome("instructions <= 1000", few) == Outcome::inconclusive);
        CHECK(judged("instructions <= 1000", few).message() ==
              "instructions.median is 100 in 5 runs, too few for a verdict on <= 1000: it takes 6");
        CHECK(outcome("instructions.max <= 1000", few) == Outcome::pass);
    }

    TEST_CASE("the message has the numbers") {
        CHECK(judged("instructions.min <= 90").message() == "instructions.min is 90, which is <= 90");
        CHECK(judged("instructions.min <= 0.05k").message() == "instructions.min is 90, which is not <= 0.05k");
        CHECK(judged("instructions <= 94").message() ==
              "instructions.median is 100 (95 % interval 95 to 110), which is not <= 94");
        CHECK(judged("instructions <= 100").message() ==
              "instructions.median is 100 (95 % interval 95 to 110), which does not tell whether it is <= 100");
    }

    TEST_CASE("large counts are written in full, fractions in six digits") {
        const MeasuredValue large = value_of(12'345'678'901, {1, 2, 1}, 3, 4);
        CHECK(judged("instructions.min > 0", large).message() == "instructions.min is 12345678901, which is > 0");
        const MeasuredValue third = value_of(1.0 / 3, {1, 2, 1}, 3, 4, "insn/cycle");
        CHECK(judged("instructions.min > 0", third).message() ==
              "instructions.min is 0.333333 insn/cycle, which is > 0");
    }

    TEST_CASE("times and percentages are compared with their like") {
        const MeasuredValue time = value_of(0.002, {0.002, 0.002, 1}, 0.002, 0.002, "s");
        CHECK(outcome("instructions.min <= 2ms", time) == Outcome::pass);
        CHECK(outcome("instructions.min <= 1999us", time) == Outcome::fail);
        const MeasuredValue nanoseconds = value_of(2'000'000, {2'000'000, 2'000'000, 1}, 2'000'000, 2'000'000, "ns");
        CHECK(outcome("instructions.min == 2ms", nanoseconds) == Outcome::pass);
        CHECK(outcome("instructions.min <= 2ms") == Outcome::invalid);
        CHECK(judged("instructions.min <= 2ms").message() ==
              "instructions is a plain number, which can't be compared with 2ms");
        const MeasuredValue share = value_of(4, {4, 4, 1}, 4, 4, "%");
        CHECK(outcome("instructions <= 5%", share) == Outcome::pass);
        CHECK(outcome("instructions <= 3", share) == Outcome::fail);
        CHECK(outcome("instructions <= 5%") == Outcome::invalid);
    }

    TEST_CASE("what was not counted is unknown, with the reason and the remedy") {
        MeasuredValue value;
        value.name = "instructions";
        value.reason = {pmc::Cause::no_pmu, 0, "no PMU here", "buy one"};
        const Verdict verdict = judged("instructions <= 5", value);
        CHECK(verdict.outcome() == Outcome::unknown);
        CHECK_FALSE(static_cast<bool>(verdict));
        CHECK(verdict.message() == "instructions is not available: no PMU here; buy one");
    }

    TEST_CASE("unknown names and assertions that can't be read are invalid, never an exception and never unknown") {
        const pmc::Measurement m = pmc::MeasurementAccess::make({usual}, {}, pmc::MeasureEnd::tight, nullptr);
        CHECK(m.check("instructions.min <= 90").outcome() == Outcome::pass);
        CHECK(m.check("cycles <= 90").outcome() == Outcome::invalid);
        CHECK(m.check("cycles <= 90").message() == "nothing was measured by the name 'cycles'; there are instructions");
        CHECK(m.check("instructions.p99 <= 90").outcome() == Outcome::invalid);
        CHECK(m.check("instructions").outcome() == Outcome::invalid);
        CHECK(m.check("").outcome() == Outcome::invalid);
        CHECK(m.check("instructions <= \x1b[31m").message().find('\x1b') == std::string::npos);
    }

    TEST_CASE("outcomes have names") {
        CHECK(std::string(to_string(Outcome::pass)) == "pass");
        CHECK(std::string(to_string(Outcome::fail)) == "fail");
        CHECK(std::string(to_string(Outcome::unknown)) == "unknown");
        CHECK(std::string(to_string(Outcome::invalid)) == "invalid");
        CHECK(std::string(to_string(Outcome::inconclusive)) == "inconclusive");
    }
}
