#include <doctest/doctest.h>

#include <pmc/count.hpp>
#include <pmc/error.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

using pmc::Count;
using pmc::State;

namespace {
constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
}

TEST_SUITE("count") {
    TEST_CASE("a count that ran all the time is exact to the last digit a double has") {
        const std::uint64_t raw = (std::uint64_t{1} << 53) - 1;
        CHECK(pmc::scaled(raw, 1'821'000'001, 1'821'000'001) == 9007199254740991.0);
        CHECK(Count{raw, 7, 7}.value() == 9007199254740991.0);
    }

    TEST_CASE("a count that ran for a part of the time is scaled up by it") {
        CHECK(pmc::scaled(1000, 300, 100) == 3000.0);
        CHECK(pmc::scaled(10, 7, 4) == 17.5);
        CHECK(Count{1000, 4000, 1000}.value() == 4000.0);
        CHECK(Count{1000, 4000, 1000}.coverage() == 0.25);
        CHECK(Count{1000, 4000, 1000}.raw() == 1000);
    }

    TEST_CASE("scaling does not lose digits where 64 bits overflow") {
        // 10^15 × 10^15 ÷ (10^15 - 1) = 10^15 + 1 + 10^-15: a double's product is too coarse to see the 1
        const std::uint64_t big = 1'000'000'000'000'000;
        CHECK(pmc::scaled(big, big, big - 1) == 1'000'000'000'000'001.0);
        CHECK(pmc::scaled(largest, largest, largest) == static_cast<double>(largest));
        CHECK(pmc::scaled(largest, largest, 1) == doctest::Approx(std::pow(2.0, 128)));
    }

    TEST_CASE("scaling agrees with long double for many values") {
        std::uint64_t seed = 88172645463325252;
        for (int i = 0; i < 1000; ++i) {
            const auto next = [&] {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                return seed;
            };
            const std::uint64_t raw = next() >> 20;
            const std::uint64_t enabled = (next() >> 24) + 1;
            const std::uint64_t running = next() % enabled + 1;
            const long double expected =
                static_cast<long double>(raw) * static_cast<long double>(enabled) / static_cast<long double>(running);
            CHECK(pmc::scaled(raw, enabled, running) == doctest::Approx(static_cast<double>(expected)).epsilon(1e-15));
        }
    }

    TEST_CASE("without a running time there is nothing to scale") {
        CHECK(pmc::scaled(5, 100, 0) == 0.0);
        CHECK(pmc::scaled(5, 0, 0) == 0.0);
    }

    TEST_CASE("a count that never ran is not counted, and never 0") {
        const Count count{0, 1000, 0};
        CHECK(count.state() == State::not_counted);
        CHECK_FALSE(count.has_value());
        CHECK(count.coverage() == 0.0);
        CHECK(count.value_or(-1.0) == -1.0);
        try {
            (void)count.value();
            FAIL("no exception");
        } catch (const pmc::Error& error) {
            CHECK(error.kind() == pmc::ErrorKind::not_available);
            CHECK(error.stage() == pmc::Stage::verify);
            CHECK(std::string{error.what()}.find("not counted") != std::string::npos);
            CHECK_FALSE(error.hint().empty());
        }
    }

    TEST_CASE("a count that is not available says so") {
        const Count count{0, 0, 0, State::not_available};
        CHECK_FALSE(count.has_value());
        try {
            (void)count.value();
            FAIL("no exception");
        } catch (const pmc::Error& error) {
            CHECK(std::string{error.what()}.find("not available") != std::string::npos);
        }
    }

    TEST_CASE("a real 0 is a value") {
        CHECK(Count{0, 10, 10}.has_value());
        CHECK(Count{0, 10, 10}.value() == 0.0);
    }

    TEST_CASE("a count between two readings of the same instant stands as it is") {
        const Count count{12, 0, 0, State::counted};
        CHECK(count.value() == 12.0);
        CHECK(count.coverage() == 1.0);
    }

    TEST_CASE("the states have names") {
        CHECK(std::string{to_string(State::counted)} == "counted");
        CHECK(std::string{to_string(State::not_counted)} == "not counted");
        CHECK(std::string{to_string(State::not_available)} == "not available");
    }
}
