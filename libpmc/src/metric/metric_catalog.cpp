#include "event/resolver.hpp"
#include "machine/core_type.hpp"
#include "machine/reason.hpp"
#include "metric/binder.hpp"
#include "metric/search.hpp"
#include "metric/variant.hpp"
#include "table/ladder.hpp"

#include <pmc/catalog.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace pmc {

namespace {

std::string shortest(double number) {
    std::array<char, 32> text{};
    const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
    return {text.data(), written.ptr};
}

/// The metrics of one core type of a machine.
class MetricList {
public:
    MetricList(std::string_view word, const Machine& machine, const Tables& tables, const CoreType& core)
        : word_(word),
          machine_(machine),
          tables_(tables.state()),
          core_(core),
          table_(tables_.table_for(core_)),
          binder_(Binder(machine, tables, machine.is_host()).on(core)) {}

    std::vector<MetricInfo> collect() {
        std::vector<MetricInfo> metrics;
        for (const MetricDef& metric : tables_.metrics) {
            if (concerns(metric))
                metrics.push_back(describe(metric));
        }
        return metrics;
    }

private:
    using Role = MetricInfo::Role;
    using OnCore = MetricInfo::OnCore;

    /// A role that is another one in one mode has no event of its own.
    [[nodiscard]] const RoleEvent* find_event(std::string_view role) const {
        const RoleInfo* info = tables_.find_role_info(role);
        return tables_.find_role(info == nullptr || info->of.empty() ? role : info->of, core_);
    }

    [[nodiscard]] bool concerns_role(std::string_view role) const {
        const RoleInfo* info = tables_.find_role_info(role);
        const RoleEvent* event = find_event(role);
        return search::any_contains({role, info == nullptr ? "" : info->title, event == nullptr ? "" : event->counts},
                                    word_);
    }

    [[nodiscard]] bool concerns(const MetricDef& metric) const {
        if (search::any_contains({metric.id, metric.title}, word_))
            return true;
        return std::ranges::any_of(metric.variants, [&](const MetricVariant& variant) {
            return std::ranges::any_of(variant.values,
                                       [&](const MetricValueDef& value) {
                                           return search::any_contains({value.id, value.label, value.formula}, word_);
                                       }) ||
                   std::ranges::any_of(roles_of(variant, tables_),
                                       [&](const std::string& role) { return concerns_role(role); });
        });
    }

    [[nodiscard]] bool is_named(const MetricDef& metric) const {
        return search::same(metric.id, word_) || std::ranges::any_of(metric.variants, [&](const auto& variant) {
                   return std::ranges::any_of(variant.values,
                                              [&](const auto& value) { return search::same(value.id, word_); });
               });
    }

    MetricInfo describe(const MetricDef& metric) {
        MetricInfo info{.id = std::string(metric.id),
                        .title = std::string(metric.title),
                        .read = std::string(metric.read),
                        .source = std::string(metric.source),
                        .standard = metric.standard,
                        .exact = is_named(metric),
                        .cores = {},
                        .unavailable = {}};
        info.cores.push_back(on_core(metric));
        info.unavailable = info.cores.front().unavailable;
        return info;
    }

    /// Where no variant can be counted, the one of which this CPU's tables have most.
    [[nodiscard]] const MetricVariant& nearest(const MetricDef& metric) const {
        return *std::ranges::min_element(metric.variants, {}, [&](const MetricVariant& variant) {
            return std::ranges::count_if(variant.needs,
                                         [&](std::string_view role) { return find_event(role) == nullptr; });
        });
    }

    /// The numbers of this CPU's table that the variant uses: "where width = 8".
    void add_numbers(const MetricVariant& variant, OnCore& core) const {
        std::string formulas;
        for (const LetDef& let : variant.lets)
            formulas.append(let.formula).append(" + ");
        for (const MetricValueDef& value : variant.values)
            formulas.append(value.formula).append(" + ");
        const Expected<Formula> all = Formula::parse(formulas + "0");
        if (!all)
            return;
        for (const Formula::Name& name : all->names()) {
            const auto constant = std::ranges::find(table_.constants, name.text, &Constant::name);
            if (name.text == "width" && table_.width != 0)
                core.lets.push_back({name.text, std::to_string(table_.width)});
            else if (constant != table_.constants.end())
                core.lets.push_back({name.text, shortest(constant->value)});
        }
    }

    OnCore on_core(const MetricDef& metric) {
        const BoundVariant bound = choose_variant(metric, {}, {}, {}, binder_);
        const MetricVariant& variant = bound.unavailable ? nearest(metric) : *bound.variant;
        OnCore core;
        core.pmu = core_.pmu;
        core.table = table_.id;
        core.variant = 1 + static_cast<int>(&variant - metric.variants.data());
        for (const LetDef& let : variant.lets)
            core.lets.push_back({std::string(let.name), std::string(let.formula)});
        add_numbers(variant, core);
        if (bound.unavailable) {
            for (const std::string& role : roles_of(variant, tables_))
                core.roles.push_back(role_here(role));
        } else {
            for (const Candidate& candidate : bound.candidates)
                core.roles.push_back(role_of(candidate.name, candidate));
        }
        for (const std::string_view role : metric.also)
            core.also.push_back(role_here(role));
        for (const Role& role : core.roles) {
            keep_worse(qualities, core.quality, role.quality);
            keep_worse(scopes, core.scope, role.scope);
        }
        core.unavailable = lack_of(variant, core, bound.unavailable);
        for (const MetricValueDef& value : variant.values)
            core.values.push_back(value_here(metric, value, bound));
        return core;
    }

    /// Of all that the variants lack, what the one that is shown does.
    [[nodiscard]] static Reason lack_of(const MetricVariant& variant, const OnCore& core, const Reason& bound) {
        if (bound.cause != Cause::not_on_this_cpu)
            return bound;
        const auto lacking = std::ranges::find_if(core.roles, [&](const Role& role) {
            return role.unavailable && std::ranges::count(variant.needs, role.role) != 0;
        });
        return lacking == core.roles.end() ? bound : needs(lacking->role, lacking->unavailable);
    }

    MetricInfo::Value value_here(const MetricDef& metric, const MetricValueDef& def, const BoundVariant& bound) {
        MetricInfo::Value value{std::string(def.id),     std::string(def.label),   std::string(def.unit),
                                std::string(def.better), std::string(def.formula), {}};
        const bool stays =
            bound.unavailable || std::ranges::find(bound.values, value.id, &PlannedValue::id) != bound.values.end();
        if (stays)
            return value;
        Reason alone = choose_variant(metric, def.id, {}, {}, binder_).unavailable;
        if (!alone) {
            alone = make_reason(Cause::group_too_large,
                                "with the events of the other values the group would be larger than the PMU");
            alone.remedy = "ask for it alone: -e " + value.id;
        }
        value.unavailable = std::move(alone);
        return value;
    }

    Role role_here(std::string_view name) { return role_of(name, binder_.role(name, {}, {})); }

    [[nodiscard]] Role role_of(std::string_view name, const Candidate& candidate) const {
        Role role;
        role.role = name;
        if (const RoleInfo* info = tables_.find_role_info(name)) {
            role.title = info->title;
            role.mode = info->mode;
            role.unit = info->unit;
        }
        role.unavailable = candidate.unavailable();
        Event event = candidate.event;
        // The binder does not look at the tables where nothing can be counted.
        const RoleEvent* def = candidate.role != nullptr ? candidate.role : find_event(name);
        if (def != nullptr) {
            add_definition(*def, role);
            if (event.encoding.empty()) {
                if (Expected<Event> known = resolve_role(*def, machine_, core_))
                    event = std::move(*known);
            }
        }
        role.encoding = event.encoding;
        role.scale = event.scale;
        if (!event.unit.empty())
            role.unit = event.unit;
        return role;
    }

    void add_definition(const RoleEvent& def, Role& role) const {
        role.counts = def.counts;
        role.quality = def.quality;
        role.scope = def.scope;
        role.counters = def.on;
        const bool is_own = &def >= table_.events.data() && &def < table_.events.data() + table_.events.size();
        if (is_own && !def.pfm.empty() && !table_.pfm.empty())
            role.pfm = std::string(table_.pfm).append("::").append(def.pfm);
        if (def.pmu != "software")
            role.table = is_own ? table_.id : tables_.generic().id;
    }

    std::string_view word_;
    const Machine& machine_;
    const Tables::State& tables_;
    const CoreType& core_;
    const CpuTable& table_;
    Binder binder_;
};

} // namespace

std::vector<MetricInfo> list_metrics(std::string_view word, const Machine& machine, const Tables& tables) {
    std::vector<const CoreType*> cores = cores_apart(machine);
    if (cores.empty())
        cores.push_back(&machine.core_types().front());
    std::vector<MetricInfo> metrics;
    for (const CoreType* const core : cores) {
        for (MetricInfo& info : MetricList(word, machine, tables, *core).collect()) {
            const auto known = std::ranges::find(metrics, info.id, &MetricInfo::id);
            if (known == metrics.end()) {
                metrics.push_back(std::move(info));
                continue;
            }
            known->cores.push_back(std::move(info.cores.front()));
            if (!info.unavailable)
                known->unavailable = {};
        }
    }
    return metrics;
}

} // namespace pmc
