#pragma once

#include "metric/metric_set_state.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

/// How long a task was on cores of one type: arithmetic over made-up times in tests.
namespace pmc {

/// The times of one group on a core type's PMU.
struct GroupTimes {
    std::uint64_t enabled_ns = 0;
    std::uint64_t running_ns = 0;
    std::size_t turn = 0; ///< groups that can be on the PMU at once have the same one
};

/// A task's event of one core type is enabled all the time, but runs only while the task is on such cores. So
/// enabled ÷ running is no share of multiplexing there, and scaling by it (as perf stat does) would invent what the
/// task did on other cores. But whenever it is on such a core, some group of that core's PMU runs, and those that do
/// not fit together never run at once: their running times add up to the time on those cores, which is never more than
/// the time enabled. Groups that do fit together run side by side: the longest stands for them.
std::uint64_t on_core_time(std::span<const GroupTimes> groups);

/// The counts with that time as the time enabled, for events of one of several core types: value = raw × on-core ÷
/// running, coverage = running ÷ on-core. With one group per PMU that is the raw count and full coverage. A task that
/// never was on such a core leaves *not counted*, with that as the reason. All other counts stay as they are.
Counts count_on_core(const MetricSet::State& set, Counts counts);

} // namespace pmc
