#include "report_text.hpp"

#include "text_line.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace pmc;

namespace {

MetricValue value(const std::string& id, const std::string& core, double number) {
    MetricValue metric;
    metric.id = metric.metric = metric.label = id;
    metric.core = core;
    metric.number = number;
    metric.state = State::counted;
    metric.coverage = 1;
    return metric;
}

Result hybrid() {
    Result result;
    result.run.argv = {"./app"};
    Sample sample;
    MetricValue missing = value("ipc", "cpu_atom", 0);
    missing.state = State::not_counted;
    missing.reason = {Cause::never_ran, 0, "it never ran on a core of cpu_atom while it was counted", ""};
    MetricValue ratio = value("llc", "cpu_core", 12);
    ratio.id = "llc.miss_ratio";
    ratio.unit = "%";
    MetricValue per_kinsn = ratio;
    per_kinsn.id = "llc.mpki";
    per_kinsn.number = 3.5;
    per_kinsn.unit = "misses/kinsn";
    sample.metrics = {value("cpu", "", 1.5), value("ipc", "cpu_core", 2), missing, ratio, per_kinsn};
    EventCount event{"cycles", "hardware/config=0x400000000/", Count(1000, 10, 10), 1.0, "", 0, true, {}};
    event.core = "cpu_core";
    sample.events = {event};
    result.samples = {sample};
    return result;
}

} // namespace

TEST_SUITE("report_text") {
    TEST_CASE("with several core types each row names its own, in a column of its own") {
        const std::string text = cli::text_report(hybrid(), false);
        CHECK(line_with(text, "  cpu  ") == "  cpu                      1.50");
        CHECK(line_with(text, "  ipc            cpu_core") == "  ipc            cpu_core  2.00");
        CHECK(line_with(text, "never ran") ==
              "  ipc            cpu_atom  not counted    it never ran on a core of cpu_atom while it was counted");
        CHECK(line_with(text, "  llc ").find("3.50 misses/kinsn") != std::string::npos);
        CHECK(line_with(text, "  cycles").find("cpu_core  1000") != std::string::npos);
    }

    TEST_CASE("two rows of one label on two core types stay two rows") {
        Result result = hybrid();
        result.samples[0].metrics[2] = value("ipc", "cpu_atom", 1.25);
        const std::string text = cli::text_report(result, false);
        CHECK(line_with(text, "cpu_atom") == "  ipc            cpu_atom  1.25");
    }

    TEST_CASE("-v tells the core type of each event") {
        CHECK(line_with(cli::text_report(hybrid(), true), "event cycles").find("cycles (cpu_core): hardware") !=
              std::string::npos);
    }

    TEST_CASE("passes are joined core type by core type") {
        Result result = hybrid();
        result.runs = {result.run, result.run};
        Sample second = result.samples[0];
        second.run = 1;
        second.metrics = {value("ipc", "cpu_atom", 1.25)};
        second.events[0].core = "cpu_atom";
        result.samples.push_back(second);
        const std::string text = cli::text_report(result, false);
        CHECK(line_with(text, "  ipc            cpu_core") == "  ipc            cpu_core  2.00");
        CHECK(line_with(text, "  ipc            cpu_atom") == "  ipc            cpu_atom  1.25");
        CHECK(line_with(text, "  cycles         cpu_atom").find("1000") != std::string::npos);
    }

    TEST_CASE("with one core type there is no such column") {
        Result result = hybrid();
        for (MetricValue& metric : result.samples[0].metrics)
            metric.core.clear();
        result.samples[0].events[0].core.clear();
        CHECK(line_with(cli::text_report(result, false), "  cpu  ") == "  cpu            1.50");
    }

    TEST_CASE("runs of one command again and again are no passes: they have a table of their own") {
        Result result = hybrid();
        result.runs = {result.run, result.run};
        result.samples.push_back(result.samples[0]);
        result.samples[1].run = 1;
        result.repeats = Result::Repeats{2, 0, 0, 0, ""};
        const std::string text = cli::text_report(result, false);
        CHECK(text.find("once per group") == std::string::npos);
        CHECK(text.starts_with("pmcstat: ./app   2 runs, all exit 0"));
        CHECK(line_with(text, "llc.mpki (cpu_core)").find("3.50 misses/kinsn") != std::string::npos);
    }
}
