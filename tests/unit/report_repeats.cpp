#include "report_repeats.hpp"

#include "made_up_series.hpp"
#include "text_line.hpp"

#include <doctest/doctest.h>

using namespace pmc;
using cli::repeats_report;

namespace {

std::vector<ValueSeries> usual() {
    std::vector<ValueSeries> all{
        made_up::event("cycles", {6.1e9, 6.11e9, 6.112e9, 6.112e9, 6.115e9, 6.141e9}),
        made_up::series("ipc", ValueSeries::Kind::metric, "insn/cycle", {1.6, 1.61, 1.61, 1.61, 1.62, 1.62}),
        made_up::time({1.829, 1.842, 1.842, 1.842, 1.85, 1.902})};
    all.push_back(all.front());
    all.back().name = "needed by a metric";
    all.back().is_asked = false;
    return all;
}

} // namespace

TEST_SUITE("report_repeats") {
    TEST_CASE("a line for each value that was asked for: metrics, events, the time") {
        const std::string text = repeats_report(made_up::repeated(6), usual(), false);
        CHECK(text.starts_with("pmcstat: ./app   6 runs, all exit 0, user+kernel\n"));
        CHECK(line_with(text, "metric") == "  metric   median  95 % CI        min .. max  n");
        CHECK(line_with(text, "ipc") == "  ipc        1.61  +-0.6 %      1.60 .. 1.62  6");
        CHECK(line_with(text, "cycles") == "  cycles  6.112 G  +-0.5 %  6.100 .. 6.141 G  6");
        CHECK(line_with(text, "  time") == "  time    1.842 s  +-3.3 %  1.829 .. 1.902 s  6");
        CHECK(text.find("ipc") < text.find("cycles"));
        CHECK(text.find("cycles") < text.find("  time"));
        CHECK(text.find("needed by a metric") == std::string::npos);
    }

    TEST_CASE("the header tells warm-up, how the runs ended and how they were kept quiet") {
        Result result = made_up::repeated(4);
        result.repeats->warmup = 1;
        result.repeats->runs = 3;
        result.runs[0].warmup = true;
        result.runs[2].status = 1;
        result.run.cpu = 3;
        result.run.fixed_addresses = result.run.fixed_environment = true;
        const std::string text = repeats_report(result, usual(), false);
        CHECK(text.starts_with("pmcstat: ./app   3 runs + 1 warm-up, 3 exit 0, 1 exit 1, user+kernel, CPU 3, fixed "
                               "addresses, fixed environment\n"));
        result.no_pmu = {Cause::no_virtual_pmu, 2, "KVM guest without a virtual PMU", "enable it"};
        CHECK(repeats_report(result, usual(), false).find("CPU 3, fixed addresses, fixed environment   NO HARDWARE") !=
              std::string::npos);
    }

    TEST_CASE("disturbed runs, an early end and outliers are told") {
        Result result = made_up::repeated(6);
        result.runs[4].disturbed = "migrated though pinned";
        result.repeats->ended = "run 5 ended with status 1";
        std::vector<ValueSeries> series = usual();
        series[2].outliers = {0, 5};
        const std::string text = repeats_report(result, series, false);
        CHECK(line_with(text, "disturbed") == "  1 run disturbed, not counted: run 4 migrated though pinned");
        CHECK(line_with(text, "ended early") == "  ended early: run 5 ended with status 1");
        CHECK(line_with(text, "  time").ends_with("6  2 outliers (runs 0, 5)"));
        CHECK(line_with(text, "hint: the first run").find("--warmup 1") != std::string::npos);
    }

    TEST_CASE("what was not counted says why, as in the report of one run") {
        Result result = made_up::repeated(6);
        result.no_pmu = {Cause::no_virtual_pmu, 2, "KVM guest without a virtual PMU", "enable it"};
        std::vector<ValueSeries> series = usual();
        series[0] = made_up::missing("cycles", result.no_pmu.evidence);
        series[1] = made_up::missing("ipc", "no such event");
        series[2].coverage = 0.5;
        const std::string text = repeats_report(result, series, false);
        CHECK(text.find("NO HARDWARE COUNTERS: KVM guest without a virtual PMU\n") != std::string::npos);
        CHECK(line_with(text, "  cycles").ends_with("n/a  needs hardware counters"));
        CHECK(line_with(text, "  ipc").ends_with("n/a  no such event"));
        CHECK(line_with(text, "  time").ends_with("counted 50.0 % of the time"));
        CHECK(line_with(text, "hint: enable it") == "  hint: enable it");
        result.no_pmu.cause = Cause::blocked; // by which not even the kernel's own counts are to be had
        CHECK(line_with(repeats_report(result, series, false), "  cycles").ends_with("n/a  counting is forbidden"));
    }

    TEST_CASE("too few runs have no interval, and it is told how many it takes") {
        const std::vector<ValueSeries> series{made_up::time({1, 2, 3})};
        const std::string text = repeats_report(made_up::repeated(3), series, false);
        CHECK(line_with(text, "  time") == "  time    2.000 s        -  1.000 .. 3.000 s  3");
        CHECK(text.find("it takes 6") != std::string::npos);
    }

    TEST_CASE("of counts that repeat three runs are enough") {
        std::vector<ValueSeries> series{made_up::time({1, 2, 3})};
        ValueSeries count = usual()[0];
        count.values = {7, 7, 7};
        count.summary = pmc::summarize(count.values);
        series.push_back(count);
        CHECK(repeats_report(made_up::repeated(3), series, false).find("it takes 6") == std::string::npos);
    }

    TEST_CASE("each row has its values below its name") {
        std::vector<ValueSeries> series = usual();
        ValueSeries of_region = series[0];
        of_region.scope = "region";
        of_region.id = "parse";
        series.push_back(of_region);
        const std::string text = repeats_report(made_up::repeated(6), series, false);
        CHECK(text.find("  region parse\n  cycles ") != std::string::npos);
    }

    TEST_CASE("a model's numbers are marked, and the model stands below") {
        Result result = made_up::repeated(6);
        result.run.backend = "model";
        result.run.model = "cachegrind-3.19 I1=32768,8,64";
        std::vector<ValueSeries> series = usual();
        series[0].source = "model";
        const std::string text = repeats_report(result, series, false);
        CHECK(line_with(text, "  cycles").find("~6.112 G") != std::string::npos);
        CHECK(line_with(text, "modelled") == "  ~ modelled by valgrind, not measured: cachegrind-3.19 I1=32768,8,64");
    }

    TEST_CASE("-v has a line for each run") {
        Result result = made_up::repeated(2);
        result.runs[0].warmup = true;
        result.runs[1].migrations = 1;
        result.runs[1].involuntary_switches = 7;
        const std::string text = repeats_report(result, usual(), true);
        CHECK(line_with(text, "run 0:").ends_with(", warm-up"));
        CHECK(line_with(text, "run 1:").ends_with(", switched out 7 times, 1 migration"));
    }

    TEST_CASE("the texts of others can't move the cursor") {
        Result result = made_up::repeated(1);
        result.runs[0].disturbed = "a\x1b[2J";
        result.repeats->ended = "b\nGATE  pass";
        const std::string text = repeats_report(result, usual(), true);
        CHECK(text.find('\x1b') == std::string::npos);
        CHECK(text.find("\nGATE") == std::string::npos);
    }
}
