#include <doctest/doctest.h>

#include <pmc/statistics.hpp>

#include <limits>
#include <vector>

using pmc::far_above;
using pmc::outliers;
using Places = std::vector<std::size_t>;

TEST_SUITE("outliers") {
    // The quartiles of 1 … 9 are 3 and 7: the outer fences are at -9 and 19.
    TEST_CASE("what lies outside of the outer fences is far from the others") {
        CHECK(outliers(std::vector<double>{5, 1, 9, 2, 8, 3, 7, 4, 6}).empty());
        CHECK(outliers(std::vector<double>{30, 1, 9, 2, 8, 3, 7, 4, 6}) == Places{0});
        CHECK(outliers(std::vector<double>{5, 1, 9, 2, 8, 3, 7, -20, 6}) == Places{7});
        CHECK(outliers(std::vector<double>{4, 4, 4, 4, 5, 4}) == Places{4});
    }

    TEST_CASE("few numbers, equal ones and what is none have no outliers") {
        CHECK(outliers({}).empty());
        CHECK(outliers(std::vector<double>{7}).empty());
        CHECK(outliers(std::vector<double>{1, 1000}).empty());
        CHECK(outliers(std::vector<double>{3, 3, 3, 3}).empty());
        CHECK(outliers(std::vector<double>{1, std::numeric_limits<double>::quiet_NaN(), 2, 3}).empty());
    }

    TEST_CASE("far above the median is more than 5 deviations, and at least so much") {
        const std::vector<double> switches{10, 12, 11, 9, 10, 100, 11, 0}; // median 10.5, deviation 1
        CHECK(far_above(switches, 10) == Places{5});
        CHECK(far_above(switches, 90).empty());
        CHECK(far_above(std::vector<double>{0, 0, 0, 0, 2}, 10).empty());
        CHECK(far_above(std::vector<double>{0, 0, 0, 0, 20}, 10) == Places{4});
        CHECK(far_above({}, 0).empty());
    }
}
