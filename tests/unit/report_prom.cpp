#include "report_prom.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace pmc;

namespace {

EventCount event(const std::string& name, Count count, const std::string& unit = {}, double scale = 1) {
    return {name, "", count, scale, unit, 0, true, {}};
}

Sample sample(const std::string& scope, const std::string& id, std::vector<EventCount> events) {
    Sample made;
    made.scope = scope;
    made.id = id;
    made.end_s = 1;
    made.events = std::move(events);
    return made;
}

Result result_of(std::vector<Sample> samples) {
    Result result;
    result.tool = "pmcstat 1";
    result.host.cpus = 2;
    result.cpu = {"A \"CPU\"", "AuthenticAMD-25-11-1", "zen4", {"cpu", "power", "software"}};
    result.samples = std::move(samples);
    return result;
}

/// Series and their values. Each stands once, and below its metric's HELP and TYPE, which stand once.
std::map<std::string, std::string> parsed(const std::string& text) {
    std::map<std::string, std::string> series;
    std::set<std::string> helped, typed;
    std::string current;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        const std::string name =
            line.starts_with("# ") ? line.substr(7, line.find(' ', 7) - 7) : line.substr(0, line.find_first_of("{ "));
        if (line.starts_with("# HELP ")) {
            CHECK(helped.insert(name).second);
            current = name;
        } else if (line.starts_with("# TYPE ")) {
            CHECK(typed.insert(name).second);
            CHECK(name == current);
            CHECK(name.ends_with("_total") == line.ends_with(" counter"));
        } else {
            CHECK(name == current);
            const std::size_t space = line.rfind(' ');
            CHECK(series.emplace(line.substr(0, space), line.substr(space + 1)).second);
        }
    }
    return series;
}

std::map<std::string, std::string> series_of(const Result& result, const cli::PromForm& form = {}) {
    return parsed(cli::prom_text(result, form));
}

std::string error_of(const std::vector<std::string>& texts) {
    const auto labels = cli::prom_labels(texts);
    return labels ? std::string() : labels.error().message();
}

} // namespace

TEST_SUITE("report_prom") {
    TEST_CASE("raw counts with the times of their counters, never an estimate") {
        const auto series =
            series_of(result_of({sample("process", "42", {event("cycles", Count(1000, 2'000'000'000, 500'000'000))})}));
        CHECK(series.at("pmc_cycles_total{scope=\"process\",mode=\"user+kernel\"}") == "1000");
        CHECK(series.at("pmc_event_enabled_seconds_total{scope=\"process\",event=\"cycles\"}") == "2.000000000");
        CHECK(series.at("pmc_event_running_seconds_total{scope=\"process\",event=\"cycles\"}") == "0.500000000");
        CHECK(series.at("pmc_event_supported{event=\"cycles\"}") == "1");
        CHECK(series.at(
                  "pmc_info{uarch=\"zen4\",vendor=\"AuthenticAMD\",model=\"A \\\"CPU\\\"\",pmu=\"cpu\",hypervisor=\"\","
                  "version=\"pmcstat 1\"}") == "1");
        CHECK(series.at("pmc_up") == "1");
        CHECK(series.at("pmc_series_dropped_total") == "0");
        CHECK(series.size() == 7);
    }

    TEST_CASE("what has no value is left out, never 0") {
        const auto series = series_of(result_of({sample("process", "42",
                                                        {event("cycles", Count(0, 0, 0, State::not_available)),
                                                         event("instructions", Count(0, 5, 0, State::not_counted))})}));
        CHECK(series.at("pmc_event_supported{event=\"cycles\"}") == "0");
        CHECK(series.at("pmc_event_supported{event=\"instructions\"}") == "1");
        CHECK(series.at("pmc_up") == "0");
        CHECK(series.at("pmc_event_running_seconds_total{scope=\"process\",event=\"instructions\"}") == "0.000000000");
        for (const auto& [name, value] : series) {
            CHECK_FALSE(name.starts_with("pmc_cycles"));
            CHECK_FALSE(name.starts_with("pmc_instructions"));
        }
    }

    TEST_CASE("a metric that needs what is not there says so") {
        Sample made = sample("process", "42", {});
        MetricValue llc;
        llc.id = llc.metric = "llc";
        MetricValue ipc;
        ipc.id = ipc.metric = "ipc";
        ipc.reason.cause = Cause::division_by_zero;
        made.metrics = {llc, ipc};
        const auto series = series_of(result_of({made}));
        CHECK(series.at("pmc_metric_supported{metric=\"llc\"}") == "0");
        CHECK(series.at("pmc_metric_supported{metric=\"ipc\"}") == "1");
    }

    TEST_CASE("rows of the host have their place, and a cgroup's counters names of their own") {
        const std::vector<EventCount> cycles{event("cycles", Count(7, 1, 1))};
        const auto label_of = [&](Sample made) {
            for (const auto& [name, value] : series_of(result_of({std::move(made)})))
                if (name.find("cycles_total{") != std::string::npos)
                    return name;
            return std::string();
        };
        CHECK(label_of(sample("cpu", "1", cycles)) ==
              "pmc_cycles_total{scope=\"host\",cpu=\"1\",mode=\"user+kernel\"}");
        CHECK(label_of(sample("core", "S1-D0-C3", cycles)) ==
              "pmc_cycles_total{scope=\"host\",socket=\"1\",die=\"0\",core=\"3\",mode=\"user+kernel\"}");
        CHECK(label_of(sample("socket", "S1", cycles)) ==
              "pmc_cycles_total{scope=\"host\",socket=\"1\",mode=\"user+kernel\"}");
        CHECK(label_of(sample("node", "N2", cycles)) ==
              "pmc_cycles_total{scope=\"host\",node=\"2\",mode=\"user+kernel\"}");
        CHECK(label_of(sample("node", "odd", cycles)) ==
              "pmc_cycles_total{scope=\"host\",node=\"odd\",mode=\"user+kernel\"}");
        CHECK(label_of(sample("system", "0-1", cycles)) == "pmc_cycles_total{scope=\"host\",mode=\"user+kernel\"}");
        CHECK(label_of(sample("system", "1", cycles)) ==
              "pmc_cycles_total{scope=\"host\",cpus=\"1\",mode=\"user+kernel\"}");
        CHECK(label_of(sample("cgroup", "a/b", cycles)) ==
              "pmc_cgroup_cycles_total{cgroup=\"a/b\",mode=\"user+kernel\"}");
        Sample cpu = sample("cpu", "1", cycles);
        cpu.cgroup = "a";
        CHECK(label_of(cpu) == "pmc_cgroup_cycles_total{cgroup=\"a\",cpu=\"1\",mode=\"user+kernel\"}");
    }

    TEST_CASE("no pid, thread or command is a label: threads are one") {
        Sample one = sample("thread", "4711", {event("cycles", Count(7, 1, 1))});
        one.name = "worker";
        Sample other = sample("thread", "4712", {event("cycles", Count(8, 2, 2))});
        other.name = "other";
        Result result = result_of({one, other});
        result.run.argv = {"./secret"};
        result.run.pid = 4711;
        const std::string text = cli::prom_text(result, {});
        CHECK(parsed(text).at("pmc_cycles_total{scope=\"process\",mode=\"user+kernel\"}") == "15");
        for (const char* const word : {"4711", "worker", "secret"})
            CHECK(text.find(word) == std::string::npos);
    }

    TEST_CASE("intervals are added up, unless their total stands there") {
        std::vector<Sample> samples{sample("cpu", "0", {event("cycles", Count(7, 1, 1))}),
                                    sample("cpu", "0", {event("cycles", Count(8, 1, 1))})};
        const std::string name = "pmc_cycles_total{scope=\"host\",cpu=\"0\",mode=\"user+kernel\"}";
        CHECK(series_of(result_of(samples)).at(name) == "15");
        samples.push_back(sample("cpu", "0", {event("cycles", Count(16, 1, 1))}));
        samples.back().summary = true;
        CHECK(series_of(result_of(samples)).at(name) == "16");
    }

    TEST_CASE("passes are runs of their own; regions are no part of it") {
        std::vector<Sample> samples{sample("process", "1", {event("cycles", Count(7, 1, 1))}),
                                    sample("process", "2", {event("cycles", Count(8, 1, 1))}),
                                    sample("region", "parse", {event("cycles", Count(1, 1, 1))})};
        samples[1].run = 1;
        samples[2].region = RegionUse{};
        Result result = result_of(samples);
        result.runs.resize(2);
        const auto series = series_of(result);
        CHECK(series.at("pmc_cycles_total{scope=\"process\",run=\"0\",mode=\"user+kernel\"}") == "7");
        CHECK(series.at("pmc_cycles_total{scope=\"process\",run=\"1\",mode=\"user+kernel\"}") == "8");
    }

    TEST_CASE("modes and core types are labels of one metric") {
        EventCount core = event("cpu_core/cycles/", Count(3, 1, 1));
        core.core = "cpu_core";
        EventCount atom = event("cycles", Count(4, 1, 1));
        atom.core = "cpu_atom";
        const auto series = series_of(result_of({sample(
            "process", "1", {event("cycles:u", Count(1, 1, 1)), event("cycles:k", Count(2, 1, 1)), core, atom})}));
        CHECK(series.at("pmc_cycles_total{scope=\"process\",mode=\"user\"}") == "1");
        CHECK(series.at("pmc_cycles_total{scope=\"process\",mode=\"kernel\"}") == "2");
        CHECK(series.at("pmc_cycles_total{scope=\"process\",mode=\"user+kernel\",pmu=\"cpu_core\"}") == "3");
        CHECK(series.at("pmc_cycles_total{scope=\"process\",mode=\"user+kernel\",pmu=\"cpu_atom\"}") == "4");
        CHECK(series.at("pmc_event_supported{event=\"cycles\",pmu=\"cpu_atom\"}") == "1");
    }

    TEST_CASE("events whose names come to the same are told apart by a label") {
        const auto series =
            series_of(result_of({sample("process", "1",
                                        {event("llc-misses", Count(1, 1, 1)), event("llc_misses", Count(2, 1, 1)),
                                         event("cycles", Count(3, 1, 1)), event("cycles:uk", Count(4, 1, 1))})}));
        CHECK(series.at("pmc_llc_misses_total{scope=\"process\",event=\"llc-misses\",mode=\"user+kernel\"}") == "1");
        CHECK(series.at("pmc_llc_misses_total{scope=\"process\",event=\"llc_misses\",mode=\"user+kernel\"}") == "2");
        CHECK(series.at("pmc_cycles_total{scope=\"process\",event=\"cycles\",mode=\"user+kernel\"}") == "3");
        CHECK(series.at("pmc_cycles_total{scope=\"process\",event=\"cycles:uk\",mode=\"user+kernel\"}") == "4");
        // Also where they would hide behind different modes.
        const auto modes = series_of(
            result_of({sample("process", "1", {event("a.b:u", Count(1, 1, 1)), event("a-b:k", Count(2, 1, 1))})}));
        CHECK(modes.at("pmc_a_b_total{scope=\"process\",event=\"a.b:u\",mode=\"user\"}") == "1");
    }

    TEST_CASE("an event is never one of pmcstat's own metrics") {
        const auto series = series_of(result_of(
            {sample("process", "1",
                    {event("series_dropped", Count(1, 1, 1)), event("event-enabled-seconds", Count(2, 1, 1))})}));
        CHECK(series.at("pmc_series_dropped_count_total{scope=\"process\",mode=\"user+kernel\"}") == "1");
        CHECK(series.at("pmc_event_enabled_seconds_count_total{scope=\"process\",mode=\"user+kernel\"}") == "2");
    }

    TEST_CASE("energy in joules, by domain; clocks in seconds") {
        const auto series = series_of(result_of({sample("socket", "S0",
                                                        {event("power/energy-pkg/", Count(8, 1, 1), "Joules", 0.25),
                                                         event("power/energy-ram/", Count(4, 1, 1), "Joules", 0.25),
                                                         event("task-clock", Count(1'500'000'000, 1, 1), "ns")})}));
        CHECK(series.at("pmc_energy_joules_total{scope=\"host\",socket=\"0\",domain=\"package\"}") == "2");
        CHECK(series.at("pmc_energy_joules_total{scope=\"host\",socket=\"0\",domain=\"dram\"}") == "1");
        CHECK(series.at("pmc_task_clock_seconds_total{scope=\"host\",socket=\"0\",mode=\"user+kernel\"}") ==
              "1.500000000");
    }

    TEST_CASE("a counter does not fall when another of its groups has become the best") {
        EventCount first = event("cycles", Count(100, 10, 8));
        first.group = 0;
        first.others = {{3, Count(40, 10, 3), {}}};
        EventCount then = event("cycles", Count(90, 20, 13)); // group 3 is the best now
        then.group = 3;
        then.others = {{0, Count(110, 20, 9), {}}};
        const std::string name = "pmc_cycles_total{scope=\"process\",mode=\"user+kernel\"}";
        CHECK(series_of(result_of({sample("process", "1", {first})})).at(name) == "100");
        CHECK(series_of(result_of({sample("process", "1", {then})})).at(name) == "110");
    }

    TEST_CASE("no more series than allowed, whole rows, and what was dropped is told") {
        std::vector<Sample> samples;
        for (int cpu = 0; cpu < 100; ++cpu)
            samples.push_back(sample("cpu", std::to_string(cpu), {event("cycles", Count(1, 1, 1))}));
        cli::PromForm form;
        form.max_series = 20;
        const auto series = series_of(result_of(samples), form);
        // 3 about itself, 1 supported, 5 CPUs of 3 series.
        CHECK(series.size() == 19);
        CHECK(series.at("pmc_series_dropped_total") == std::to_string(95 * 3));
        form.max_series = 0;
        CHECK(series_of(result_of(samples), form).size() == 3);
        CHECK(series_of(result_of(samples), {}).size() == 304);
    }

    TEST_CASE("labels of the user's are on each series") {
        const auto labels = cli::prom_labels({"job=a=b", "_x=", "say=\"hi\""});
        REQUIRE(labels);
        cli::PromForm form;
        form.labels = *labels;
        const auto series = series_of(result_of({sample("process", "1", {event("cycles", Count(1, 1, 1))})}), form);
        for (const auto& [name, value] : series)
            CHECK(name.find("{job=\"a=b\",_x=\"\",say=\"\\\"hi\\\"\"") != std::string::npos);
        CHECK(series.contains("pmc_up{job=\"a=b\",_x=\"\",say=\"\\\"hi\\\"\"}"));
    }

    TEST_CASE("labels that Prometheus or pmcstat would not have are refused") {
        CHECK(error_of({"job=a"}).empty());
        CHECK(error_of({"job"}) == "--label job: no '=' in it");
        for (const char* const bad : {"=a", "1a=b", "a-b=c", "__name__=x", "gr\xc3\xbc=x"})
            CHECK(error_of({bad}).find("a label's name is letters") != std::string::npos);
        for (const char* const own : {"cpu=1", "scope=x", "event=y", "model=z"})
            CHECK(error_of({own}).find("pmcstat has a label of that name itself") != std::string::npos);
        CHECK(error_of({"a=1", "a=2"}) == "--label a=2: this label was given before");
    }

    TEST_CASE("an empty document is still one that can be read") {
        const auto series = series_of(Result{});
        CHECK(series.at("pmc_up") == "0");
        CHECK(series.size() == 3);
    }
}
