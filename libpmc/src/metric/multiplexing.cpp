#include "metric/binder.hpp"
#include "metric/metric_set_state.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace pmc {
namespace {

/// The PMU whose counters the events want; empty if they want none.
std::string_view pmu_of(const MetricSet::State& set, const std::vector<std::size_t>& events) {
    const auto taker =
        std::ranges::find_if(events, [&](std::size_t event) { return takes_counter(set.events[event]); });
    return taker == events.end() ? std::string_view() : std::string_view(set.events[*taker].pmu);
}

/// What the user would recognise the bundle by.
std::string name_of(const MetricSet::State& set, std::size_t bundle) {
    for (const PlannedMetric& metric : set.metrics) {
        if (std::ranges::find(metric.bindings, bundle, &Binding::bundle) != metric.bindings.end() ||
            std::ranges::find(metric.also, bundle, &Binding::bundle) != metric.also.end())
            return metric.id;
    }
    std::string names;
    for (const std::size_t event : set.bundles[bundle].events)
        names += (names.empty() ? "" : ",") + set.events[event].name;
    return set.bundles[bundle].explicit_group ? '{' + names + '}' : names;
}

/// What one PMU has to count, bundle by bundle.
struct Load {
    std::vector<std::vector<std::size_t>> explicit_groups = {}; ///< their events, sorted
    std::vector<std::size_t> shared = {}; ///< the events of all other bundles, which may be one group

    void add(const Bundle& bundle) {
        if (bundle.explicit_group) {
            std::vector<std::size_t> events = bundle.events;
            std::ranges::sort(events);
            if (std::ranges::find(explicit_groups, events) == explicit_groups.end())
                explicit_groups.push_back(std::move(events));
            return;
        }
        for (const std::size_t event : bundle.events) {
            if (std::ranges::find(shared, event) == shared.end())
                shared.push_back(event);
        }
    }

    [[nodiscard]] std::size_t groups() const { return explicit_groups.size() + (shared.empty() ? 0 : 1); }
};

bool takes_turns(const MetricSet::State& set) {
    std::vector<std::string_view> pmus;
    for (const PlannedGroup& group : set.plan.groups) {
        const std::string_view pmu = pmu_of(set, group.events);
        if (pmu.empty())
            continue;
        if (std::ranges::find(pmus, pmu) != pmus.end())
            return true;
        pmus.push_back(pmu);
    }
    return false;
}

} // namespace

std::optional<Error> MetricSet::needs_multiplexing() const {
    const State& set = *state_;
    if (!takes_turns(set))
        return std::nullopt;
    Binder binder(set.machine, set.tables);
    std::map<std::string_view, Load> loads;
    std::size_t last = 0;
    for (std::size_t i = 0; i < set.bundles.size(); ++i) {
        const std::string_view pmu = pmu_of(set, set.bundles[i].events);
        if (pmu.empty())
            continue;
        last = i;
        Load& load = loads[pmu];
        const std::size_t events_before = load.shared.size();
        load.add(set.bundles[i]);
        if (load.groups() > 1)
            break;
        std::vector<Event> together;
        for (const std::size_t event : load.shared)
            together.push_back(set.events[event]);
        // The first is a group of its own, whether it fits or not.
        if (events_before != 0 && load.shared.size() > events_before && !binder.fits(together))
            break;
    }
    const std::string name = name_of(set, last);
    const std::string pmu(pmu_of(set, set.bundles[last].events));
    return Error(ErrorKind::not_available, Stage::resolve,
                 name + " is too many: with it the events no longer fit on the counters of " + pmu + " all at once",
                 "leave it out, or count each of passes() in a run of its own")
        .with_subject(name);
}

} // namespace pmc
