#include "metric/variant.hpp"

#include "counter/reasons.hpp"
#include "machine/reason.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <string>

namespace pmc {

namespace {

/// The generator has parsed every formula of the tables.
Formula parsed(std::string_view text) {
    Expected<Formula> formula = Formula::parse(text);
    return formula ? std::move(*formula) : Formula{};
}

/// The roles and numbers that a formula uses, itself or by the lets before `visible`.
void collect(const Formula& formula, std::span<const Let> visible, const Tables::State& tables,
             std::vector<std::string>& roles, std::vector<std::string>& numbers) {
    for (const Formula::Name& name : formula.names()) {
        const auto let = std::ranges::find(visible, name.text, &Let::name);
        if (let != visible.end()) {
            collect(let->formula, visible.first(static_cast<std::size_t>(let - visible.begin())), tables, roles,
                    numbers);
            continue;
        }
        std::vector<std::string>& kind = tables.find_role_info(name.text) != nullptr ? roles : numbers;
        if (std::ranges::find(kind, name.text) == kind.end())
            kind.push_back(name.text);
    }
}

class VariantBinding {
public:
    VariantBinding(const MetricVariant& variant, std::optional<Mode> mode, std::string_view suffix, Binder& binder)
        : variant_(variant), mode_(mode), suffix_(suffix), binder_(binder) {
        bound_.variant = &variant;
        for (const LetDef& let : variant.lets)
            bound_.lets.push_back({std::string(let.name), parsed(let.formula)});
    }

    BoundVariant bind(std::string_view only) {
        std::vector<const MetricValueDef*> optional;
        std::vector<std::string> roles;
        std::vector<std::string> numbers;
        if (!variant_.leader.empty())
            roles.emplace_back(variant_.leader);
        if (only.empty())
            roles.insert(roles.end(), variant_.needs.begin(), variant_.needs.end());
        for (const MetricValueDef& value : variant_.values) {
            if (!only.empty() && value.id != only)
                continue;
            if (only.empty() && value.optional) {
                optional.push_back(&value);
                continue;
            }
            collect(add_value(value), bound_.lets, binder_.tables(), roles, numbers);
        }
        if (!variant_.smt.empty() && !binder_.can_be_smt(variant_.smt == "on"))
            bound_.unavailable = make_reason(Cause::not_on_this_cpu,
                                             "it is for cores whose second threads are " + std::string(variant_.smt));
        else if (bound_.values.empty())
            bound_.unavailable = make_reason(Cause::not_on_this_cpu, "this CPU's events can't tell it");
        else
            bound_.unavailable = add_needs(roles, numbers);
        if (!bound_.unavailable) {
            const Reason apart = binder_.why_apart(events_of(bound_.candidates));
            bound_.together = !apart;
            if (apart && variant_.strict)
                bound_.unavailable = apart;
        }
        for (const MetricValueDef* value : optional)
            add_optional(*value);
        return std::move(bound_);
    }

private:
    const Formula& add_value(const MetricValueDef& def) {
        bound_.values.push_back({std::string(def.id), std::string(def.label), std::string(def.unit),
                                 parsed(def.formula), std::string(def.better)});
        return bound_.values.back().formula;
    }

    bool has(std::string_view role) const {
        return std::ranges::find(bound_.candidates, role, &Candidate::name) != bound_.candidates.end();
    }

    Reason add_needs(const std::vector<std::string>& roles, const std::vector<std::string>& numbers) {
        for (const std::string& role : roles) {
            if (has(role))
                continue;
            Candidate candidate = binder_.role(role, mode_, suffix_);
            if (candidate.unavailable())
                return needs(role, candidate.unavailable());
            bound_.candidates.push_back(std::move(candidate));
        }
        for (const std::string& number : numbers) {
            if (std::ranges::find(bound_.constants, number, &std::pair<std::string, double>::first) !=
                bound_.constants.end())
                continue;
            if (number == "seconds" || number == "group_seconds") {
                if (Reason reason = binder_.why_no_time())
                    return reason;
                continue;
            }
            const std::optional<double> value = binder_.number(number);
            if (!value)
                return needs(number, make_reason(Cause::not_on_this_cpu, "the table of this CPU does not have it"));
            bound_.constants.emplace_back(number, *value);
        }
        return {};
    }

    /// Stays away alone where its events are missing, or would make the group too large. Of a metric that can't be
    /// counted at all it is shown with the others.
    void add_optional(const MetricValueDef& def) {
        const BoundVariant before = bound_;
        std::vector<std::string> roles;
        std::vector<std::string> numbers;
        collect(add_value(def), bound_.lets, binder_.tables(), roles, numbers);
        if (bound_.unavailable)
            return;
        if (add_needs(roles, numbers) || (bound_.together && !binder_.fits(events_of(bound_.candidates))))
            bound_ = before;
    }

    const MetricVariant& variant_;
    std::optional<Mode> mode_;
    std::string_view suffix_;
    Binder& binder_;
    BoundVariant bound_;
};

} // namespace

BoundVariant choose_variant(const MetricDef& metric, std::string_view only, std::optional<Mode> mode,
                            std::string_view suffix, Binder& binder) {
    std::optional<BoundVariant> first;
    for (const MetricVariant& variant : metric.variants) {
        BoundVariant bound = VariantBinding(variant, mode, suffix, binder).bind(only);
        if (!bound.unavailable)
            return bound;
        if (!first || first->values.empty()) {
            first = std::move(bound);
            continue;
        }
        // What only this CPU lacks says less than what could be changed.
        if (first->unavailable.cause == Cause::not_on_this_cpu)
            first->unavailable = std::move(bound.unavailable);
    }
    return first ? std::move(*first) : BoundVariant{};
}

std::vector<std::string> roles_of(const MetricVariant& variant, const Tables::State& tables) {
    std::vector<Let> lets;
    for (const LetDef& let : variant.lets)
        lets.push_back({std::string(let.name), parsed(let.formula)});
    std::vector<std::string> roles(variant.needs.begin(), variant.needs.end());
    std::vector<std::string> numbers;
    for (const MetricValueDef& value : variant.values)
        collect(parsed(value.formula), lets, tables, roles, numbers);
    return roles;
}

std::vector<Event> events_of(const std::vector<Candidate>& candidates) {
    std::vector<Event> events;
    events.reserve(candidates.size());
    for (const Candidate& candidate : candidates)
        events.push_back(candidate.event);
    return events;
}

Reason needs(std::string_view name, Reason reason) {
    if (!concerns_all_counters(reason.cause))
        reason.evidence = "needs " + std::string(name) + ": " + reason.evidence;
    return reason;
}

} // namespace pmc
