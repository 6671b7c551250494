#include "machine/reason.hpp"
#include "metric/set_builder.hpp"
#include "table/notation.hpp"

#include <algorithm>

/// SetBuilder's part that binds the names in a formula of the user.
namespace pmc {

Expected<SetBuilder::Bound> SetBuilder::bind_definition(const DefinitionItem& item, const Formula& formula,
                                                        Binder& binder) const {
    Bound bound;
    PlannedMetric& metric = bound.metric;
    metric.id = item.name;
    metric.defined = true;
    metric.values.push_back({item.name, item.name, {}, formula});
    // Those that it uses first: a let sees only what stands before it.
    for (const Definition& known : definitions_) {
        const bool used = std::ranges::any_of(
            formula.names(), [&](const Formula::Name& name) { return !name.quoted && name.text == known.id; });
        if (!used)
            continue;
        const auto add_let = [&](const std::string& name, const Formula& let) {
            if (std::ranges::find(metric.lets, name, &Let::name) == metric.lets.end())
                metric.lets.push_back({name, let});
        };
        // One that is of one core type alone makes this one a formula of that type.
        const auto of_core = std::ranges::find_if(known.bound, [&](const Bound& one) {
            return known.bound.size() > 1 && one.metric.core == binder.core().pmu;
        });
        const Bound& used_bound = of_core == known.bound.end() ? known.bound.front() : *of_core;
        for (const Let& let : used_bound.metric.lets)
            add_let(let.name, let.formula);
        add_let(known.id, used_bound.metric.values.front().formula);
        for (const Candidate& candidate : used_bound.candidates) {
            if (std::ranges::find(bound.candidates, candidate.name, &Candidate::name) == bound.candidates.end())
                bound.candidates.push_back(candidate);
        }
        metric.constants.insert(metric.constants.end(), used_bound.metric.constants.begin(),
                                used_bound.metric.constants.end());
        if (used_bound.metric.unavailable && !metric.unavailable)
            metric.unavailable = used_bound.metric.unavailable;
    }
    for (const Formula::Name& name : formula.names()) {
        if (std::optional<Error> error = bind_definition_name(name, bound, binder))
            return std::move(*error);
    }
    if (!metric.unavailable)
        metric.unavailable = binder.why_apart(events_of(bound.candidates));
    return bound;
}

std::optional<Error> SetBuilder::bind_definition_name(const Formula::Name& name, Bound& bound, Binder& binder) const {
    PlannedMetric& metric = bound.metric;
    const bool is_let = !name.quoted && std::ranges::find(metric.lets, name.text, &Let::name) != metric.lets.end();
    const bool is_bound = std::ranges::find(bound.candidates, name.text, &Candidate::name) != bound.candidates.end();
    if (is_let || is_bound)
        return std::nullopt;
    if (!name.quoted && notation::is_builtin_value(name.text) && name.text != "width") {
        if (const Reason reason = binder.why_no_time(); reason && !metric.unavailable)
            metric.unavailable = reason;
        return std::nullopt;
    }
    if (!name.quoted && name.text == "width") {
        if (const std::optional<double> width = binder.number(name.text))
            metric.constants.emplace_back(name.text, *width);
        else
            metric.unavailable =
                needs(name.text, make_reason(Cause::not_on_this_cpu, "the table of this CPU does not have it"));
        return std::nullopt;
    }

    Candidate candidate;
    if (!name.quoted && binder.tables().find_role_info(name.text) != nullptr) {
        candidate = binder.role(name.text, {}, {});
        // A role that no table has for this CPU may still be the kernel's name of an event: ref_cycles.
        if (candidate.role == nullptr && candidate.unavailable().cause == Cause::not_on_this_cpu) {
            if (Expected<Candidate> event = binder.event({name.text, {}, name.text, 0}))
                candidate = std::move(*event);
        }
    } else {
        NameItem item{name.text, {}, name.text, 0};
        if (name.quoted) {
            Expected<std::vector<ListItem>> list = parse_event_list(name.text);
            if (!list)
                return std::move(list.error());
            if (list->size() != 1 || !std::holds_alternative<NameItem>(list->front()))
                return Error(ErrorKind::syntax, Stage::parse, "formula: " + quoted(name.text) + " is not one event");
            item = std::get<NameItem>(list->front());
        }
        if (binder.tables().find_metric(item.text) != nullptr ||
            binder.tables().find_metric_value(item.text).metric != nullptr)
            return Error(ErrorKind::misuse, Stage::parse, "formula: " + quoted(name.text) + " is a metric",
                         "formulas are made of events, and of formulas that stand before them")
                .with_subject(name.text);
        Expected<Candidate> event = binder.event(item);
        if (!event)
            return std::move(event.error());
        candidate = std::move(*event);
        candidate.name = name.text;
    }
    if (candidate.unavailable()) {
        if (!metric.unavailable)
            metric.unavailable = needs(name.text, candidate.unavailable());
        return std::nullopt;
    }
    bound.candidates.push_back(std::move(candidate));
    return std::nullopt;
}

} // namespace pmc
