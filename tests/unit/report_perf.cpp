// perf's shapes, line by line: what perf stat 6.1 wrote for the same counts.
#include "report_perf.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <sstream>
#include <string>

using namespace pmc;

namespace {

EventCount event(const std::string& name, Count count, bool asked, const std::string& unit = {}) {
    return {name, "cpu/event=0/", count, 1.0, unit, 0, asked, {}};
}

MetricValue metric(const std::string& id, double number, const std::string& unit,
                   std::initializer_list<const char*> roles) {
    MetricValue value;
    value.id = value.metric = value.label = id;
    value.number = number;
    value.unit = unit;
    value.state = State::counted;
    value.coverage = 1;
    for (const char* const role : roles)
        value.operands.push_back({role, role, 1, {}});
    return value;
}

Result result_of(Sample sample) {
    Result result;
    result.samples = {std::move(sample)};
    return result;
}

Sample sample_of_all() {
    Sample sample;
    sample.metrics = {metric("ipc", 1.5, "insn/cycle", {"instructions", "cycles"}),
                      metric("cpi", 0.667, "cycles/insn", {"cycles", "instructions"})};
    sample.events = {event("cycles", Count(2000, 1000, 1000), false),
                     event("instructions", Count(3000, 1000, 1000), false),
                     event("task-clock", Count(790'123, 790'123, 790'123), true, "ns"),
                     event("branches", Count(500, 1000, 250), true),
                     event("LLC-loads", Count(0, 1000, 0, State::not_counted), true),
                     event("cache-misses", Count(0, 0, 0, State::not_available), true)};
    return sample;
}

} // namespace

TEST_SUITE("report_perf") {
    TEST_CASE("-x: value, unit, event, running time and share, then the metric of the event") {
        CHECK(cli::perf_csv(result_of(sample_of_all()), ",") == "2000,,cycles,1000,100.00,1.500,insn/cycle ipc\n"
                                                                "3000,,instructions,1000,100.00,0.667,cycles/insn cpi\n"
                                                                "0.79,msec,task-clock,790123,100.00,,\n"
                                                                "2000,,branches,250,25.00,,\n"
                                                                "<not counted>,,LLC-loads,0,0.00,,\n"
                                                                "<not supported>,,cache-misses,0,100.00,,\n");
    }

    TEST_CASE("-x: a metric stands beside its event, by whatever name that was asked for") {
        Sample sample;
        sample.metrics = {metric("cpu", 0.5, "CPUs", {"task_clock"})};
        sample.events = {event("task-clock:u", Count(790'123, 790'123, 790'123), true, "ns")};
        CHECK(cli::perf_csv(result_of(sample), ",") == "0.79,msec,task-clock:u,790123,100.00,0.500,CPUs cpu\n");
    }

    TEST_CASE("-x: a metric more than there are events is a line with the earlier fields empty") {
        Sample sample;
        sample.metrics = {metric("a", 1, "", {"cycles"}), metric("b", 2, "x", {"cycles"})};
        sample.events = {event("cycles", Count(7, 1, 1), false)};
        CHECK(cli::perf_csv(result_of(sample), ";") == "7;;cycles;1;100.00;1.000;a\n"
                                                       ";;;;;2.000;x b\n");
    }

    TEST_CASE("a metric that could not be counted is there, as not supported") {
        Sample sample;
        sample.metrics = {metric("llc", 0, "", {})};
        sample.metrics[0].state = State::not_available;
        CHECK(cli::perf_csv(result_of(sample), ",") == "<not supported>,,llc,0,100.00,,\n");
        CHECK(cli::perf_json(result_of(sample)) ==
              "{\"counter-value\" : \"<not supported>\", \"unit\" : \"\", \"event\" : \"llc\", \"event-runtime\" : 0, "
              "\"pcnt-running\" : 100.00, \"metric-value\" : 0.000000, \"metric-unit\" : \"\"}\n");
    }

    TEST_CASE("-j: an object a line, in perf's order of keys") {
        std::istringstream lines(cli::perf_json(result_of(sample_of_all())));
        std::string line;
        std::getline(lines, line);
        CHECK(line == "{\"counter-value\" : \"2000.000000\", \"unit\" : \"\", \"event\" : \"cycles\", "
                      "\"event-runtime\" : 1000, \"pcnt-running\" : 100.00, \"metric-value\" : 1.500000, "
                      "\"metric-unit\" : \"insn/cycle ipc\"}");
        int count = 1;
        for (; std::getline(lines, line); ++count)
            CHECK(nlohmann::json::parse(line)["counter-value"].is_string());
        CHECK(count == 6);
    }

    TEST_CASE("-j: a name that is no JSON as it stands is made one") {
        Sample sample;
        sample.events = {event("a\"b\n\xff", Count(1, 1, 1), true)};
        const auto parsed = nlohmann::json::parse(cli::perf_json(result_of(sample)));
        CHECK(parsed["event"] == "a\"b\n\xef\xbf\xbd");
    }

    TEST_CASE("regions are nothing that perf has a line for") {
        Sample sample = sample_of_all();
        sample.scope = "region";
        sample.region = RegionUse{};
        CHECK(cli::perf_csv(result_of(sample), ",").empty());
    }

    TEST_CASE("an event of one of several core types is called by its PMU") {
        Sample sample;
        sample.events = {event("cycles", Count(7, 1, 1), true), event("cpu_atom/cycles/", Count(8, 1, 1), true)};
        sample.events[0].core = "cpu_core";
        sample.events[1].core = "cpu_atom";
        CHECK(cli::perf_csv(result_of(sample), ",") == "7,,cpu_core/cycles/,1,100.00,,\n"
                                                       "8,,cpu_atom/cycles/,1,100.00,,\n");
    }
}
