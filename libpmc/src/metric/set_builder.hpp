#pragma once

#include "event/event_list.hpp"
#include "metric/binder.hpp"
#include "metric/metric_set_state.hpp"
#include "metric/variant.hpp"

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pmc {

/// Turns the items of an event list into a MetricSet's state: events, each once; bundles; metrics bound to them; a
/// plan.
class SetBuilder {
public:
    /// With a recording, the set is of its events, and its plan of its groups.
    SetBuilder(const Machine& machine, const Tables& tables, const Recording* recording = nullptr);

    /// Errors: syntax, unknown_name, misuse.
    std::optional<Error> add(const ListItem& item);
    std::unique_ptr<MetricSet::State> finish();

private:
    using Members = std::vector<std::size_t>; ///< indices of events

    std::optional<Error> add_item(const NameItem& item);
    std::optional<Error> add_item(const GroupItem& group);
    std::optional<Error> add_item(const DefinitionItem& item);

    /// In a {…}, `group` takes the events, and bindings wait for its bundle; else it is null.
    std::optional<Error> add_name(const NameItem& item, Members* group);
    void add_metric(const MetricDef& def, std::string_view only, const NameItem& item, Members* group);
    /// Takes the values whose ids the set does not have yet; false if none is left.
    bool claim_values(PlannedMetric& metric);

    std::optional<Error> bind_definition(const Formula& formula, PlannedMetric& metric,
                                         std::vector<Candidate>& candidates);
    std::optional<Error> bind_definition_name(const Formula::Name& name, PlannedMetric& metric,
                                              std::vector<Candidate>& candidates);

    std::size_t add_event(const Candidate& candidate, bool asked);
    std::size_t add_bundle(Members events);
    /// Adds the candidates' events, and a bundle of those that take a counter and one of the others (or one each).
    std::vector<Binding> add_bindings(const std::vector<Candidate>& candidates, bool together, Members* group);
    void add_group_bundle(const Members& members, std::size_t first_metric);
    /// Why a {…} can't be counted as a whole; empty where it can.
    [[nodiscard]] Reason why_lost(const Members& members, std::span<const PlannedMetric> metrics) const;

    /// A formula of the user, with the earlier ones that it uses.
    struct Definition {
        PlannedMetric metric;
        std::vector<Candidate> candidates;
    };

    Binder binder_;
    const Recording* recording_;
    std::unique_ptr<MetricSet::State> state_;
    std::vector<std::string_view> fixed_names_; ///< by event: "cycles", "instructions", or nothing
    std::set<std::string> value_ids_;
    std::vector<Definition> definitions_;
};

} // namespace pmc
