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
/// plan. On a machine with several core types whatever needs a core's event is bound on each of them.
class SetBuilder {
public:
    /// With a recording, the set is of its events, and its plan of its groups.
    SetBuilder(const Machine& machine, const Tables& tables, const Recording* recording = nullptr,
               Mode most = Mode::user_kernel);

    /// Errors: syntax, unknown_name, misuse.
    std::optional<Error> add(const ListItem& item);
    std::unique_ptr<MetricSet::State> finish();

private:
    using Members = std::vector<std::size_t>; ///< indices of events

    /// A metric, a formula, or an event alone (`metric` has no values then), bound on one core type.
    struct Bound {
        PlannedMetric metric;
        std::vector<Candidate> candidates;
        std::vector<Candidate> also;
        bool together = true;
    };
    /// A formula of the user.
    struct Definition {
        std::string id;
        std::vector<Bound> bound; ///< by core type
    };
    /// The core types that something is to be counted on, once each.
    struct Reach {
        bool everywhere = false; ///< on each
        std::string core;        ///< on this one alone; empty, and not everywhere: it has nothing to do with core types
    };

    std::optional<Error> add_item(const NameItem& item);
    std::optional<Error> add_item(const GroupItem& group);
    std::optional<Error> add_item(const DefinitionItem& item);

    /// Whether it stands for a formula that was defined before.
    [[nodiscard]] bool is_defined(const NameItem& item) const;
    Expected<Bound> bind_name(const NameItem& item, Binder& binder);
    Bound bind_metric(const MetricDef& def, std::string_view only, const NameItem& item, Binder& binder) const;
    Expected<Bound> bind_event(const NameItem& item, Binder& binder);
    Expected<Bound> bind_definition(const DefinitionItem& item, const Formula& formula, Binder& binder) const;
    std::optional<Error> bind_definition_name(const Formula::Name& name, Bound& bound, Binder& binder) const;

    /// `bind` (of a Binder&, to Expected<Bound>) on each core type within its reach.
    template <class Bind>
    Expected<std::vector<Bound>> bind_by_core(Bind bind);
    static Reach reach_of(const std::vector<Candidate>& candidates, const Reason& unavailable);
    /// Those of the machine's core types, if it has several; else the one there is.
    std::span<Binder> binders();
    /// The binders of a reach, by the name of their core type.
    std::vector<std::pair<Binder*, std::string>> binders_of(const Reach& reach);

    std::optional<Error> add_group(const GroupItem& group, Binder& binder, const std::string& core);
    /// In a {…}, `group` takes the events, and bindings wait for its bundle; else it is null.
    void add_bound(Bound bound, Members* group);
    /// Takes the values that the set does not have yet for this core type; false if none is left.
    bool claim_values(PlannedMetric& metric);

    std::size_t add_event(const Candidate& candidate, bool asked);
    std::size_t add_bundle(Members events);
    /// Adds the candidates' events, and a bundle of those that take a counter and one of the others (or one each).
    std::vector<Binding> add_bindings(const std::vector<Candidate>& candidates, bool together, Members* group);
    void add_group_bundle(const Members& members, std::size_t first_metric);
    /// Why a {…} can't be counted as a whole; empty where it can.
    [[nodiscard]] Reason why_lost(const Members& members, std::span<const PlannedMetric> metrics) const;

    [[nodiscard]] std::string table_ids() const;

    Binder binder_;                                   ///< on the main core type
    std::optional<std::vector<Binder>> core_binders_; ///< empty where the core types need not be told apart
    const Recording* recording_;
    std::unique_ptr<MetricSet::State> state_;
    std::vector<std::string_view> fixed_names_;            ///< by event: "cycles", "instructions", or nothing
    std::set<std::pair<std::string, std::string>> values_; ///< id and core
    std::vector<Definition> definitions_;
};

} // namespace pmc
