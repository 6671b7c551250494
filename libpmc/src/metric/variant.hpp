#pragma once

#include "metric/binder.hpp"
#include "metric/metric_set_state.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace pmc {

/// A metric's variant, bound to events of this machine.
struct BoundVariant {
    const MetricVariant* variant = nullptr;
    std::vector<PlannedValue> values;
    std::vector<Let> lets;
    std::vector<Candidate> candidates;
    std::vector<std::pair<std::string, double>> constants;
    bool together = true; ///< the events are to be one group; false where only a weak one was asked for and it can't be
    Reason unavailable;   ///< set: it can't be counted here; values are then what it would have had
};

/// The first variant of a metric whose events can all be counted; else the first variant, with the reason of the last.
/// `only`: the id of the one value that is wanted, or empty for all.
BoundVariant choose_variant(const MetricDef& metric, std::string_view only, std::optional<Mode> mode,
                            std::string_view suffix, Binder& binder);

/// Every role that a variant may use: those of optional values last.
std::vector<std::string> roles_of(const MetricVariant& variant, const Tables::State& tables);

/// The events of the candidates.
std::vector<Event> events_of(const std::vector<Candidate>& candidates);

/// "needs llc_misses: …", unless the reason is about the whole machine.
Reason needs(std::string_view name, Reason reason);

} // namespace pmc
