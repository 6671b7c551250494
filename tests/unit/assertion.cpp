#include "gate/assertion.hpp"

#include <doctest/doctest.h>

#include <string>

using pmc::Assertion;
using pmc::parse_assertion;
using Comparison = pmc::Assertion::Comparison;
using Dimension = pmc::Assertion::Dimension;
using Statistic = pmc::Assertion::Statistic;

namespace {

Assertion parsed(const char* text) {
    const auto assertion = parse_assertion(text);
    REQUIRE_MESSAGE(assertion, text);
    return *assertion;
}

std::string problem(const char* text) {
    const auto assertion = parse_assertion(text);
    REQUIRE_MESSAGE(!assertion, text);
    CHECK(assertion.error().kind() == pmc::ErrorKind::syntax);
    CHECK_FALSE(assertion.error().hint().empty());
    CHECK(assertion.error().message().find('\n') == std::string::npos);
    return assertion.error().message();
}

} // namespace

TEST_SUITE("assertion") {
    TEST_CASE("a name, a statistic, a comparison and a number") {
        const Assertion assertion = parsed("instructions.min <= 12000");
        CHECK(assertion.name == "instructions");
        CHECK(assertion.statistic == Statistic::min);
        CHECK(assertion.comparison == Comparison::at_most);
        CHECK(assertion.limit == 12000);
        CHECK(assertion.written == "12000");
    }

    TEST_CASE("the median without a statistic; blanks don't matter") {
        const Assertion assertion = parsed("ipc>=2.5");
        CHECK(assertion.statistic == Statistic::median);
        CHECK(assertion.comparison == Comparison::at_least);
        CHECK(assertion.limit == 2.5);
        CHECK(parsed("  ipc.max\t<  3  ").statistic == Statistic::max);
        CHECK(parsed("ipc.median > 3").statistic == Statistic::median);
    }

    TEST_CASE("a dot within a name is part of it, and so is a lone =") {
        CHECK(parsed("llc.mpki < 1").name == "llc.mpki");
        CHECK(parsed("llc.mpki.max < 1").name == "llc.mpki");
        const Assertion assertion = parsed("cpu/event=0xc0,umask=1/.min == 5");
        CHECK(assertion.name == "cpu/event=0xc0,umask=1/");
        CHECK(assertion.statistic == Statistic::min);
        CHECK(assertion.comparison == Comparison::equal);
    }

    TEST_CASE("units") {
        CHECK(parsed("cycles < 12k").limit == 12'000);
        CHECK(parsed("cycles < 1.5M").limit == 1'500'000);
        CHECK(parsed("cycles < 2 G").limit == 2e9);
        CHECK(parsed("seconds < 250ns").limit == doctest::Approx(250e-9));
        CHECK(parsed("seconds < 250us").limit == doctest::Approx(250e-6));
        CHECK(parsed("seconds < 1.5ms").limit == doctest::Approx(1.5e-3));
        CHECK(parsed("seconds < 2s").limit == 2);
        CHECK(parsed("seconds < 2s").dimension == Dimension::seconds);
        CHECK(parsed("llc.miss < 5%").dimension == Dimension::percent);
        CHECK(parsed("cycles < 1e3").limit == 1000);
        CHECK(parsed("cycles < 1e3").dimension == Dimension::plain);
        CHECK(parsed("x > -2").limit == -2);
    }

    TEST_CASE("what can't be read is told, with the place") {
        CHECK(problem("") == "the assertion '' has no <=, <, >=, > or ==");
        CHECK(problem("instructions = 5") == "the assertion 'instructions = 5' has no <=, <, >=, > or ==");
        CHECK(problem("<= 5") == "the assertion '<= 5' has no name before <=");
        CHECK(problem("cycles <=") == "the assertion 'cycles <=' has no number after <=");
        CHECK(problem("cycles <= many") == "the assertion 'cycles <= many' has no number after <=: 'many'");
        CHECK(problem("cycles < 5 parsecs") ==
              "the assertion 'cycles < 5 parsecs' has a unit that is none of k, M, G, ns, us, ms, s and %: 'parsecs'");
        CHECK(problem("cycles < 5 < 6").find("a unit that is none of") != std::string::npos);
        CHECK(problem("cycles < inf").find("no number") != std::string::npos);
        CHECK(problem("cycles < 1e999").find("no number") != std::string::npos);
        CHECK(problem(".min < 3").find("no name") != std::string::npos);
    }

    TEST_CASE("each comparison at its limit") {
        CHECK(pmc::holds(5, Comparison::at_most, 5));
        CHECK_FALSE(pmc::holds(5, Comparison::less, 5));
        CHECK(pmc::holds(5, Comparison::at_least, 5));
        CHECK_FALSE(pmc::holds(5, Comparison::greater, 5));
        CHECK(pmc::holds(5, Comparison::equal, 5));
        CHECK_FALSE(pmc::holds(5.5, Comparison::equal, 5));
        CHECK(pmc::to_string(Comparison::at_most) == "<=");
        CHECK(pmc::to_string(Statistic::median) == "median");
    }
}
