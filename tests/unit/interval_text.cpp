#include "interval_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace pmc;
using Sparks = cli::IntervalText::Sparks;

namespace {

Sample row(const std::string& id, double end_s, double ipc, std::uint64_t faults) {
    Sample sample;
    sample.scope = "core";
    sample.id = id;
    sample.start_s = end_s - 1;
    sample.end_s = end_s;
    MetricValue metric;
    metric.id = metric.metric = metric.label = "ipc";
    metric.unit = "insn/cycle";
    metric.number = ipc;
    metric.state = State::counted;
    metric.coverage = 1;
    MetricValue share = metric;
    share.id = "llc.miss_ratio";
    share.unit = "%";
    sample.metrics = {metric, share};
    sample.events = {{"page-faults", "software/config=0x2/", Count(faults, 10, 10), 1.0, "", 0, true, {}},
                     {"cycles", "cpu/event=1/", Count(1, 10, 10), 1.0, "", 1, false, {}}};
    return sample;
}

Result described() {
    Result result;
    result.run.target = "CPUs 0-1";
    return result;
}

std::size_t times(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at)
        ++count;
    return count;
}

constexpr cli::Screen screen{100, 25, false};

} // namespace

TEST_SUITE("interval_text") {
    TEST_CASE("rows below titles and units, the time once for all rows of it") {
        cli::IntervalText table(described(), 1000, screen, Sparks::none);
        std::string text;
        table.add({row("S0-C0", 1, 0.91, 212), row("S0-C1", 1, 1.87, 3)}, text);
        CHECK(text == "pmcstat: CPUs 0-1, user+kernel, every 1.000 s\n"
                      "  time      core       ipc  llc.miss_ratio  page-faults\n"
                      "                                         %\n"
                      "  +1.000s   S0-C0    0.910           0.910          212\n"
                      "            S0-C1     1.87            1.87            3\n");
        text.clear();
        table.add({row("S0-C0", 2, 1, 0), row("S0-C1", 2, 1, 0)}, text);
        CHECK(text.starts_with("  +2.000s   S0-C0     1.00            1.00            0\n"));
        CHECK(table.end().empty());
    }

    TEST_CASE("all that is counted, as one, has no column for what it is") {
        cli::IntervalText table(described(), 1000, screen, Sparks::none);
        Sample all = row("0-1", 1, 2, 3);
        all.scope = "system";
        std::string text;
        table.add({all}, text);
        CHECK(text.find("  time          ipc  ") != std::string::npos);
        CHECK(text.find("0-1 ") == std::string::npos);
    }

    TEST_CASE("the titles stand again at every screenful") {
        cli::IntervalText table(described(), 1000, {100, 10, false}, Sparks::none);
        std::string text;
        for (int i = 1; i <= 14; ++i)
            table.add({row("S0-C0", i, 1, 1)}, text);
        CHECK(times(text, "  time ") == 2); // 2 lines of titles, 7 of values: 9 of 10
        for (int i = 15; i <= 16; ++i)
            table.add({row("S0-C0", i, 1, 1)}, text);
        CHECK(times(text, "  time ") == 3);
        CHECK(times(text, "pmcstat: ") == 1);
    }

    TEST_CASE("more rows than a screen has stand together") {
        cli::IntervalText table(described(), 1000, {100, 3, false}, Sparks::none);
        std::string text;
        const std::vector<Sample> rows(8, row("S0-C0", 1, 1, 1));
        table.add(rows, text);
        table.add(rows, text);
        CHECK(times(text, "  time ") == 2);
    }

    TEST_CASE("what has no value says so there, and why once at the end") {
        cli::IntervalText table(described(), 1000, screen, Sparks::none);
        std::string text;
        for (int i = 1; i <= 2; ++i) {
            Sample sample = row("S0-C0", i, 1, 0);
            sample.metrics[0].state = State::not_counted;
            sample.metrics[0].reason = {Cause::never_scheduled, 0, "somebody else holds the counters", "end the rival"};
            sample.metrics[1].state = State::not_available;
            sample.metrics[1].reason = {Cause::division_by_zero, 0, "no references", ""};
            sample.events[0].count = Count(50, 100, 50);
            table.add({sample}, text);
        }
        CHECK(times(text, "not counted") == 2);
        CHECK(text.find("    -  ") != std::string::npos);
        CHECK(text.find(" 100*\n") != std::string::npos);
        CHECK(text.find("rival") == std::string::npos);
        CHECK(table.end() == "  * counted less than 95 % of the time: an estimate\n"
                             "  ipc: somebody else holds the counters\n"
                             "  hint: end the rival\n");
    }

    TEST_CASE("where the table would be wider than the screen, a block for each row") {
        cli::IntervalText table(described(), 1000, {40, 25, false}, Sparks::none);
        std::string text;
        table.add({row("S0-C0", 1, 0.91, 212)}, text);
        CHECK(text.find("  +1.000s  core S0-C0\n  ipc ") != std::string::npos);
        CHECK(text.find("time  ") == std::string::npos);
    }

    TEST_CASE("spark lines stand above the titles of the next screenful, and at the end") {
        cli::IntervalText table(described(), 1000, {100, 6, false}, Sparks::ascii);
        std::string text;
        for (int i = 1; i <= 3; ++i)
            table.add({row("S0-C0", i, i, 7)}, text);
        CHECK(times(text, "[") == 0);
        table.add({row("S0-C0", 4, 4, 7)}, text);
        CHECK(text.find("  ipc             [ =#]  1.00 to 3.00\n"
                        "  llc.miss_ratio  [ =#]  1.00 % to 3.00 %\n"
                        "  page-faults     [===]  7 to 7\n"
                        "  time ") != std::string::npos);
        CHECK(table.end().find("  page-faults     [====]  7 to 7\n") != std::string::npos);
    }

    TEST_CASE("each row has spark lines of its own") {
        cli::IntervalText table(described(), 1000, screen, Sparks::blocks);
        std::string text;
        table.add({row("S0-C0", 1, 1, 1), row("S0-C1", 1, 1, 1)}, text);
        table.add({row("S0-C0", 2, 1, 1), row("S0-C1", 2, 2, 1)}, text);
        const std::string end = table.end();
        CHECK(end.find("S0-C0 ipc             [▅▅]") != std::string::npos);
        CHECK(end.find("S0-C1 ipc             [▁█]") != std::string::npos);
    }

    TEST_CASE("without an interval there is nothing") {
        cli::IntervalText table(described(), 1000, screen, Sparks::ascii);
        std::string text;
        table.add({}, text);
        CHECK(text.empty());
        CHECK(table.end().empty());
    }
}
