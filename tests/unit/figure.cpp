#include "figure.hpp"

#include <doctest/doctest.h>

#include <limits>

using cli::change_text;
using cli::Figure;
using cli::interval_text;
using cli::spread_text;

TEST_SUITE("figure") {
    TEST_CASE("counts, times and metrics are written as in the report of one run") {
        CHECK(Figure{}.text(6.112e9) == "6.112 G");
        CHECK(Figure{"s"}.text(1.842) == "1.842 s");
        CHECK(Figure{"insn/cycle", "measured", true}.text(1.612) == "1.61");
        CHECK(Figure{"%", "measured", true}.text(23.8) == "23.8 %");
    }

    TEST_CASE("what is of a model is marked") {
        CHECK(Figure{"insn/cycle", "model", true}.text(1.612) == "~1.61");
    }

    TEST_CASE("counts of one call need not be whole, and are not rounded to nothing") {
        CHECK(Figure{}.text(0.25) == "0.250");
        CHECK(Figure{}.text(25) == "25");
    }

    TEST_CASE("a range has its unit once, unless there are two") {
        CHECK(Figure{"s"}.range(1.829, 1.902) == "1.829 .. 1.902 s");
        CHECK(Figure{"s"}.range(0.95, 1.9) == "950.0 ms .. 1.900 s");
        CHECK(Figure{}.range(12, 14) == "12 .. 14");
        CHECK(Figure{"", "model", false}.range(12, 14) == "12 .. 14");
    }

    TEST_CASE("a change has its sign and a decimal, and more of them if it is small") {
        CHECK(change_text(0.038) == "+3.8 %");
        CHECK(change_text(-0.378) == "-37.8 %");
        CHECK(change_text(0.0003) == "+0.03 %");
        CHECK(change_text(0.0000012) == "+0.0001 %");
        CHECK(change_text(0) == "0 %");
        CHECK(change_text(12.5) == "+1250 %");
    }

    TEST_CASE("an interval is told only where it is one") {
        CHECK(interval_text({-0.06, {-0.069, -0.051, 0.95}, pmc::Change::Basis::ranks, true}) == "[-6.9, -5.1]");
        CHECK(interval_text({-0.06, {-0.069, -0.051, 0.5}, pmc::Change::Basis::too_few, true}) == "-");
        constexpr double infinity = std::numeric_limits<double>::infinity();
        CHECK(interval_text({0, {-infinity, infinity, 0.95}, pmc::Change::Basis::ranks, false}) == "-");
        CHECK(interval_text({1, {0.5, infinity, 0.95}, pmc::Change::Basis::ranks, true}) == "[+50.0, +inf]");
    }

    TEST_CASE("the spread is that of the farther end, and none of too few runs") {
        CHECK(spread_text({10, 90, 100, 120, {98, 103, 0.97}}) == "3.0 %");
        CHECK(spread_text({10, 100, 100, 100, {100, 100, 0.97}}) == "0 %");
        CHECK(spread_text({3, 90, 100, 120, {90, 120, 0.75}}) == "-");
    }
}
