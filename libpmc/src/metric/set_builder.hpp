#pragma once

#include "event/event_list.hpp"
#include "metric/metric_set_state.hpp"

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pmc {

/// Turns the items of an event list into a MetricSet's state: resolves names, chooses variants, makes bundles, plans.
/// Of the machine and the kernel it asks no more than the items need: a list of software events reads no file of sysfs.
class SetBuilder {
public:
    explicit SetBuilder(const Machine& machine);

    /// Errors: syntax, unknown_name, misuse.
    std::optional<Error> add(const ListItem& item);
    std::unique_ptr<MetricSet::State> finish();

private:
    /// An event that could be bound to a name, or the reason why not.
    struct Candidate {
        std::string name;
        Event event;
        const RoleEvent* role = nullptr;
        Reason unavailable;
    };
    /// A variant that can be counted here.
    struct Choice {
        const MetricVariant* variant = nullptr;
        std::vector<const MetricValueDef*> values;
        std::vector<Let> lets;
        std::vector<Candidate> candidates;
        std::vector<std::pair<std::string, double>> constants;
        bool together = true; ///< one group; otherwise weak, and too large for one
    };
    /// What the names of some formulas are: roles, and numbers of the CPU's table.
    struct Needs {
        std::vector<std::string_view> roles;
        std::vector<std::string_view> numbers;
    };
    struct Definition {
        std::string name;
        Formula formula;
        std::vector<std::size_t> uses;        ///< earlier definitions, all that it needs, in order
        std::vector<Candidate> candidates;    ///< all that it and those need
        std::vector<std::pair<std::string, double>> constants;
    };

    std::optional<Error> add_name(const NameItem& item);
    std::optional<Error> add_group(const GroupItem& group);
    std::optional<Error> add_definition(const DefinitionItem& item);

    /// A metric's or a value's name; false if there is no such metric. In a {…}, `members` takes its events.
    bool add_metric(const NameItem& item, std::vector<std::size_t>* members);
    Expected<std::size_t> add_plain(const NameItem& item);
    void add_unavailable_metric(PlannedMetric metric, const MetricDef& def, std::string_view value,
                                const std::string& suffix, Reason reason);

    Expected<Choice> choose(const MetricDef& def, std::string_view value, std::optional<Mode> mode);
    Expected<Choice> try_variant(const MetricVariant& variant, std::string_view value, std::optional<Mode> mode);
    static Needs needs_of(const Formula& formula, std::span<const Let> lets);
    Reason bind(const Needs& needs, std::optional<Mode> mode, Choice& choice);

    Candidate bind_role(std::string_view role, std::optional<Mode> mode);
    Expected<Candidate> bind_name(const Formula::Name& name, std::string_view formula);
    std::optional<double> table_number(std::string_view name);
    /// Sets name, mode and, after trying, `unavailable`.
    void settle(Event& event, std::string_view name, std::optional<Mode> mode);
    Reason why_not(const Event& event);
    /// Why no event of a core PMU can be counted; empty where they can be tried.
    const Reason& no_core_events();
    const CpuTable& table();

    [[nodiscard]] bool fits(const std::vector<Event>& events) const;
    std::size_t add_event(Event event, bool asked);
    std::size_t add_bundle(std::vector<std::size_t> events);
    /// Adds the candidates' events as bundles, one per PMU (or one each), and gives the bindings.
    std::vector<Binding> add_bindings(const std::vector<Candidate>& candidates, bool together,
                                      std::vector<std::size_t>* members);
    void bind_group(std::vector<std::size_t> members, std::size_t first_metric);

    std::unique_ptr<MetricSet::State> state_;
    std::vector<std::string> events_roles_; ///< by event: "cycles" or "instructions" for what is surely that
    std::set<std::string> value_ids_;       ///< each stands once in a sample
    std::vector<Definition> definitions_;
    std::optional<Reason> no_core_events_;
    const CpuTable* table_ = nullptr;
};

} // namespace pmc
