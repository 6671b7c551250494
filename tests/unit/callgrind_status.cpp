#include <doctest/doctest.h>

#include "counter/callgrind_status.hpp"

#include <string>
#include <string_view>

using pmc::CallgrindCaller;
using pmc::CallgrindThread;

namespace {

/// As 3.19 writes it.
constexpr std::string_view two_threads = "instrumentation: on\n"
                                         "executed-bbs: 28759\n"
                                         "distinct-contexts: 270\n"
                                         "events: Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw Bc Bcm Bi Bim\n"
                                         "part: 0\n"
                                         "threads: 1 2\n"
                                         "current-tid: 2\n"
                                         "events-1: 124315 27050 11177 996 925 563 986 743 534 25642 3043 258 133\n"
                                         "frames-1: 1\n"
                                         "function-1-0: events-2: 7 is no line of this function\n"
                                         "calls-1-0: 1\n"
                                         "events-1-0: 1051 311 181\n"
                                         "events-2: 2116 33 31 7\n"
                                         "frames-2: 0\n";

CallgrindThread counts_of(std::uint32_t thread, std::string_view text, std::size_t piece = 1024) {
    CallgrindThread found(thread);
    while (!text.empty() && found.take(text.substr(0, piece)))
        text.remove_prefix(std::min(piece, text.size()));
    return found;
}

CallgrindCaller caller_in(std::string_view text) {
    CallgrindCaller caller;
    caller.take(text);
    return caller;
}

} // namespace

TEST_SUITE("callgrind_status") {
    TEST_CASE("a thread's counts are those of its line, however the text is cut") {
        for (std::size_t piece = 1; piece <= two_threads.size(); ++piece) {
            CAPTURE(piece);
            const CallgrindThread first = counts_of(1, two_threads, piece);
            REQUIRE(first.has_counts());
            CHECK(first.counts()[0] == 124315);
            CHECK(first.counts()[12] == 133);
            const CallgrindThread second = counts_of(2, two_threads, piece);
            REQUIRE(second.has_counts());
            CHECK(second.counts()[0] == 2116);
            CHECK(second.counts()[3] == 7);
        }
    }

    TEST_CASE("zeros at the end of a line are left out") {
        CHECK(counts_of(2, two_threads).counts()[4] == 0);
        CHECK(counts_of(2, two_threads).counts()[15] == 0);
    }

    TEST_CASE("a thread that is not there has no counts, not 0") {
        CHECK_FALSE(counts_of(3, two_threads).has_counts());
        CHECK_FALSE(counts_of(1, "").has_counts());
        CHECK_FALSE(counts_of(12, two_threads).has_counts());
    }

    TEST_CASE("the largest count is read, a larger one is none") {
        CHECK(counts_of(1, "events: Ir\nevents-1: 18446744073709551615\n").counts()[0] == UINT64_MAX);
        CHECK_FALSE(counts_of(1, "events: Ir\nevents-1: 18446744073709551616\n").has_counts());
    }

    TEST_CASE("a broken line is no count") {
        for (const std::string_view line :
             {"events-1: 12 x 3\n", "events-1:\n", "events-1: \n", "events-1: -4\n", "events-1: 1  2\n",
              "events-1: 1 2 \n", "events-1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n", "events-1: 12"}) {
            CAPTURE(line);
            CHECK_FALSE(counts_of(1, std::string("events: Ir\n").append(line)).has_counts());
        }
    }

    TEST_CASE("the end of another thread's answer is passed over: its beginning was not seen") {
        const std::string text = std::string("events-1: 17\nframes-1: 0\n").append(two_threads);
        CHECK(counts_of(1, text).counts()[0] == 124315);
    }

    TEST_CASE("a line without end is no trouble") {
        const std::string text = "events: Ir\nfunction-1-0: " + std::string(100'000, 'f') + "\nevents-1: 5\n";
        for (const std::size_t piece : {std::size_t{7}, std::size_t{4096}, text.size()})
            CHECK(counts_of(1, text, piece).counts()[0] == 5);
    }

    TEST_CASE("who asked, and what is counted") {
        const CallgrindCaller caller = caller_in(two_threads);
        CHECK(caller.has_answer());
        CHECK(caller.thread() == 2);
        CHECK(caller.events() == "Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw Bc Bcm Bi Bim");
    }

    TEST_CASE("of two answers nobody knows which is whose") {
        const std::string text = std::string(two_threads).append(two_threads);
        CHECK(caller_in(text).has_answer());
        CHECK(caller_in(text).thread() == 0);
    }

    TEST_CASE("no answer is no thread") {
        CHECK_FALSE(caller_in("instrumentation: off\n").has_answer());
        CHECK(caller_in("current-tid: one\n").thread() == 0);
    }
}
