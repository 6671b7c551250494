#include "spark.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <optional>

using cli::Spark;

TEST_SUITE("spark") {
    TEST_CASE("the least is the lowest bar, the most the highest") {
        Spark spark;
        for (int i = 0; i < 8; ++i)
            spark.add(i);
        CHECK(spark.text(true) == "▁▂▃▄▅▆▇█");
        CHECK(spark.text(false) == " .:-=+*#");
        CHECK(spark.least() == 0);
        CHECK(spark.most() == 7);
    }

    TEST_CASE("what does not move is half high") {
        Spark spark;
        spark.add(3);
        spark.add(3);
        CHECK(spark.text(false) == "==");
    }

    TEST_CASE("an interval without a value keeps its place") {
        Spark spark;
        spark.add(1);
        spark.add(std::nullopt);
        spark.add(2);
        CHECK(spark.text(false) == " ?#");
        CHECK(spark.least() == 1);
    }

    TEST_CASE("without values there is nothing to show") {
        Spark spark;
        CHECK_FALSE(spark.has_values());
        CHECK(spark.text(true).empty());
        spark.add(std::nullopt);
        CHECK_FALSE(spark.has_values());
        CHECK(spark.most() == 0);
    }

    TEST_CASE("the last sixty are shown, scaled among themselves") {
        Spark spark;
        spark.add(1e9);
        for (int i = 0; i < 60; ++i)
            spark.add(i % 2);
        CHECK(spark.text(false).size() == 60);
        CHECK(spark.most() == 1);
        CHECK(spark.text(false).starts_with(" # #"));
    }

    TEST_CASE("no number is too large, and what is none has no bar") {
        Spark spark;
        spark.add(std::numeric_limits<double>::max());
        spark.add(-std::numeric_limits<double>::max());
        spark.add(std::numeric_limits<double>::infinity());
        spark.add(std::nan(""));
        CHECK(spark.text(false).substr(2) == "??");
        CHECK(spark.text(false).size() == 4);
    }
}
