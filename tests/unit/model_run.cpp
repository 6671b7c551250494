#include "session/model_run.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace pmc;

namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

std::optional<std::uint64_t> counted(const char* name, const ValgrindTotals& totals) {
    const Expected<MetricSet> set = MetricSet::parse(name, Machine::cachegrind(), Tables::builtin());
    REQUIRE(set);
    return modelled_count(set->events().front(), Machine::cachegrind(), totals);
}

ValgrindTotals totals() {
    return {{"Ir", 1000}, {"I1mr", 10}, {"ILmr", 1}, {"Dr", 300}, {"D1mr", 20}, {"DLmr", 2}, {"Dw", 200},
            {"D1mw", 30}, {"DLmw", 3},  {"Bc", 90},  {"Bcm", 9},  {"Bi", 7},    {"Bim", 5}};
}

} // namespace

TEST_SUITE("model_run") {
    TEST_CASE("an event is the sum of its terms") {
        CHECK(counted("instructions", totals()) == 1000);
        CHECK(counted("branches", totals()) == 97);
        CHECK(counted("branch-misses", totals()) == 14);
        CHECK(counted("l1d_refs", totals()) == 500);
        CHECK(counted("l1d_misses", totals()) == 50);
        CHECK(counted("llc_refs", totals()) == 60);
        CHECK(counted("llc_misses", totals()) == 6);
        CHECK(counted("cachegrind/I1mr/", totals()) == 10);
    }

    TEST_CASE("cycles are estimated: each access costs what the level does that serves it") {
        // 1500 accesses; 60 beyond the L1, 6 of those from memory: 1440 + 5 × 54 + 35 × 6.
        CHECK(counted("cycles", totals()) == 1440 + 270 + 210);
    }

    TEST_CASE("what valgrind did not count has no value") {
        CHECK(counted("instructions", {}) == std::nullopt);
        CHECK(counted("branches", {{"Ir", 5}}) == std::nullopt);
        CHECK(counted("cycles", {{"Ir", 5}}) == std::nullopt);
    }

    TEST_CASE("nothing wraps, and no part is larger than its whole") {
        CHECK(counted("l1d_refs", {{"Dr", most}, {"Dw", 1}}) == std::nullopt);
        ValgrindTotals huge = totals();
        huge["Ir"] = most;
        CHECK(counted("cycles", huge) == std::nullopt);
        ValgrindTotals odd = totals();
        odd["I1mr"] = 5000;
        CHECK(counted("cycles", odd) == std::nullopt);
    }

    TEST_CASE("what forks may have done is a trifle up to a thousandth") {
        CHECK(is_trifle(0, 0));
        CHECK(is_trifle(1, 1000));
        CHECK_FALSE(is_trifle(1, 999));
        CHECK_FALSE(is_trifle(most, most));
    }
}
