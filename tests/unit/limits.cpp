#include <doctest/doctest.h>

#include <pmc/gate.hpp>

#include <string>
#include <string_view>

using pmc::Limits;

namespace {

std::string error_of(std::string_view text) {
    const auto limits = Limits::parse(text);
    REQUIRE_FALSE(limits);
    CHECK(limits.error().kind() == pmc::ErrorKind::syntax);
    CHECK(limits.error().hint() == "write them like 2%,cycles=1%,time=10%");
    return limits.error().message();
}

} // namespace

TEST_SUITE("limits") {
    TEST_CASE("one for everything, and some by name") {
        const Limits limits = Limits::parse("2%, cycles:u = 1.5 % ,time=0%").value();
        REQUIRE(limits.all);
        CHECK(*limits.all == doctest::Approx(0.02));
        REQUIRE(limits.by_name.size() == 2);
        CHECK(limits.by_name[0].first == "cycles:u");
        CHECK(limits.by_name[0].second == doctest::Approx(0.015));
        CHECK(limits.by_name[1].second == 0);
        CHECK_FALSE(Limits::parse("llc.mpki=5%")->all);
    }

    TEST_CASE("an event's terms have their own commas and signs") {
        const Limits limits = Limits::parse("cpu/event=0xc0,umask=1/=2%,1%").value();
        REQUIRE(limits.by_name.size() == 1);
        CHECK(limits.by_name[0].first == "cpu/event=0xc0,umask=1/");
        CHECK(limits.all == doctest::Approx(0.01));
    }

    TEST_CASE("what can't be read says why") {
        CHECK(error_of("") == "the limits '' have an empty part");
        CHECK(error_of("2%,") == "the limits '2%,' have an empty part");
        CHECK(error_of("2") == "the limits '2' have no % after the number '2'");
        CHECK(error_of("2%%") == "the limits '2%%' have no % after the number '2%%'");
        CHECK(error_of("cycles") == "the limits 'cycles' have no number where there is 'cycles'");
        CHECK(error_of("cycles=") == "the limits 'cycles=' have no number where there is ''");
        CHECK(error_of("=1%") == "the limits '=1%' have no name before =");
        CHECK(error_of("nan%") == "the limits 'nan%' have no number where there is 'nan%'");
        CHECK(error_of("inf%") == "the limits 'inf%' have no number where there is 'inf%'");
        CHECK(error_of("1e999%") == "the limits '1e999%' have no number where there is '1e999%'");
        CHECK(error_of("-1%") == "the limits '-1%' have one below zero: '-1%'");
        CHECK(error_of("-0%") == "the limits '-0%' have one below zero: '-0%'");
        CHECK(error_of("1001%") == "the limits '1001%' have one above 1000 %, which nothing would ever fail: '1001%'");
        CHECK(error_of("1%,2%") == "the limits '1%,2%' have two for everything");
        CHECK(error_of("a-b=1%,A_B=2%") == "the limits 'a-b=1%,A_B=2%' have two for 'A_B'");
        CHECK(error_of("\x1b[31m").find('\x1b') == std::string::npos);
    }
}
