#pragma once

#include "counter/counter_set.hpp"
#include "counter/planner.hpp"
#include "table/formula.hpp"
#include "table/tables_state.hpp"

#include <pmc/metric_set.hpp>
#include <pmc/result.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace pmc {

/// A name in a formula, and the event that it stands for.
struct Binding {
    std::string name;
    std::size_t event = 0;           ///< index into the set's events
    std::size_t bundle = 0;          ///< index into the set's bundles: the count is taken from that bundle's group
    const RoleEvent* role = nullptr; ///< null for events that were named directly
};

/// One value to be evaluated.
struct PlannedValue {
    std::string id, label, unit;
    Formula formula;
    std::string better{}; ///< higher, lower, or empty
};

/// A name for a part of a formula: a table's `let`, or an earlier definition of the user.
struct Let {
    std::string name;
    Formula formula; ///< sees the lets before it, and no others
};

/// One asked-for metric (or user formula), bound to events. A name in its formulas is, in this order, one of its lets,
/// a binding, a constant, `seconds` or `group_seconds`.
struct PlannedMetric {
    std::string id;
    std::string core; ///< the PMU of its core type, where there are several and it needs one; else empty
    std::vector<PlannedValue> values;
    std::vector<Let> lets;
    std::vector<Binding> bindings;
    std::vector<Binding> also;
    std::vector<std::pair<std::string, double>> constants;
    Reason unavailable;   ///< set: it has no bindings
    bool defined = false; ///< by a formula of the user
    bool asked = true;    ///< named by the user
};

struct MetricSet::State {
    std::vector<Event> events; ///< an event that can't be counted has its `unavailable` set, and is in no bundle
    std::vector<bool> asked;   ///< by event: the user named it
    std::vector<Reason> lost; ///< by event: why no group counts it though it could be counted ({…} with one that can't)
    std::vector<Bundle> bundles;
    std::vector<PlannedMetric> metrics; ///< in the order asked for
    Plan plan;
    /// By group, on machines with several core types: groups of one PMU with the same number can be on it at once.
    std::vector<std::size_t> turns;
    Mode mode = Mode::user_kernel;
    Machine machine = Machine::host();
    Tables tables = Tables::builtin(); ///< keeps what the roles of the bindings point to
    std::string table = "generic";
};

/// What counts are of.
enum class CountedOn {
    task, ///< threads (of a cgroup), while they run
    cpu   ///< a CPU, whoever runs there: the events' times go on while it idles
};

/// The EventCounts and MetricValues of one sample: the arithmetic of metrics, over Counts wherever they come from.
/// `seconds` is the sample's length.
void evaluate(const MetricSet::State& set, const Counts& read, double seconds, Sample& sample,
              CountedOn on = CountedOn::task);

} // namespace pmc
