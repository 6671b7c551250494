#include "time_options.hpp"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

namespace {

pmc::Expected<cli::TimeOptions> parsed(std::vector<std::string> words) {
    CLI::App app;
    cli::TimeArguments arguments;
    arguments.add_to(app);
    std::reverse(words.begin(), words.end());
    app.parse(std::move(words));
    return arguments.options();
}

} // namespace

TEST_SUITE("time_options") {
    TEST_CASE("times are whole milliseconds") {
        const cli::TimeOptions time =
            parsed({"-I", "100", "--count", "5", "--summary", "-D", "20", "--timeout", "3000"}).value();
        CHECK(time.interval_ms == 100);
        CHECK(time.count == 5);
        CHECK(time.summary);
        CHECK(time.delay_ms == 20);
        CHECK(time.timeout_ms == 3000);
        CHECK(parsed({"-I", "1", "--interval-count", "2"}).value().count == 2); // perf's name
        CHECK_FALSE(parsed({}).value().interval_ms);
    }

    TEST_CASE("no time at all, and less, is refused") {
        for (const std::vector<std::string>& words : {std::vector<std::string>{"-I", "0"},
                                                      {"-I", "-1"},
                                                      {"-I", "x"},
                                                      {"-I", "1.5"},
                                                      {"-I", "99999999999"},
                                                      {"-I", "1", "--count", "0"},
                                                      {"--timeout", "0"},
                                                      {"--timeout", "-1"},
                                                      {"-D", "-2"},
                                                      {"-D", "junk"}})
            CHECK_FALSE(parsed(words));
        CHECK(parsed({"-D", "0"}).value().delay_ms == 0);
    }

    TEST_CASE("what is about intervals needs some") {
        CHECK(parsed({"--count", "3"}).error().message() == "--count without -I: there are no intervals");
        CHECK(parsed({"--summary"}).error().hint() == "add -I MS");
        CHECK_FALSE(parsed({"--spark"}));
    }

    TEST_CASE("counting that waits for a word must have somebody to say it") {
        CHECK_FALSE(parsed({"-D", "-1"}));
        CHECK(parsed({"-D", "-1", "--control", "fd:0"}).value().delay_ms == -1);
        CHECK_FALSE(parsed({"--control", "junk"}));
    }
}
