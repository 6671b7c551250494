#include "metric/set_builder.hpp"

#include "counter/reasons.hpp"
#include "machine/core_type.hpp"
#include "machine/reason.hpp"
#include "metric/recording.hpp"
#include "metric/same_event.hpp"
#include "metric/turns.hpp"
#include "table/notation.hpp"

#include <algorithm>
#include <span>

namespace pmc {

namespace {

constexpr std::size_t definition_limit = 256;
constexpr std::size_t pending = Plan::none; ///< the bundle of a {…} that is being read

std::string suffix_of(const NameItem& item) {
    if (!item.mode)
        return {};
    return *item.mode == Mode::user ? ":u" : *item.mode == Mode::kernel ? ":k" : ":uk";
}

} // namespace

SetBuilder::SetBuilder(const Machine& machine, const Tables& tables, const Recording* recording, Mode most)
    : binder_(machine, tables, recording, most), recording_(recording), state_(std::make_unique<MetricSet::State>()) {
    state_->machine = machine;
    state_->tables = tables;
    state_->mode = binder_.mode();
}

std::optional<Error> SetBuilder::add(const ListItem& item) {
    return std::visit([this](const auto& kind) { return add_item(kind); }, item);
}

std::span<Binder> SetBuilder::binders() {
    if (!core_binders_) {
        core_binders_.emplace();
        // A recording is asked for one core type at a time.
        if (recording_ == nullptr) {
            for (const CoreType* core : cores_apart(binder_.machine()))
                core_binders_->push_back(binder_.on(*core));
        }
    }
    return core_binders_->empty() ? std::span(&binder_, 1) : std::span(*core_binders_);
}

std::vector<std::pair<Binder*, std::string>> SetBuilder::binders_of(const Reach& reach) {
    if (!reach.everywhere && reach.core.empty())
        return {{&binder_, ""}};
    std::vector<std::pair<Binder*, std::string>> reached;
    for (Binder& binder : binders()) {
        const std::string name = core_binders_->empty() ? std::string() : binder.core().pmu;
        if (reach.everywhere || reach.core == name)
            reached.emplace_back(&binder, name);
    }
    return reached;
}

SetBuilder::Reach SetBuilder::reach_of(const std::vector<Candidate>& candidates, const Reason& unavailable) {
    if (concerns_all_counters(unavailable.cause))
        return {};
    Reach reach;
    std::set<std::string_view> named; // core types whose PMU stands in the list
    for (const Candidate& candidate : candidates) {
        const Event& event = candidate.event;
        if (event.core.empty() || concerns_all_counters(event.unavailable.cause))
            continue;
        // libpfm4's names are those of a model.
        const bool names_pmu =
            candidate.role == nullptr && (event.source == EventSource::sysfs || event.source == EventSource::libpfm4);
        if (names_pmu)
            named.insert(event.core);
        else
            reach.everywhere = true;
    }
    // One core type's PMU in a group or a formula is the one that all else there is counted on.
    if (named.size() == 1)
        return {false, std::string(*named.begin())};
    // What one core type lacks may be there on another.
    reach.everywhere = reach.everywhere || unavailable;
    return reach;
}

template <class Bind>
Expected<std::vector<SetBuilder::Bound>> SetBuilder::bind_by_core(Bind bind) {
    Expected<Bound> on_main = bind(binder_);
    if (!on_main)
        return std::move(on_main.error());
    const Reach reach = reach_of(on_main->candidates, on_main->metric.unavailable);
    std::vector<Bound> all;
    for (const auto& [binder, core] : binders_of(reach)) {
        const bool is_main = binder == &binder_ || binder == core_binders_->data();
        if (is_main) {
            all.push_back(*on_main);
        } else {
            Expected<Bound> bound = bind(*binder);
            if (!bound)
                return std::move(bound.error());
            all.push_back(std::move(*bound));
        }
        all.back().metric.core = core;
    }
    const Reason& reason = all.front().metric.unavailable;
    const bool same_everywhere = reason && reach.everywhere && std::ranges::all_of(all, [&](const Bound& bound) {
                                     return bound.metric.unavailable.evidence == reason.evidence;
                                 });
    if (same_everywhere) {
        all.resize(1);
        all.front().metric.core.clear();
    }
    return all;
}

std::optional<Error> SetBuilder::add_item(const NameItem& item) {
    if (is_defined(item))
        return std::nullopt;
    Expected<std::vector<Bound>> all = bind_by_core([&](Binder& binder) { return bind_name(item, binder); });
    if (!all)
        return std::move(all.error());
    for (Bound& bound : *all)
        add_bound(std::move(bound), nullptr);
    return std::nullopt;
}

std::optional<Error> SetBuilder::add_item(const GroupItem& group) {
    std::vector<Candidate> candidates;
    Reason unavailable;
    for (const NameItem& name : group.names) {
        if (is_defined(name))
            continue;
        const Expected<Bound> bound = bind_name(name, binder_);
        if (!bound)
            return bound.error();
        candidates.insert(candidates.end(), bound->candidates.begin(), bound->candidates.end());
        if (!unavailable || concerns_all_counters(bound->metric.unavailable.cause))
            unavailable = bound->metric.unavailable;
    }
    for (const auto& [binder, core] : binders_of(reach_of(candidates, unavailable))) {
        if (std::optional<Error> error = add_group(group, *binder, core))
            return error;
    }
    return std::nullopt;
}

std::optional<Error> SetBuilder::add_group(const GroupItem& group, Binder& binder, const std::string& core) {
    Members members;
    const std::size_t first_metric = state_->metrics.size();
    for (const NameItem& name : group.names) {
        if (is_defined(name))
            continue;
        Expected<Bound> bound = bind_name(name, binder);
        if (!bound)
            return std::move(bound.error());
        bound->metric.core = core;
        // The kernel counts the others of a core type's group, software events too, on its cores only.
        for (Candidate& candidate : bound->candidates)
            candidate.event.core = core.empty() ? candidate.event.core : core;
        add_bound(std::move(*bound), &members);
    }
    add_group_bundle(members, first_metric);
    return std::nullopt;
}

bool SetBuilder::is_defined(const NameItem& item) const {
    return !item.mode && std::ranges::find(definitions_, item.text, &Definition::id) != definitions_.end();
}

Expected<SetBuilder::Bound> SetBuilder::bind_name(const NameItem& item, Binder& binder) {
    if (const MetricDef* metric = binder.tables().find_metric(item.text))
        return bind_metric(*metric, {}, item, binder);
    if (const FoundValue found = binder.tables().find_metric_value(item.text); found.metric != nullptr)
        return bind_metric(*found.metric, found.id, item, binder);
    return bind_event(item, binder);
}

SetBuilder::Bound SetBuilder::bind_metric(const MetricDef& def, std::string_view only, const NameItem& item,
                                          Binder& binder) const {
    const std::string suffix = suffix_of(item);
    BoundVariant variant = choose_variant(def, only, item.mode, suffix, binder);
    Bound bound;
    bound.metric.id = std::string(def.id) + suffix;
    bound.metric.values = std::move(variant.values);
    for (PlannedValue& value : bound.metric.values) {
        value.id += suffix;
        value.label += suffix;
    }
    bound.metric.lets = std::move(variant.lets);
    bound.metric.constants = std::move(variant.constants);
    bound.metric.unavailable = std::move(variant.unavailable);
    bound.candidates = std::move(variant.candidates);
    bound.together = variant.together;
    for (const std::string_view role : only.empty() ? def.also : std::vector<std::string_view>{}) {
        if (Candidate candidate = binder.role(role, item.mode, suffix); !candidate.unavailable())
            bound.also.push_back(std::move(candidate));
    }
    return bound;
}

Expected<SetBuilder::Bound> SetBuilder::bind_event(const NameItem& item, Binder& binder) {
    Bound bound;
    Expected<Candidate> candidate = binder.event(item);
    if (candidate) {
        bound.candidates.push_back(std::move(*candidate));
        return bound;
    }
    const bool known_elsewhere =
        candidate.error().kind() == ErrorKind::unknown_name && binders().size() > 1 &&
        std::ranges::any_of(binders(), [&](Binder& other) { return other.event(item).has_value(); });
    if (!known_elsewhere)
        return std::move(candidate.error());
    // A role that another core type's table has.
    Candidate missing{item.written, {}, nullptr};
    missing.event.name = item.written;
    missing.event.pmu = missing.event.core = binder.core().pmu;
    missing.event.unavailable = binder.not_in_table();
    bound.candidates.push_back(std::move(missing));
    return bound;
}

void SetBuilder::add_bound(Bound bound, Members* group) {
    PlannedMetric& metric = bound.metric;
    if (metric.values.empty()) {
        for (Candidate& candidate : bound.candidates) {
            if (metric.core.empty() && concerns_all_counters(candidate.event.unavailable.cause))
                candidate.event.core.clear();
            const std::size_t event = add_event(candidate, true);
            if (group != nullptr)
                group->push_back(event);
            else if (!state_->events[event].unavailable)
                add_bundle({event});
        }
        return;
    }
    if (!claim_values(metric))
        return;
    if (!metric.unavailable)
        metric.bindings = add_bindings(bound.candidates, bound.together, group);
    for (const Candidate& candidate : bound.also) {
        for (Binding& binding : add_bindings({candidate}, true, nullptr))
            metric.also.push_back(std::move(binding));
    }
    state_->metrics.push_back(std::move(metric));
}

bool SetBuilder::claim_values(PlannedMetric& metric) {
    // One value may be had where its whole metric may not: llc.mpki without the references.
    for (PlannedMetric& known : state_->metrics) {
        const bool every_core = known.core.empty() && !metric.core.empty();
        if (!known.unavailable || (known.core != metric.core && !every_core) || (metric.unavailable && !every_core))
            continue;
        std::erase_if(known.values, [&](const PlannedValue& old) {
            const bool better = std::ranges::find(metric.values, old.id, &PlannedValue::id) != metric.values.end();
            if (better)
                values_.erase({old.id, known.core});
            return better;
        });
    }
    const auto is_known = [&](const PlannedValue& value) {
        const auto first = values_.lower_bound({value.id, ""});
        const bool known_of_a_core = first != values_.end() && first->first == value.id;
        return (known_of_a_core && metric.unavailable && metric.core.empty()) ||
               !values_.emplace(value.id, metric.core).second;
    };
    std::erase_if(metric.values, is_known);
    return !metric.values.empty();
}

std::optional<Error> SetBuilder::add_item(const DefinitionItem& item) {
    const auto misuse = [&](std::string what, std::string hint) {
        return Error(ErrorKind::misuse, Stage::parse, quoted(item.name) + " " + std::move(what), std::move(hint))
            .with_subject(item.name);
    };
    if (notation::is_builtin_value(item.name))
        return misuse("has a meaning of its own in formulas", "give the formula another name");
    if (binder_.tables().find_metric(item.name) != nullptr)
        return misuse("is a metric already", "give the formula another name");
    if (std::ranges::find(definitions_, item.name, &Definition::id) != definitions_.end())
        return misuse("is defined twice", "give one of the formulas another name");
    if (definitions_.size() == definition_limit)
        return misuse("is one formula too many: there can be " + std::to_string(definition_limit), {});

    const Expected<Formula> formula = Formula::parse(item.formula);
    if (!formula)
        return formula.error();
    Expected<std::vector<Bound>> all =
        bind_by_core([&](Binder& binder) { return bind_definition(item, *formula, binder); });
    if (!all)
        return std::move(all.error());
    definitions_.push_back({item.name, *all});
    for (Bound& bound : *all)
        add_bound(std::move(bound), nullptr);
    return std::nullopt;
}

std::size_t SetBuilder::add_event(const Candidate& candidate, bool asked) {
    const Event& event = candidate.event;
    const std::string_view fixed = fixed_name(candidate);
    for (std::size_t i = 0; i < state_->events.size(); ++i) {
        if (!is_same_event(state_->events[i], fixed_names_[i], event, fixed))
            continue;
        if (asked && !state_->asked[i])
            state_->events[i].name = event.name; // the user's name goes before a role's
        state_->asked[i] = state_->asked[i] || asked;
        return i;
    }
    state_->events.push_back(event);
    state_->asked.push_back(asked);
    state_->lost.emplace_back();
    fixed_names_.push_back(fixed);
    return state_->events.size() - 1;
}

std::size_t SetBuilder::add_bundle(Members events) {
    std::vector<Bundle>& bundles = state_->bundles;
    const auto same = std::ranges::find_if(
        bundles, [&](const Bundle& bundle) { return !bundle.explicit_group && bundle.events == events; });
    const auto index = static_cast<std::size_t>(same - bundles.begin());
    if (same == bundles.end())
        bundles.push_back({std::move(events), false});
    return index;
}

std::vector<Binding> SetBuilder::add_bindings(const std::vector<Candidate>& candidates, bool together, Members* group) {
    std::vector<Binding> bindings;
    bindings.reserve(candidates.size());
    for (const Candidate& candidate : candidates)
        bindings.push_back({candidate.name, add_event(candidate, false), pending, candidate.role});
    if (group != nullptr) {
        for (const Binding& binding : bindings)
            group->push_back(binding.event);
        return bindings;
    }
    // Events of one PMU are one bundle: what is of another can't be in a group with them.
    for (Binding& binding : bindings) {
        Members members;
        for (const Binding& other : bindings) {
            const bool same_pmu = state_->events[other.event].pmu == state_->events[binding.event].pmu;
            if ((together && same_pmu) || &other == &binding)
                members.push_back(other.event);
        }
        binding.bundle = add_bundle(std::move(members));
    }
    return bindings;
}

void SetBuilder::add_group_bundle(const Members& members, std::size_t first_metric) {
    const std::span<PlannedMetric> metrics = std::span(state_->metrics).subspan(first_metric);
    if (const Reason reason = why_lost(members, metrics)) {
        for (const std::size_t member : members) {
            if (!state_->events[member].unavailable)
                state_->lost[member] = reason;
        }
        for (PlannedMetric& metric : metrics) {
            if (!metric.unavailable)
                metric.unavailable = reason;
            metric.bindings.clear();
        }
        return;
    }
    Bundle bundle{{}, true};
    for (const std::size_t member : members) {
        if (std::ranges::find(bundle.events, member) == bundle.events.end())
            bundle.events.push_back(member);
    }
    if (bundle.events.empty())
        return;
    state_->bundles.push_back(std::move(bundle));
    for (PlannedMetric& metric : metrics) {
        for (Binding& binding : metric.bindings)
            binding.bundle = state_->bundles.size() - 1;
    }
}

Reason SetBuilder::why_lost(const Members& members, std::span<const PlannedMetric> metrics) const {
    for (const std::size_t member : members) {
        const Event& event = state_->events[member];
        if (event.unavailable)
            return lost_with(event.name, event.unavailable);
    }
    for (const PlannedMetric& metric : metrics) {
        if (metric.unavailable)
            return lost_with(metric.id, metric.unavailable);
    }
    return {};
}

std::unique_ptr<MetricSet::State> SetBuilder::finish() {
    state_->table = table_ids();
    if (recording_ != nullptr) {
        state_->plan = recording_->plan(state_->bundles);
        return std::move(state_);
    }
    const Fits fits = [this](std::span<const std::size_t> group) {
        std::vector<Event> members;
        members.reserve(group.size());
        for (const std::size_t event : group)
            members.push_back(state_->events[event]);
        return binder_.fits(members);
    };
    state_->plan = make_plan(state_->events, state_->bundles, fits);
    for (const PlannedGroup& group : state_->plan.groups) {
        for (const std::size_t event : group.events)
            state_->lost[event] = {}; // another bundle has it
    }
    if (core_binders_ && !core_binders_->empty())
        state_->turns = turns_of(state_->plan.groups, state_->events, fits);
    return std::move(state_);
}

std::string SetBuilder::table_ids() const {
    std::vector<std::string_view> ids;
    const auto add = [&](const Binder& binder) {
        if (!binder.table_id().empty() && std::ranges::find(ids, binder.table_id()) == ids.end())
            ids.push_back(binder.table_id());
    };
    add(binder_);
    for (const Binder& binder : core_binders_.value_or(std::vector<Binder>{}))
        add(binder);
    std::string joined;
    for (const std::string_view id : ids)
        joined.append(joined.empty() ? "" : "+").append(id);
    return joined.empty() ? "generic" : joined;
}

} // namespace pmc
