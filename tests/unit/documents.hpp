#pragma once

#include <pmc/result.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Made-up documents of repeated runs, for gates.
namespace pmc::test {

/// What is the same of all.
inline Result document() {
    Result result;
    result.host.arch = "aarch64";
    result.host.kernel = "6.1.0";
    result.cpu = {"Neoverse N1", "midr-41-d0c", "neoverse-n1", {"armv8_pmuv3_0"}};
    result.run.argv = {"./app"};
    result.run.elapsed_s = 1;
    result.run.pid = 100;
    return result;
}

inline EventCount event(std::string name, double count, double coverage = 1) {
    EventCount event;
    event.encoding = "armv8_pmuv3/" + name + "/";
    event.name = std::move(name);
    event.asked = true;
    event.count = Count(static_cast<std::uint64_t>(count), 1'000'000, static_cast<std::uint64_t>(1e6 * coverage));
    // As it was to be: what is scaled comes out as `count`.
    event.scale = coverage;
    return event;
}

inline MetricValue metric(std::string id, double value, std::string better, std::string unit = {}) {
    MetricValue metric;
    metric.label = id;
    metric.metric = id.substr(0, id.find('.'));
    metric.id = std::move(id);
    metric.number = value;
    metric.state = State::counted;
    metric.coverage = 1;
    metric.better = std::move(better);
    metric.unit = std::move(unit);
    return metric;
}

/// The sample of a command's next run, which took so long.
inline Sample& add_run(Result& result, double elapsed_s = 1) {
    if (!result.repeats)
        result.repeats = Result::Repeats{};
    Result::Run run = result.run;
    run.pid += static_cast<int>(result.runs.size());
    run.elapsed_s = elapsed_s;
    Sample& sample = result.samples.emplace_back();
    sample.run = static_cast<int>(result.runs.size());
    sample.id = std::to_string(run.pid);
    result.runs.push_back(std::move(run));
    ++result.repeats->runs;
    return sample;
}

/// Runs that each counted so many of an event.
inline Result runs_of(const std::string& name, const std::vector<double>& counts) {
    Result result = document();
    for (const double count : counts)
        add_run(result).events.push_back(event(name, count));
    return result;
}

/// Runs that each had this value of a metric.
inline Result runs_of_metric(const std::string& id, const std::string& better, const std::vector<double>& values) {
    Result result = document();
    for (const double value : values)
        add_run(result).metrics.push_back(metric(id, value, better));
    return result;
}

/// Runs that counted so many cycles on each of two core types; 0: it never ran there.
inline Result on_cores(const std::vector<std::pair<double, double>>& runs) {
    Result result = document();
    for (const auto& [on_core, on_atom] : runs) {
        Sample& sample = add_run(result);
        for (const auto& [core, cycles] : {std::pair{"cpu_core", on_core}, std::pair{"cpu_atom", on_atom}}) {
            EventCount& one = sample.events.emplace_back(event("cycles", cycles));
            one.core = core;
            if (cycles > 0)
                continue;
            one.count = Count(0, 0, 0);
            one.reason = {Cause::never_ran, 0, "it never ran on a core of " + std::string{core}, {}};
        }
    }
    return result;
}

/// Of a region, in a run: so many calls, which counted so many in all.
inline Sample& add_region(Result& result, int run, const std::string& name, std::uint64_t calls, double cycles,
                          int pid = 100) {
    Sample& sample = result.samples.emplace_back();
    sample.run = run;
    sample.scope = "region";
    sample.id = name;
    sample.region = RegionUse{};
    sample.region->pid = pid;
    sample.region->calls = calls;
    sample.region->threads = 1;
    sample.region->time_s = 1e-6 * static_cast<double>(calls);
    sample.events.push_back(event("cycles", cycles));
    return sample;
}

} // namespace pmc::test
