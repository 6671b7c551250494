#include "metric/on_core.hpp"

#include "counter/reasons.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

namespace pmc {

namespace {

/// The core type that a planned group is counted on, or nothing.
std::string_view core_of(const MetricSet::State& set, std::size_t group) {
    if (group >= set.plan.groups.size())
        return {};
    for (const std::size_t event : set.plan.groups[group].events) {
        if (!set.events[event].core.empty())
            return set.events[event].core;
    }
    return {};
}

struct CoreTimes {
    std::map<std::size_t, GroupTimes> groups; ///< by their number
    std::uint64_t on_core_ns = 0;
};

std::map<std::string_view, CoreTimes> times_by_core(const MetricSet::State& set, const Counts& counts) {
    std::map<std::string_view, CoreTimes> cores;
    for (const GroupCount& count : counts) {
        const auto group = static_cast<std::size_t>(count.group);
        const std::string_view core = count.group < 0 ? std::string_view() : core_of(set, group);
        if (core.empty() || count.count.state() == State::not_available)
            continue;
        // All members of a group have its times.
        cores[core].groups[group] = {count.count.enabled_ns(), count.count.running_ns(),
                                     group < set.turns.size() ? set.turns[group] : group};
    }
    for (auto& [core, times] : cores) {
        std::vector<GroupTimes> groups;
        for (const auto& [number, group] : times.groups)
            groups.push_back(group);
        times.on_core_ns = on_core_time(groups);
    }
    return cores;
}

bool is_about_the_pmu(const Reason& reason) noexcept {
    return !reason || reason.cause == Cause::never_scheduled;
}

} // namespace

std::uint64_t on_core_time(std::span<const GroupTimes> groups) {
    std::map<std::size_t, std::uint64_t> turns;
    std::uint64_t enabled = 0;
    for (const GroupTimes& group : groups) {
        enabled = std::max(enabled, group.enabled_ns);
        turns[group.turn] = std::max(turns[group.turn], group.running_ns);
    }
    std::uint64_t running = 0;
    for (const auto& [turn, time] : turns)
        running += time;
    return std::min(enabled, running);
}

Counts count_on_core(const MetricSet::State& set, Counts counts) {
    const std::map<std::string_view, CoreTimes> cores = times_by_core(set, counts);
    for (GroupCount& one : counts) {
        const auto found = one.group < 0 ? cores.end() : cores.find(core_of(set, static_cast<std::size_t>(one.group)));
        const Count& count = one.count;
        if (found == cores.end() || count.state() == State::not_available || count.enabled_ns() == 0)
            continue;
        const std::uint64_t on_core = found->second.on_core_ns;
        if (on_core == 0 && is_about_the_pmu(one.reason))
            one.reason = never_ran_on(found->first);
        one.count = Count(count.raw(), on_core, count.running_ns(), count.state());
    }
    return counts;
}

} // namespace pmc
