#pragma once

#include <pmc/tally.hpp>

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

/// Google Benchmark with libpmc's counters. Needs <benchmark/benchmark.h>, and is no part of pmc.hpp.
namespace pmc {

/// Counts an event list while it lives, and leaves the counts of an iteration among the benchmark's own counters.
///
///     void sort(benchmark::State& state) {
///         pmc::BenchmarkCounters counters{state, "cycles,instructions,ipc"};
///         for (auto _ : state)
///             …
///     }
///
/// Events are per iteration, metrics are what their formulas give. What could not be counted gives no counter, never 0:
/// the benchmark's label, which it then takes, says why. In a benchmark of several threads each thread has its own, and
/// counts itself; where some of them could not, NAME_lost says how many: their part is missing in NAME.
class BenchmarkCounters {
public:
    /// Throws Error for a list that can't be read or has unknown names.
    BenchmarkCounters(benchmark::State& state, std::string_view list) : state_(state), tally_(list) { tally_.resume(); }
    BenchmarkCounters(const BenchmarkCounters&) = delete;
    BenchmarkCounters& operator=(const BenchmarkCounters&) = delete;
    ~BenchmarkCounters() {
        tally_.pause();
        report();
    }

    /// Around state.PauseTiming() … ResumeTiming(), so that the framework's own work is not counted; the time then has
    /// two readings in it.
    void pause() noexcept { tally_.pause(); }
    void resume() noexcept { tally_.resume(); }

private:
    void report() {
        const Sample sample = tally_.sample();
        for (const EventCount& event : sample.events) {
            if (!event.asked)
                continue;
            if (event.has_value())
                // The framework adds the threads up, and divides by the iterations of all of them.
                state_.counters[event.name] = benchmark::Counter{event.value(), benchmark::Counter::kAvgIterations};
            else
                lose(event.name, event.reason);
        }
        for (const MetricValue& metric : sample.metrics) {
            if (metric.has_value())
                state_.counters[metric.id] = benchmark::Counter{metric.value(), benchmark::Counter::kAvgThreads};
            else
                lose(metric.id, metric.reason);
        }
        if (!label_.empty())
            state_.SetLabel(label_);
    }

    void lose(const std::string& name, const Reason& reason) {
        if (state_.threads() > 1)
            state_.counters[name + "_lost"] = benchmark::Counter{1};
        explain(name, reason);
    }

    /// The first reason stands for those that are like it.
    void explain(const std::string& name, const Reason& reason) {
        if (reason.evidence == explained_)
            return;
        explained_ = reason.evidence;
        label_ += (label_.empty() ? "" : "; ") + name + " not counted: " + reason.evidence;
    }

    benchmark::State& state_;
    Tally tally_;
    std::string label_;
    std::string explained_;
};

} // namespace pmc
