#include <doctest/doctest.h>

#include "session/callgrind_file.hpp"

#include <string>
#include <string_view>

using pmc::Expected;
using pmc::parse_callgrind_file;
using pmc::ValgrindTotals;

namespace {

/// As callgrind 3.19 writes them with --combine-dumps=yes.
constexpr std::string_view first_part = "# callgrind format\n"
                                        "version: 1\n"
                                        "creator: callgrind-3.19.0\n"
                                        "part: 1\n"
                                        "\n"
                                        "desc: Trigger: Client Request: before\n"
                                        "positions: line\n"
                                        "events: Ir Dr Dw I1mr\n"
                                        "summary: 124482 27009 11169 995\n"
                                        "\n"
                                        "fn=(480) summary: 1\n"
                                        "0 6 2 0 1\n"
                                        "totals: 124460 27006 11160 992\n";
constexpr std::string_view second_part = "part: 2\n"
                                         "events: Ir Dr Dw I1mr\n"
                                         "summary: 2000018 4\n"
                                         "0 2000000\n"
                                         "totals: 2000025 4\n";

std::string problem_of(const std::string& text) {
    const Expected<ValgrindTotals> totals = parse_callgrind_file(text);
    REQUIRE_FALSE(totals);
    CHECK(totals.error().kind() == pmc::ErrorKind::format);
    return totals.error().message();
}

} // namespace

TEST_SUITE("callgrind_file") {
    TEST_CASE("the summaries of all parts, added up; zeros at the end are left out") {
        const Expected<ValgrindTotals> one = parse_callgrind_file(first_part);
        REQUIRE(one);
        CHECK(*one == ValgrindTotals{{"Ir", 124482}, {"Dr", 27009}, {"Dw", 11169}, {"I1mr", 995}});
        const Expected<ValgrindTotals> both = parse_callgrind_file(std::string(first_part).append(second_part));
        REQUIRE(both);
        CHECK(*both == ValgrindTotals{{"Ir", 2124500}, {"Dr", 27013}, {"Dw", 11169}, {"I1mr", 995}});
    }

    TEST_CASE("what is cut off anywhere is no count") {
        const std::string whole(first_part);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            CAPTURE(size);
            CHECK_FALSE(parse_callgrind_file(whole.substr(0, size)));
        }
        // In its second part.
        CHECK_FALSE(parse_callgrind_file(whole + "part: 2\nevents: Ir\nsummary: 5\n"));
    }

    TEST_CASE("a broken file says what is wrong with it") {
        CHECK(problem_of("").ends_with("it ends without totals"));
        CHECK(problem_of("totals: 1\n").ends_with("there is no summary"));
        CHECK(problem_of("summary: 1\ntotals: 1\n").ends_with("there is no line of events"));
        CHECK(problem_of("events: Ir\nsummary: 1 2\ntotals: 1\n").ends_with("a number for each event"));
        CHECK(problem_of("events: Ir\nsummary:\ntotals: 1\n").ends_with("a number for each event"));
        CHECK(problem_of("events: Ir\nsummary: -1\ntotals: 1\n")
                  .ends_with("a number of the summary is none, or too large"));
        CHECK(problem_of("events: Ir\nsummary: 18446744073709551616\ntotals: 1\n").ends_with("or too large"));
        CHECK(problem_of("events: Ir Ir\nsummary: 1 2\ntotals: 1\n").ends_with("an event stands there twice"));
        CHECK(problem_of("events: Ir\nsummary: 18446744073709551615\nsummary: 1\ntotals: 1\n")
                  .ends_with("the sum of its parts is too large"));
    }
}
