#include "event/event_list.hpp"
#include "event/resolver.hpp"
#include "machine/core_type.hpp"
#include "machine/reason.hpp"

#include <algorithm>
#include <linux/perf_event.h>
#include <utility>

namespace pmc {

namespace {

/// An event that is known, but whose PMU this machine does not have: it is shown, and never opened.
Event without_pmu(const RoleEvent& role, std::string_view pmu, Reason reason) {
    Event event;
    event.encoding = std::string(pmu) + "/" + std::string(role.terms) + "/";
    event.pmu = pmu;
    event.type = PERF_TYPE_RAW;
    event.unavailable = std::move(reason);
    return event;
}

Reason no_such_pmu(std::string_view pmu) {
    return make_reason(Cause::not_on_this_cpu, "this machine has no PMU " + quoted(pmu));
}

Expected<Event> event_on(const Machine& machine, const Pmu& pmu, const RoleEvent& role) {
    const bool has_alias = !role.sysfs.empty() && pmu.events.contains(role.sysfs);
    Expected<Event> event = event_of_terms(machine, pmu, has_alias ? role.sysfs : role.terms);
    if (!event)
        return event;
    event->counters = role.on;
    const bool brings_unit = has_alias && !pmu.events.find(role.sysfs)->second.unit.empty();
    if (!brings_unit) {
        event->scale = role.scale;
        event->unit = role.unit;
    }
    return event;
}

Expected<Event> event_of(const RoleEvent& role, const Machine& machine, const CoreType& core) {
    if (!role.generic.empty()) {
        if (Resolved generic = resolve_generic(role.generic, machine, core))
            return *std::move(generic);
        return Error(ErrorKind::format, Stage::resolve,
                     "the table's role " + quoted(role.role) + " names no generic event: " + quoted(role.generic));
    }
    if (!role.pmu.empty()) {
        const std::vector<const Pmu*> units = units_of(machine, role.pmu);
        if (units.empty())
            return without_pmu(role, role.pmu, no_such_pmu(role.pmu));
        Expected<Event> event = event_on(machine, *units.front(), role);
        for (std::size_t i = 1; event && i < units.size(); ++i)
            event->more_units.push_back({units[i]->type, units[i]->cpumask});
        return event;
    }
    if (const Pmu* pmu = core_pmu(machine, core))
        return event_on(machine, *pmu, role);
    Reason none = machine.why_no_pmu();
    if (!none) // other cores have one
        none = make_reason(Cause::no_pmu, "these cores have no PMU");
    return without_pmu(role, core.pmu.empty() ? "cpu" : std::string_view(core.pmu), std::move(none));
}

} // namespace

std::vector<const Pmu*> units_of(const Machine& machine, std::string_view name) {
    if (const Pmu* pmu = machine.pmu(name))
        return {pmu};
    std::vector<const Pmu*> units;
    const std::string prefix = std::string(name) + '_';
    for (const std::string& known : machine.pmu_names()) {
        const bool is_unit = known.size() > prefix.size() && known.starts_with(prefix) &&
                             known.find_first_not_of("0123456789", prefix.size()) == std::string::npos;
        if (const Pmu* const unit = is_unit ? machine.pmu(known) : nullptr)
            units.push_back(unit);
    }
    return units;
}

Expected<Event> resolve_role(const RoleEvent& role, const Machine& machine, const CoreType& core) {
    Expected<Event> event = event_of(role, machine, core);
    if (!event)
        return std::move(event.error()).with_subject(std::string(role.role));
    event->name = role.role;
    event->source = EventSource::table;
    if (!role.counts.empty())
        event->description = role.counts;
    return event;
}

Resolved resolve_table(std::string_view name, const Machine& machine, const Tables& tables) {
    return resolve_table(name, machine, tables, main_core(machine));
}

Resolved resolve_table(std::string_view name, const Machine& machine, const Tables& tables, const CoreType& core) {
    std::string role_name(name);
    std::ranges::replace(role_name, '-', '_');
    const RoleEvent* role = tables.state().find_role(role_name, core);
    if (role == nullptr)
        return std::nullopt;
    Expected<Event> event = resolve_role(*role, machine, core);
    if (event)
        event->name = name;
    return event;
}

} // namespace pmc
