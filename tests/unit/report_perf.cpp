// perf's shapes, line by line: what perf stat 6.1 wrote for the same counts.
#include "report_perf.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

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

std::string perf_csv(const Result& result, std::string_view separator) {
    return cli::perf_csv_lines(result.samples, separator, {});
}

std::string perf_json(const Result& result) {
    return cli::perf_json_lines(result.samples, {});
}

/// A row that counted cycles: none, if they are 0.
Sample row(const std::string& scope, const std::string& id, std::uint64_t cycles, double end_s = 1) {
    Sample sample;
    sample.scope = scope;
    sample.id = id;
    sample.end_s = end_s;
    sample.events = {event("cycles", cycles == 0 ? Count(0, 1000, 0) : Count(cycles, 1000, 1000), true),
                     event("faults", Count(cycles + 1, 1000, 1000), true)};
    return sample;
}

std::string csv(const std::vector<Sample>& samples, cli::PerfShape shape = {}) {
    return cli::perf_csv_lines(samples, ",", shape);
}

} // namespace

TEST_SUITE("report_perf") {
    TEST_CASE("-x: value, unit, event, running time and share, then the metric of the event") {
        CHECK(perf_csv(result_of(sample_of_all()), ",") == "2000,,cycles,1000,100.00,1.500,insn/cycle ipc\n"
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
        CHECK(perf_csv(result_of(sample), ",") == "0.79,msec,task-clock:u,790123,100.00,0.500,CPUs cpu\n");
    }

    TEST_CASE("-x: a metric more than there are events is a line with the earlier fields empty") {
        Sample sample;
        sample.metrics = {metric("a", 1, "", {"cycles"}), metric("b", 2, "x", {"cycles"})};
        sample.events = {event("cycles", Count(7, 1, 1), false)};
        CHECK(perf_csv(result_of(sample), ";") == "7;;cycles;1;100.00;1.000;a\n"
                                                  ";;;;;2.000;x b\n");
    }

    TEST_CASE("-x: no name has what a terminal would obey, and each line has its fields alone") {
        const std::string bad = "\x1b[2J\n";
        Sample sample = row("thread", "7", 10);
        sample.name = sample.cgroup = sample.events[0].name = sample.events[0].unit = bad;
        sample.metrics = {metric(bad, 1, "", {bad.c_str()})};
        CHECK(csv({sample}, {.per_thread = true}) == "?[2J?-7,10,?[2J?,?[2J?,?[2J?,1000,100.00,1.000,?[2J?\n"
                                                     "?[2J?-7,11,,faults,?[2J?,1000,100.00,,\n");
    }

    TEST_CASE("a metric that could not be counted is there, as not supported") {
        Sample sample;
        sample.metrics = {metric("llc", 0, "", {})};
        sample.metrics[0].state = State::not_available;
        CHECK(perf_csv(result_of(sample), ",") == "<not supported>,,llc,0,100.00,,\n");
        CHECK(perf_json(result_of(sample)) ==
              "{\"counter-value\" : \"<not supported>\", \"unit\" : \"\", \"event\" : \"llc\", \"event-runtime\" : 0, "
              "\"pcnt-running\" : 100.00, \"metric-value\" : 0.000000, \"metric-unit\" : \"\"}\n");
    }

    TEST_CASE("-j: an object a line, in perf's order of keys") {
        std::istringstream lines(perf_json(result_of(sample_of_all())));
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
        const auto parsed = nlohmann::json::parse(perf_json(result_of(sample)));
        CHECK(parsed["event"] == "a\"b\n\xef\xbf\xbd");
    }

    TEST_CASE("regions are nothing that perf has a line for") {
        Sample sample = sample_of_all();
        sample.scope = "region";
        sample.region = RegionUse{};
        CHECK(perf_csv(result_of(sample), ",").empty());
    }

    TEST_CASE("an event of one of several core types is called by its PMU") {
        Sample sample;
        sample.events = {event("cycles", Count(7, 1, 1), true), event("cpu_atom/cycles/", Count(8, 1, 1), true)};
        sample.events[0].core = "cpu_core";
        sample.events[1].core = "cpu_atom";
        CHECK(perf_csv(result_of(sample), ",") == "7,,cpu_core/cycles/,1,100.00,,\n"
                                                  "8,,cpu_atom/cycles/,1,100.00,,\n");
    }

    TEST_CASE("-A: event by event all CPUs, each with its number") {
        CHECK(csv({row("cpu", "0", 10), row("cpu", "1", 20)}) == "CPU0,10,,cycles,1000,100.00,,\n"
                                                                 "CPU1,20,,cycles,1000,100.00,,\n"
                                                                 "CPU0,11,,faults,1000,100.00,,\n"
                                                                 "CPU1,21,,faults,1000,100.00,,\n");
        const std::string json = cli::perf_json_lines(std::vector{row("cpu", "3", 10)}, {});
        CHECK(json.starts_with("{\"cpu\" : \"3\", \"counter-value\" : \"10.000000\", "));
    }

    TEST_CASE("cores, sockets and nodes: place by place all events, with the number of CPUs that were added up") {
        Sample first = row("socket", "S0", 10);
        first.cpus = 4;
        Sample second = row("socket", "S1", 0);
        second.cpus = 4;
        // perf stops adding up at the first CPU without a count.
        CHECK(csv({first, second}) == "S0,4,10,,cycles,1000,100.00,,\n"
                                      "S0,4,11,,faults,1000,100.00,,\n"
                                      "S1,1,<not counted>,,cycles,0,0.00,,\n"
                                      "S1,4,1,,faults,1000,100.00,,\n");
        for (const auto& [scope, id] : {std::pair{"core", "S0-D0-C1"}, {"socket", "S0"}, {"node", "N0"}}) {
            Sample sample = row(scope, id, 10);
            sample.cpus = 2;
            const std::string json = cli::perf_json_lines(std::vector{sample}, {});
            CHECK(json.starts_with(std::string("{\"") + scope + "\" : \"" + id +
                                   "\", \"aggregate-number\" : 2, \"counter-value\" : "));
        }
    }

    TEST_CASE("--per-thread: name and number, event by event, what counted most first") {
        Sample idle = row("thread", "8", 0);
        idle.name = "idle";
        Sample busy = row("thread", "9", 50);
        busy.name = "busy two";
        CHECK(csv({idle, busy}, {.per_thread = true}) == "busy two-9,50,,cycles,1000,100.00,,\n"
                                                         "idle-8,<not counted>,,cycles,0,0.00,,\n"
                                                         "busy two-9,51,,faults,1000,100.00,,\n"
                                                         "idle-8,1,,faults,1000,100.00,,\n");
        CHECK(csv({busy}) == "50,,cycles,1000,100.00,,\n51,,faults,1000,100.00,,\n");
        const std::string json = cli::perf_json_lines(std::vector{busy}, {.per_thread = true});
        CHECK(json.starts_with("{\"thread\" : \"busy two-9\", \"counter-value\" : "));
    }

    TEST_CASE("-I: the time in front of each line; summary in its place, and in JSON nothing") {
        Sample summary = row("system", "0-1", 30, 2);
        summary.summary = true;
        const std::vector<Sample> samples{row("system", "0-1", 10, 0.100237393), row("system", "0-1", 20, 12.5),
                                          summary};
        const cli::PerfShape shape = cli::perf_shape_of(samples);
        CHECK(shape.interval);
        CHECK(csv(samples, shape) == "     0.100237393,10,,cycles,1000,100.00,,\n"
                                     "     0.100237393,11,,faults,1000,100.00,,\n"
                                     "    12.500000000,20,,cycles,1000,100.00,,\n"
                                     "    12.500000000,21,,faults,1000,100.00,,\n"
                                     "         summary,30,,cycles,1000,100.00,,\n"
                                     "         summary,31,,faults,1000,100.00,,\n");
        std::istringstream lines(cli::perf_json_lines(samples, shape));
        std::string line;
        std::getline(lines, line);
        CHECK(line.starts_with("{\"interval\" : 0.100237393, \"counter-value\" : \"10.000000\", "));
        for (int i = 0; i < 4; ++i)
            std::getline(lines, line);
        CHECK(line.starts_with("{\"counter-value\" : \"30.000000\", "));
    }

    TEST_CASE("-I -A: all CPUs of an interval, then the next interval") {
        CHECK(csv({row("cpu", "0", 1), row("cpu", "1", 2), row("cpu", "0", 3, 2), row("cpu", "1", 4, 2)},
                  {.interval = true}) == "     1.000000000,CPU0,1,,cycles,1000,100.00,,\n"
                                         "     1.000000000,CPU1,2,,cycles,1000,100.00,,\n"
                                         "     1.000000000,CPU0,2,,faults,1000,100.00,,\n"
                                         "     1.000000000,CPU1,3,,faults,1000,100.00,,\n"
                                         "     2.000000000,CPU0,3,,cycles,1000,100.00,,\n"
                                         "     2.000000000,CPU1,4,,cycles,1000,100.00,,\n"
                                         "     2.000000000,CPU0,4,,faults,1000,100.00,,\n"
                                         "     2.000000000,CPU1,5,,faults,1000,100.00,,\n");
    }

    TEST_CASE("cgroups: a field behind the event, a key behind it; one cgroup after the other") {
        CHECK(csv({row("cgroup", "a", 1), row("cgroup", "/", 2)}) == "1,,cycles,a,1000,100.00,,\n"
                                                                     "2,,faults,a,1000,100.00,,\n"
                                                                     "2,,cycles,/,1000,100.00,,\n"
                                                                     "3,,faults,/,1000,100.00,,\n");
        CHECK(cli::perf_json_lines(std::vector{row("cgroup", "a", 1)}, {})
                  .find("\"event\" : \"cycles\", \"cgroup\" : \"a\", \"event-runtime\" : 1000") != std::string::npos);
        std::vector<Sample> cpus{row("cpu", "0", 1), row("cpu", "0", 3), row("cpu", "1", 2), row("cpu", "1", 4)};
        cpus[0].cgroup = cpus[2].cgroup = "a";
        cpus[1].cgroup = cpus[3].cgroup = "b";
        CHECK(csv(cpus).starts_with("CPU0,1,,cycles,a,1000,100.00,,\n"
                                    "CPU1,2,,cycles,a,1000,100.00,,\n"
                                    "CPU0,2,,faults,a,1000,100.00,,\n"
                                    "CPU1,3,,faults,a,1000,100.00,,\n"
                                    "CPU0,3,,cycles,b,"));
        // Of places, each has all its cgroups.
        std::vector<Sample> nodes{row("node", "N0", 1), row("node", "N1", 2), row("node", "N0", 3),
                                  row("node", "N1", 4)};
        nodes[0].cgroup = nodes[1].cgroup = "a";
        nodes[2].cgroup = nodes[3].cgroup = "b";
        for (Sample& sample : nodes) {
            sample.cpus = 1;
            sample.events.resize(1);
        }
        CHECK(csv(nodes) == "N0,1,1,,cycles,a,1000,100.00,,\n"
                            "N0,1,3,,cycles,b,1000,100.00,,\n"
                            "N1,1,2,,cycles,a,1000,100.00,,\n"
                            "N1,1,4,,cycles,b,1000,100.00,,\n");
    }

    TEST_CASE("one more metric of an event: place again, the fields between empty") {
        Sample sample;
        sample.scope = "core";
        sample.id = "S0-D0-C0";
        sample.cgroup = "a";
        sample.cpus = 2;
        sample.end_s = 1;
        sample.metrics = {metric("a", 1, "", {"cycles"}), metric("b", 2, "x", {"cycles"})};
        sample.events = {event("cycles", Count(7, 1, 1), false)};
        CHECK(csv({sample}, {.interval = true}) == "     1.000000000,S0-D0-C0,2,7,,cycles,a,1,100.00,1.000,a\n"
                                                   "     1.000000000,S0-D0-C0,2,,,,,,,2.000,x b\n");
    }

    TEST_CASE("a metric's events are the same lines in each row, counted or not") {
        Sample counted = row("cpu", "0", 5);
        Sample idle = row("cpu", "1", 0);
        for (Sample* sample : {&counted, &idle}) {
            sample->events[0].asked = sample->events[1].asked = false;
            sample->metrics = {metric("rate", 2, "x", {"cycles"})};
        }
        idle.metrics[0].state = State::not_counted;
        idle.metrics[0].operands.clear(); // told of what was counted only
        const std::string expected = "CPU0,5,,cycles,1000,100.00,2.000,x rate\n"
                                     "CPU1,<not counted>,,cycles,0,0.00,,\n";
        CHECK(csv({counted, idle}) == expected);
        CHECK(csv({idle}) == "CPU1,<not counted>,,cycles,0,0.00,,\nCPU1,1,,faults,1000,100.00,,\n");
    }

    TEST_CASE("values with a scale have two decimals, whole scales none, as perf has it") {
        Sample sample;
        sample.events = {event("power/energy-pkg/", Count(10, 1, 1), true, "Joules"),
                         event("uncore_imc/reads/", Count(10, 1, 1), true, "B")};
        sample.events[0].scale = 0.25;
        sample.events[1].scale = 64;
        CHECK(csv({sample}) == "2.50,Joules,power/energy-pkg/,1,100.00,,\n640,B,uncore_imc/reads/,1,100.00,,\n");
    }

    TEST_CASE("a document's shape: passes of a command are no intervals, nor are rows of several CPUs") {
        std::vector<Sample> samples{row("cpu", "0", 1), row("cpu", "1", 1)};
        CHECK_FALSE(cli::perf_shape_of(samples).interval);
        samples = {row("process", "1", 1), row("process", "1", 1)};
        samples[1].run = 1;
        CHECK_FALSE(cli::perf_shape_of(samples).interval);
        samples[1].run = 0;
        CHECK(cli::perf_shape_of(samples).interval);
        samples = {row("thread", "1", 1)};
        CHECK_FALSE(cli::perf_shape_of(samples).per_thread);
        samples[0].name = "x";
        CHECK(cli::perf_shape_of(samples).per_thread);
    }
}
