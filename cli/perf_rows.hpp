#pragma once

#include <pmc/result.hpp>

#include <span>
#include <vector>

namespace cli {

/// A line of perf stat's: what a row of the report (a CPU, a core, a thread, …) counted of an event, with the metrics
/// that stand beside it. Without an event: a metric that no event is known of.
struct PerfRow {
    const pmc::Sample* sample = nullptr;
    const pmc::EventCount* event = nullptr;
    std::vector<const pmc::MetricValue*> metrics{}; ///< those with a value; the one without an event has none
};

/// The lines of samples in perf's order: interval by interval; for CPUs (-A) and threads event by event with all of
/// them, the threads of each event by what they counted; for cores, sockets and nodes place by place with all events.
/// Cgroups come one after the other in either. A metric that was asked for appears as its events, its value beside the
/// first. Regions are nothing that perf knows. What it points to is the samples'.
std::vector<PerfRow> perf_rows(std::span<const pmc::Sample> samples);

/// The cgroup that the sample is about; empty if it is about none.
const std::string& perf_cgroup(const pmc::Sample& sample) noexcept;

} // namespace cli
