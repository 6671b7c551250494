#include <doctest/doctest.h>

#include <pmc/statistics.hpp>

#include <cmath>
#include <limits>
#include <vector>

using pmc::Change;
using pmc::compare;
using pmc::compare_pairs;
using pmc::summarize;
using Basis = pmc::Change::Basis;
using doctest::Approx;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

std::vector<double> times(double factor, std::vector<double> numbers) {
    for (double& number : numbers)
        number *= factor;
    return numbers;
}

const std::vector<double> four{100, 101, 103, 107};
const std::vector<double> ten{100, 101, 103, 107, 99, 98, 104, 102, 100.5, 101.5};

} // namespace

// That estimates, intervals and their confidence are right is for change.py, which has scipy.
TEST_SUITE("change") {
    TEST_CASE("a change is the median of all ratios, less one") {
        const Change change = compare(ten, times(1.05, ten), false);
        CHECK(change.basis == Basis::ranks);
        CHECK(change.is_defined);
        CHECK(change.change == Approx(0.05));
        CHECK(change.interval.low > 0.02);
        CHECK(change.interval.high < 0.08);
        CHECK(change.interval.confidence >= 0.95);
        CHECK(compare(ten, ten, false).change == Approx(0));
    }

    TEST_CASE("it takes 4 runs of each, 3 and 5, or 6 pairs for 95 %") {
        const std::vector<double> three{100, 101, 103};
        const std::vector<double> five{100, 101, 103, 107, 99};
        CHECK(compare(three, three, false).basis == Basis::too_few);
        CHECK(compare(three, three, false).interval.confidence == Approx(0.9));
        CHECK(compare(four, four, false).basis == Basis::ranks);
        CHECK(compare(three, five, false).basis == Basis::ranks);
        CHECK(compare_pairs(five, times(1.1, five), false).basis == Basis::too_few);
        CHECK(compare_pairs(five, times(1.1, five), false).interval.confidence == Approx(0.9375));
        std::vector<double> six = five;
        six.push_back(102);
        CHECK(compare_pairs(six, times(1.1, six), false).basis == Basis::ranks);
    }

    TEST_CASE("too few runs tell all that they allow") {
        const Change change = compare(std::vector<double>{100, 110}, std::vector<double>{99, 120}, false);
        CHECK(change.basis == Basis::too_few);
        CHECK(change.interval.low == Approx(99.0 / 110 - 1));
        CHECK(change.interval.high == Approx(120.0 / 100 - 1));
        CHECK(change.interval.confidence == Approx(1 - 2.0 / 6));
    }

    TEST_CASE("pairs take out what both have in common") {
        std::vector<double> a;
        std::vector<double> b;
        for (int i = 0; i < 10; ++i) { // the machine slows down by a half in all
            a.push_back(100 * (1 + 0.05 * i) * (1 + 0.001 * (i % 3)));
            b.push_back(101 * (1 + 0.05 * i));
        }
        CHECK(compare_pairs(a, b, false).interval.low > 0.007);
        CHECK(compare_pairs(a, b, false).interval.high < 0.011);
        CHECK(compare(a, b, false).interval.low < -0.05);
    }

    TEST_CASE("counts that repeat need 3 runs, and their interval is what the extremes allow") {
        const std::vector<double> a{1'000'000, 1'000'001, 1'000'000};
        const std::vector<double> b{1'030'000, 1'030'002, 1'030'001};
        for (const Change& change :
             {compare(a, b, true), compare_pairs(a, b, true), compare(summarize(a), summarize(b), true)}) {
            CHECK(change.basis == Basis::repeats);
            CHECK(change.change == Approx(0.03).epsilon(0.001));
            CHECK(change.interval.low == Approx(1'030'000.0 / 1'000'001 - 1));
            CHECK(change.interval.high == Approx(1'030'002.0 / 1'000'000 - 1));
        }
        // Times that repeat are chance, or a coarse clock.
        CHECK(compare(a, b, false).basis == Basis::too_few);
        // Two of them, and those that differ by more than 0.01 %, prove nothing.
        CHECK(compare(a, std::vector<double>{1'030'000, 1'030'000}, true).basis == Basis::too_few);
        CHECK(compare(a, std::vector<double>{1'030'000, 1'030'000, 1'030'200}, true).basis == Basis::too_few);
    }

    TEST_CASE("from zero to zero is no change, from zero to something no ratio, and to zero all of it") {
        const std::vector<double> zeros(4, 0.0);
        CHECK(compare(zeros, zeros, false).is_defined);
        CHECK(compare(zeros, zeros, false).change == 0);
        CHECK(compare(zeros, zeros, false).basis == Basis::ranks);
        CHECK(compare(zeros, zeros, true).basis == Basis::repeats);
        CHECK(compare(zeros, zeros, true).interval.high == 0);
        CHECK(compare(summarize(zeros), summarize(zeros), true).basis == Basis::repeats);
        CHECK_FALSE(compare(zeros, four, false).is_defined);
        CHECK_FALSE(compare_pairs(zeros, four, false).is_defined);
        CHECK_FALSE(compare(summarize(zeros), summarize(four), false).is_defined);
        for (const Change& change : {compare(four, zeros, false), compare_pairs(four, zeros, false),
                                     compare(summarize(four), summarize(zeros), false)}) {
            CHECK(change.is_defined);
            CHECK(change.change == -1);
            CHECK(change.interval.low == -1);
            CHECK(change.interval.high == -1);
        }
        const Change partly = compare(four, std::vector<double>{0, 0, 101, 102}, false);
        CHECK(partly.is_defined);
        CHECK(partly.interval.low == -1);
        CHECK(partly.interval.high == Approx(0.02));
    }

    TEST_CASE("what is below zero, no number, or not there has no ratio") {
        const std::vector<double> none;
        for (const std::vector<double>& odd :
             {none, std::vector<double>{1, -1, 2, 3}, {1, no_number, 2, 3}, {1, infinity, 2, 3}}) {
            CHECK_FALSE(compare(odd, four, true).is_defined);
            CHECK_FALSE(compare(four, odd, true).is_defined);
            CHECK_FALSE(compare_pairs(odd, four, true).is_defined);
            CHECK_FALSE(compare_pairs(four, odd, true).is_defined);
            CHECK(compare(odd, odd, true).basis == Basis::too_few);
        }
        CHECK_FALSE(compare(summarize({}), summarize(four), true).is_defined);
        CHECK_FALSE(compare(summarize({-1, 1, 2}), summarize(four), true).is_defined);
    }

    TEST_CASE("summaries allow what both of their intervals do") {
        const Change change = compare(summarize(ten), summarize(times(1.2, ten)), false);
        CHECK(change.basis == Basis::ranks);
        CHECK(change.change == Approx(0.2));
        CHECK(change.interval.low < compare(ten, times(1.2, ten), false).interval.low);
        CHECK(change.interval.low > 0.1);
        CHECK(compare(summarize(four), summarize(ten), false).basis == Basis::too_few);
    }

    TEST_CASE("an interval that reaches below zero has no ratio, whatever its ends are") {
        pmc::Summary odd = summarize(times(10, ten));
        odd.interval.low = -1;
        CHECK_FALSE(compare(summarize(ten), odd, false).is_defined);
        CHECK_FALSE(compare(odd, summarize(ten), false).is_defined);
        odd.interval.low = -infinity; // not known
        CHECK_FALSE(compare(summarize(ten), odd, false).is_defined);
    }

    TEST_CASE("series of thousands are compared as quickly") {
        std::vector<double> many(20'000);
        for (std::size_t i = 0; i < many.size(); ++i)
            many[i] = 100 + static_cast<double>(i * 7919 % many.size()) / 1000;
        const Change change = compare(many, times(1.01, many), false);
        CHECK(change.change == Approx(0.01).epsilon(0.01));
        CHECK(change.interval.low > 0.008);
        CHECK(change.interval.high < 0.012);
        CHECK(compare_pairs(many, times(1.01, many), false).change == Approx(0.01));
    }
}
