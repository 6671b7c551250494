#include "measure/series.hpp"

#include <doctest/doctest.h>

#include <string>

using pmc::Cause;
using pmc::MeasuredValue;
using pmc::RunCounts;
using pmc::Series;
using pmc::State;

namespace {

Series of(std::initializer_list<double> numbers) {
    MeasuredValue declared;
    declared.name = "instructions";
    declared.state = State::not_counted;
    Series series(std::move(declared));
    for (const double number : numbers)
        series.add(number);
    return series;
}

} // namespace

TEST_SUITE("series") {
    TEST_CASE("equal numbers are tight at any tightness, zeros too") {
        CHECK(of({5, 5, 5, 5, 5, 5}).is_tight(0));
        CHECK(of({0, 0, 0, 0, 0, 0}).is_tight(0));
    }

    TEST_CASE("fewer numbers than an interval needs are never tight") {
        CHECK_FALSE(of({5, 5, 5, 5, 5}).is_tight(1));
        CHECK_FALSE(of({}).is_tight(1));
    }

    TEST_CASE("tight is an interval within that share of the median, on both sides") {
        CHECK(of({99, 100, 100, 100, 100, 101}).is_tight(0.01));
        CHECK_FALSE(of({99, 100, 100, 100, 100, 102}).is_tight(0.01));
        CHECK_FALSE(of({98, 100, 100, 100, 100, 101}).is_tight(0.01));
        CHECK_FALSE(of({0, 0, 0, 0, 0, 1}).is_tight(0.5));
    }

    TEST_CASE("a few runs are a value if no other was disturbed") {
        const MeasuredValue value = of({4, 2}).finish({.kept = 2});
        REQUIRE(value.has_value());
        CHECK(value.min() == 2);
        CHECK(value.median() == 3);
        CHECK(value.summary.samples == 2);
    }

    TEST_CASE("a formula that had no value in some runs has none: the others are not like them") {
        Series series = of({1, 2, 3, 4, 5, 6});
        series.lose(State::not_available, pmc::Reason{Cause::division_by_zero, 0, "division by zero", {}});
        const MeasuredValue value = std::move(series).finish({.kept = 20});
        CHECK_FALSE(value.has_value());
        CHECK(value.reason.evidence == "division by zero (in 14 of 20 runs)");
    }

    TEST_CASE("a few runs that are left of many are none, and the reason says what became of the others") {
        const MeasuredValue value = of({4, 2}).finish({.kept = 2, .migrated = 1, .switched_out = 5});
        CHECK(value.state == State::not_counted);
        CHECK(value.reason.cause == Cause::disturbed);
        CHECK(value.reason.evidence == "of 8 runs 1 migrated, 5 switched out: 2 are left");
        CHECK_FALSE(value.reason.remedy.empty());
        CHECK(of({1, 2, 3, 4, 5, 6}).finish({.kept = 6, .switched_out = 100}).has_value());
    }

    TEST_CASE("what is not available stays so, for its own reason, whatever happened to the runs") {
        Series series = of({});
        series.lose(State::not_available, {Cause::no_pmu, 0, "no PMU", {}});
        const MeasuredValue value = std::move(series).finish({.switched_out = 7});
        CHECK(value.state == State::not_available);
        CHECK(value.reason.cause == Cause::no_pmu);
    }
}
