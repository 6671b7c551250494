#pragma once

#include "counter/counter_set.hpp"
#include "counter/planner.hpp"
#include "event/cpu_table.hpp"
#include "metric/formula.hpp"
#include "metric/metric_table.hpp"

#include <pmc/metric_set.hpp>
#include <pmc/result.hpp>

#include <string>
#include <vector>

namespace pmc {

/// One value to be evaluated: its formula over the events of one bundle.
struct PlannedValue {
    std::string id, metric, label, unit;
    Formula formula;
    std::vector<std::pair<std::string, Formula>> lets;
};

/// One asked-for metric (or user formula), bound to events.
struct PlannedMetric {
    std::string id;
    std::vector<PlannedValue> values;
    /// What each name in its formulas is: an event, by index. Names that are not here are constants or `seconds`,
    /// `group_seconds`, `width`.
    struct Binding {
        std::string name;
        std::size_t event;
        const RoleEvent* role = nullptr; ///< null for events named directly
    };
    std::vector<Binding> bindings;
    std::vector<Binding> also;
    std::vector<std::pair<std::string, double>> constants;
    std::size_t bundle = Plan::none; ///< none: not available
    Reason unavailable;
};

struct MetricSet::State {
    std::vector<Event> events;
    std::vector<bool> asked; ///< by event: the user named it
    std::vector<Bundle> bundles;
    std::vector<PlannedMetric> metrics; ///< in the order asked for
    Plan plan;
    Mode mode = Mode::user_kernel;
    Machine machine = Machine::host();
    std::string table;
};

/// The EventCounts and MetricValues of one sample: the arithmetic of metrics, over Counts wherever they come from.
/// `seconds` is the sample's length.
void evaluate(const MetricSet::State& set, const Counts& counts, double seconds, Sample& sample);

} // namespace pmc
