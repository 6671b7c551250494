#include "session/cachegrind_file.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace pmc;

namespace {

/// What cachegrind 3.19 wrote of a small program, without most of its lines.
constexpr const char* with_caches = "desc: I1 cache:         32768 B, 64 B, 8-way associative\n"
                                    "desc: D1 cache:         32768 B, 64 B, 8-way associative\n"
                                    "desc: LL cache:         8388608 B, 64 B, 16-way associative\n"
                                    "cmd: ./f none\n"
                                    "events: Ir I1mr ILmr Dr D1mr DLmr Dw D1mw DLmw\n"
                                    "fl=/build/f.c\n"
                                    "fn=spin\n"
                                    "5 60000000 2 2 10000000 1 1 10000000 0 0\n"
                                    "summary: 60127688 1090 1075 10029133 1115 983 10010070 328 304\n";

std::string cut(std::size_t length) {
    return std::string(with_caches).substr(0, length);
}

} // namespace

TEST_SUITE("cachegrind_file") {
    TEST_CASE("the totals of a process are the summary's, by the events' names") {
        const Expected<ValgrindTotals> totals = parse_cachegrind_file(with_caches);
        REQUIRE(totals);
        CHECK(totals->size() == 9);
        CHECK(totals->at("Ir") == 60127688);
        CHECK(totals->at("DLmw") == 304);
    }

    TEST_CASE("the program is told, where the file does") {
        CHECK(command_in(with_caches) == "./f none");
        CHECK(command_in("events: Ir\nsummary: 3\n").empty());
        CHECK(command_in("cmd: cut off").empty());
        CHECK(command_in("cmd:  ./f none\nevents: Ir\n") == "./f none"); // as callgrind has it
    }

    TEST_CASE("without caches there is one event") {
        const Expected<ValgrindTotals> totals = parse_cachegrind_file("cmd: x\nevents: Ir\nsummary: 3\n");
        REQUIRE(totals);
        CHECK(*totals == ValgrindTotals{{"Ir", 3}});
    }

    TEST_CASE("a file that is cut off anywhere is an error") {
        const std::string whole = with_caches;
        for (std::size_t length = 0; length < whole.size(); ++length) {
            INFO(length);
            const Expected<ValgrindTotals> totals = parse_cachegrind_file(cut(length));
            REQUIRE_FALSE(totals.has_value());
            CHECK(totals.error().kind() == ErrorKind::format);
        }
    }

    TEST_CASE("what is no such file is an error, whatever it is") {
        for (const char* text :
             {"", "\n", "summary: 1\n", "events: Ir\n", "events:\nsummary:\n", "events: Ir\nsummary: -1\n",
              "events: Ir\nsummary: 1 2\n", "events: Ir Dr\nsummary: 1\n", "events: Ir Ir\nsummary: 1 1\n",
              "events: Ir\nsummary: 1x\n", "events: Ir\nsummary: 0x10\n", "events: Ir\nsummary: 1.5\n",
              "events: Ir\nsummary: 18446744073709551616\n",
              "\x7f"
              "ELF\n",
              "events: Ir\nsummary: 1\nmore\n"}) {
            INFO(text);
            CHECK_FALSE(parse_cachegrind_file(text).has_value());
        }
        std::string many = "events:";
        for (int i = 0; i < 1000; ++i)
            many += " e" + std::to_string(i);
        CHECK_FALSE(parse_cachegrind_file(many + "\nsummary: 1\n").has_value());
        CHECK_FALSE(parse_cachegrind_file(std::string(1 << 16, '\0') + "\n").has_value());
    }

    TEST_CASE("the largest number is one") {
        const Expected<ValgrindTotals> totals = parse_cachegrind_file("events: Ir\nsummary: 18446744073709551615\n");
        REQUIRE(totals);
        CHECK(totals->at("Ir") == std::numeric_limits<std::uint64_t>::max());
    }

    TEST_CASE("processes are added up by event, and no sum wraps") {
        ValgrindTotals sum{{"Ir", 1}, {"Dr", 2}};
        CHECK(add_totals(sum, {{"Ir", 10}, {"Dw", 5}}));
        CHECK(sum == ValgrindTotals{{"Ir", 11}, {"Dr", 2}, {"Dw", 5}});
        CHECK_FALSE(add_totals(sum, {{"Dr", 1}, {"Ir", std::numeric_limits<std::uint64_t>::max()}}));
        CHECK(sum == ValgrindTotals{{"Ir", 11}, {"Dr", 2}, {"Dw", 5}});
    }
}
