#include <doctest/doctest.h>

#include <pmc/statistics.hpp>

#include <numeric>
#include <vector>

using pmc::Interval;
using pmc::median_interval;
using pmc::quantile;
using pmc::summarize;
using pmc::Summary;

namespace {

/// 1, 2, … n: an order statistic is its own number.
std::vector<double> first(std::size_t n) {
    std::vector<double> numbers(n);
    std::iota(numbers.begin(), numbers.end(), 1.0);
    return numbers;
}

} // namespace

TEST_SUITE("statistics") {
    // Python 3.11: statistics.quantiles([1, 2, 4, 8, 16, 32, 64], n=10, method='inclusive').
    TEST_CASE("quantiles are those of Python's statistics") {
        const std::vector<double> numbers{1, 2, 4, 8, 16, 32, 64};
        const std::vector<double> deciles{1.6, 2.4, 3.6, 5.6, 8.0, 12.8, 19.2, 28.8, 44.8};
        for (std::size_t i = 0; i < deciles.size(); ++i)
            CHECK(quantile(numbers, static_cast<double>(i + 1) / 10) == doctest::Approx(deciles[i]));
        CHECK(quantile(numbers, 0) == 1);
        CHECK(quantile(numbers, 1) == 64);
        CHECK(quantile({}, 0.5) == 0);
    }

    // The bounds and confidences computed as exact fractions with Python's math.comb.
    TEST_CASE("the median's interval is the closest pair of order statistics with 95 %") {
        struct Known {
            std::size_t n;
            double low, high, confidence;
        };
        for (const Known& known :
             {Known{6, 1, 6, 0.96875}, Known{7, 1, 7, 0.984375}, Known{8, 1, 8, 0.9921875}, Known{9, 2, 8, 0.9609375},
              Known{10, 2, 9, 0.978515625}, Known{11, 2, 10, 0.98828125}, Known{20, 6, 15, 0.9586105346679688},
              Known{31, 10, 22, 0.9705506265163422}, Known{100, 40, 61, 0.9647997997822951},
              Known{101, 41, 61, 0.9539559330706572}, Known{1000, 469, 532, 0.9537088026395019}}) {
            CAPTURE(known.n);
            const Interval interval = median_interval(first(known.n));
            CHECK(interval.low == known.low);
            CHECK(interval.high == known.high);
            CHECK(interval.confidence == doctest::Approx(known.confidence).epsilon(1e-12));
        }
    }

    TEST_CASE("a million numbers have an interval too: nothing underflows") {
        const Interval interval = median_interval(first(1'000'000));
        // 500000.5 ± 1.96 × √n / 2, the normal approximation.
        CHECK(interval.low == doctest::Approx(499'020).epsilon(1e-5));
        CHECK(interval.high == doctest::Approx(500'981).epsilon(1e-5));
        CHECK(interval.confidence == doctest::Approx(0.95).epsilon(1e-3));
    }

    TEST_CASE("fewer than six numbers have an interval of less confidence, and it says so") {
        CHECK(median_interval(first(5)).confidence == 0.9375);
        CHECK(median_interval(first(5)).low == 1);
        CHECK(median_interval(first(5)).high == 5);
        CHECK(median_interval(first(3)).confidence == 0.75);
        CHECK(median_interval(first(2)).confidence == 0.5);
        CHECK(median_interval(first(1)).confidence == 0);
        CHECK(median_interval(first(1)).low == 1);
        CHECK(median_interval({}).confidence == 0);
        CHECK(median_interval(first(pmc::fewest_samples)).confidence >= pmc::standard_confidence);
        CHECK(median_interval(first(pmc::fewest_samples - 1)).confidence < pmc::standard_confidence);
    }

    TEST_CASE("a summary is the same in whatever order the numbers come") {
        const Summary summary = summarize({3, 1, 2, 10});
        CHECK(summary.samples == 4);
        CHECK(summary.min == 1);
        CHECK(summary.median == 2.5);
        CHECK(summary.max == 10);
        CHECK(summary.interval.low == 1);
        CHECK(summary.interval.high == 10);
        CHECK(summarize({}).samples == 0);
    }

    TEST_CASE("equal numbers are their own median, to the last digit") {
        const double third = 1.0 / 3;
        const Summary summary = summarize(std::vector<double>(10, third));
        CHECK(summary.median == third);
        CHECK(summary.interval.low == third);
        CHECK(summary.interval.high == third);
    }

    TEST_CASE("a ratio reaches from the lowest to the highest that both intervals allow") {
        const Summary a{10, 0, 10, 20, {8, 12, 0.95}};
        const Summary b{10, 0, 5, 20, {4, 6, 0.97}};
        const Interval interval = pmc::ratio(a, b);
        CHECK(interval.low == doctest::Approx(8.0 / 6));
        CHECK(interval.high == 3);
        CHECK(interval.confidence == doctest::Approx(0.92));
        CHECK(pmc::ratio(a, Summary{}).confidence == 0);
    }
}
