#include "metric/set_builder.hpp"

#include "counter/reasons.hpp"
#include "machine/reason.hpp"
#include "metric/recording.hpp"

#include <algorithm>
#include <linux/perf_event.h>
#include <span>

namespace pmc {

namespace {

constexpr std::size_t definition_limit = 256;
constexpr std::size_t pending = Plan::none; ///< the bundle of a {…} that is being read

/// A table's cycles and the kernel's are one event, though their encodings differ: the kernel defines what these two
/// are. Counting both would waste a counter.
std::string_view fixed_name(const Candidate& candidate) noexcept {
    const Event& event = candidate.event;
    if (candidate.role != nullptr && candidate.role->quality == "exact") {
        for (const std::string_view name : {"cycles", "instructions"}) {
            if (candidate.role->role == name)
                return name;
        }
    }
    if (event.type != PERF_TYPE_HARDWARE)
        return {};
    switch (event.config & 0xffff'ffff) { // the upper half is the PMU's type on hybrid CPUs
    case PERF_COUNT_HW_CPU_CYCLES:
        return "cycles";
    case PERF_COUNT_HW_INSTRUCTIONS:
        return "instructions";
    default:
        return {};
    }
}

bool same_mode(const Event& a, const Event& b) noexcept {
    return a.has_mode == b.has_mode && (!a.has_mode || a.mode == b.mode);
}

bool same_encoding(const Event& a, const Event& b) {
    if (a.unavailable || b.unavailable) // what could not be resolved has no code
        return a.unavailable.cause == b.unavailable.cause && a.name == b.name;
    return a.type == b.type && a.config == b.config && a.config1 == b.config1 && a.config2 == b.config2;
}

std::string suffix_of(const NameItem& item) {
    if (!item.mode)
        return {};
    return *item.mode == Mode::user ? ":u" : *item.mode == Mode::kernel ? ":k" : ":uk";
}

bool is_builtin(std::string_view name) noexcept {
    return name == "seconds" || name == "group_seconds" || name == "width";
}

} // namespace

SetBuilder::SetBuilder(const Machine& machine, const Tables& tables, const Recording* recording)
    : binder_(machine, tables, recording), recording_(recording), state_(std::make_unique<MetricSet::State>()) {
    state_->machine = machine;
    state_->tables = tables;
    state_->mode = binder_.mode();
}

std::optional<Error> SetBuilder::add(const ListItem& item) {
    return std::visit([this](const auto& kind) { return add_item(kind); }, item);
}

std::optional<Error> SetBuilder::add_item(const NameItem& item) {
    return add_name(item, nullptr);
}

std::optional<Error> SetBuilder::add_item(const GroupItem& group) {
    Members members;
    const std::size_t first_metric = state_->metrics.size();
    for (const NameItem& name : group.names) {
        if (std::optional<Error> error = add_name(name, &members))
            return error;
    }
    add_group_bundle(members, first_metric);
    return std::nullopt;
}

std::optional<Error> SetBuilder::add_name(const NameItem& item, Members* group) {
    const bool is_defined =
        std::ranges::any_of(definitions_, [&](const Definition& known) { return known.metric.id == item.text; });
    if (is_defined && !item.mode)
        return std::nullopt;
    if (const MetricDef* metric = binder_.tables().find_metric(item.text)) {
        add_metric(*metric, {}, item, group);
        return std::nullopt;
    }
    if (const FoundValue found = binder_.tables().find_metric_value(item.text); found.metric != nullptr) {
        add_metric(*found.metric, found.id, item, group);
        return std::nullopt;
    }
    Expected<Candidate> candidate = binder_.event(item);
    if (!candidate)
        return std::move(candidate.error());
    const std::size_t event = add_event(*candidate, true);
    if (group != nullptr)
        group->push_back(event);
    else if (!state_->events[event].unavailable)
        add_bundle({event});
    return std::nullopt;
}

void SetBuilder::add_metric(const MetricDef& def, std::string_view only, const NameItem& item, Members* group) {
    const std::string suffix = suffix_of(item);
    BoundVariant bound = choose_variant(def, only, item.mode, suffix, binder_);
    PlannedMetric metric;
    metric.id = std::string(def.id) + suffix;
    metric.values = std::move(bound.values);
    for (PlannedValue& value : metric.values) {
        value.id += suffix;
        value.label += suffix;
    }
    metric.unavailable = std::move(bound.unavailable);
    if (!claim_values(metric))
        return;
    if (!metric.unavailable) {
        metric.lets = std::move(bound.lets);
        metric.constants = std::move(bound.constants);
        metric.bindings = add_bindings(bound.candidates, bound.together, group);
    }
    for (const std::string_view role : only.empty() ? def.also : std::vector<std::string_view>{}) {
        const Candidate candidate = binder_.role(role, item.mode, suffix);
        if (!candidate.unavailable()) {
            for (Binding& binding : add_bindings({candidate}, true, nullptr))
                metric.also.push_back(std::move(binding));
        }
    }
    state_->metrics.push_back(std::move(metric));
}

bool SetBuilder::claim_values(PlannedMetric& metric) {
    // One value may be had where its whole metric may not: llc.mpki without the references.
    for (PlannedMetric& known : state_->metrics) {
        if (!known.unavailable || metric.unavailable)
            continue;
        std::erase_if(known.values, [&](const PlannedValue& old) {
            const bool better = std::ranges::find(metric.values, old.id, &PlannedValue::id) != metric.values.end();
            if (better)
                value_ids_.erase(old.id);
            return better;
        });
    }
    std::erase_if(metric.values, [&](const PlannedValue& value) { return !value_ids_.insert(value.id).second; });
    return !metric.values.empty();
}

std::optional<Error> SetBuilder::add_item(const DefinitionItem& item) {
    const auto misuse = [&](std::string what, std::string hint) {
        return Error(ErrorKind::misuse, Stage::parse, quoted(item.name) + " " + std::move(what), std::move(hint))
            .with_subject(item.name);
    };
    if (is_builtin(item.name))
        return misuse("has a meaning of its own in formulas", "give the formula another name");
    if (binder_.tables().find_metric(item.name) != nullptr)
        return misuse("is a metric already", "give the formula another name");
    if (std::ranges::any_of(definitions_, [&](const Definition& known) { return known.metric.id == item.name; }))
        return misuse("is defined twice", "give one of the formulas another name");
    if (definitions_.size() == definition_limit)
        return misuse("is one formula too many: there can be " + std::to_string(definition_limit), {});

    Expected<Formula> formula = Formula::parse(item.formula);
    if (!formula)
        return std::move(formula.error());
    Definition definition;
    PlannedMetric& metric = definition.metric;
    metric.id = item.name;
    metric.defined = true;
    if (std::optional<Error> error = bind_definition(*formula, metric, definition.candidates))
        return error;
    metric.values.push_back({item.name, item.name, {}, std::move(*formula)});
    if (!claim_values(metric))
        return std::nullopt;
    if (!metric.unavailable)
        metric.unavailable = binder_.why_apart(events_of(definition.candidates));
    definitions_.push_back(definition);
    if (!metric.unavailable)
        metric.bindings = add_bindings(definition.candidates, true, nullptr);
    state_->metrics.push_back(std::move(metric));
    return std::nullopt;
}

std::optional<Error> SetBuilder::bind_definition(const Formula& formula, PlannedMetric& metric,
                                                 std::vector<Candidate>& candidates) {
    // Those that it uses first: a let sees only what stands before it.
    for (const Definition& known : definitions_) {
        const bool used = std::ranges::any_of(
            formula.names(), [&](const Formula::Name& name) { return !name.quoted && name.text == known.metric.id; });
        if (!used)
            continue;
        const auto add_let = [&](const std::string& name, const Formula& let) {
            if (std::ranges::find(metric.lets, name, &Let::name) == metric.lets.end())
                metric.lets.push_back({name, let});
        };
        for (const Let& let : known.metric.lets)
            add_let(let.name, let.formula);
        add_let(known.metric.id, known.metric.values.front().formula);
        for (const Candidate& candidate : known.candidates) {
            if (std::ranges::find(candidates, candidate.name, &Candidate::name) == candidates.end())
                candidates.push_back(candidate);
        }
        metric.constants.insert(metric.constants.end(), known.metric.constants.begin(), known.metric.constants.end());
        if (known.metric.unavailable && !metric.unavailable)
            metric.unavailable = known.metric.unavailable;
    }
    for (const Formula::Name& name : formula.names()) {
        if (std::optional<Error> error = bind_definition_name(name, metric, candidates))
            return error;
    }
    return std::nullopt;
}

std::optional<Error> SetBuilder::bind_definition_name(const Formula::Name& name, PlannedMetric& metric,
                                                      std::vector<Candidate>& candidates) {
    const bool is_let = !name.quoted && std::ranges::find(metric.lets, name.text, &Let::name) != metric.lets.end();
    const bool is_bound = std::ranges::find(candidates, name.text, &Candidate::name) != candidates.end();
    if (is_let || is_bound || (!name.quoted && is_builtin(name.text) && name.text != "width"))
        return std::nullopt;
    if (!name.quoted && name.text == "width") {
        if (const std::optional<double> width = binder_.number(name.text))
            metric.constants.emplace_back(name.text, *width);
        else
            metric.unavailable =
                needs(name.text, make_reason(Cause::not_on_this_cpu, "the table of this CPU does not have it"));
        return std::nullopt;
    }

    Candidate candidate;
    if (!name.quoted && binder_.tables().find_role_info(name.text) != nullptr) {
        candidate = binder_.role(name.text, {}, {});
        // A role that no table has for this CPU may still be the kernel's name of an event: ref_cycles.
        if (candidate.role == nullptr && candidate.unavailable().cause == Cause::not_on_this_cpu) {
            if (Expected<Candidate> event = binder_.event({name.text, {}, name.text, 0}))
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
        if (binder_.tables().find_metric(item.text) != nullptr ||
            binder_.tables().find_metric_value(item.text).metric != nullptr)
            return Error(ErrorKind::misuse, Stage::parse, "formula: " + quoted(name.text) + " is a metric",
                         "formulas are made of events, and of formulas that stand before them")
                .with_subject(name.text);
        Expected<Candidate> event = binder_.event(item);
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
    candidates.push_back(std::move(candidate));
    return std::nullopt;
}

std::size_t SetBuilder::add_event(const Candidate& candidate, bool asked) {
    const Event& event = candidate.event;
    const std::string_view fixed = fixed_name(candidate);
    for (std::size_t i = 0; i < state_->events.size(); ++i) {
        const Event& known = state_->events[i];
        const bool same_fixed = !fixed.empty() && fixed == fixed_names_[i] && known.pmu == event.pmu &&
                                !known.unavailable && !event.unavailable;
        if (same_mode(known, event) && (same_fixed || same_encoding(known, event))) {
            if (asked && !state_->asked[i])
                state_->events[i].name = event.name; // the user's name goes before a role's
            state_->asked[i] = state_->asked[i] || asked;
            return i;
        }
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
    const std::vector<Event>& events = state_->events;
    state_->table = binder_.table_id();
    if (recording_ != nullptr) {
        state_->plan = recording_->plan(state_->bundles);
        return std::move(state_);
    }
    state_->plan = make_plan(events, state_->bundles, [&](std::span<const std::size_t> group) {
        std::vector<Event> members;
        members.reserve(group.size());
        for (const std::size_t event : group)
            members.push_back(events[event]);
        return binder_.fits(members);
    });
    for (const PlannedGroup& group : state_->plan.groups) {
        for (const std::size_t event : group.events)
            state_->lost[event] = {}; // another bundle has it
    }
    return std::move(state_);
}

} // namespace pmc
