#include "event/resolver.hpp"

#include "event/event_list.hpp"
#include "machine/core_type.hpp"

namespace pmc {

namespace {

std::vector<std::string> known_names(const Machine& machine, const Tables& tables,
                                     const std::vector<std::string>& also_known) {
    std::vector<std::string> names = also_known;
    for (const GenericName& generic : generic_names())
        names.push_back(generic.name);
    const CoreType& core = main_core(machine);
    for (const RoleInfo& role : tables.state().roles) {
        if (tables.state().find_role(role.role, core) != nullptr)
            names.emplace_back(role.role);
    }
    for (const std::string& pmu : machine.pmu_names())
        names.push_back(pmu + "/.../");
    return names;
}

/// "power" alone: which of its events?
std::string pmu_hint(std::string_view name, const Machine& machine) {
    const Pmu* pmu = machine.pmu(name);
    if (pmu == nullptr)
        return {};
    const std::string terms = pmu->events.empty() ? "..." : pmu->events.begin()->first;
    return quoted(name) + " is a PMU: name an event of it, such as " + pmu->name + "/" + terms + "/";
}

Error unknown_event(std::string_view name, const Machine& machine, const Tables& tables,
                    const std::vector<std::string>& also_known) {
    std::string hint = pmu_hint(name, machine);
    if (hint.empty()) {
        for (const std::string& near : suggest(name, known_names(machine, tables, also_known)))
            hint += (hint.empty() ? "did you mean " : " or ") + quoted(near);
        if (!hint.empty())
            hint += "?";
    }
    if (hint.empty())
        hint = "`pmcstat list` shows the names";
    if (!has_libpfm4())
        hint.append(" (").append(why_no_libpfm4()).append(")");
    return Error(ErrorKind::unknown_name, Stage::resolve, "unknown event " + quoted(name), std::move(hint))
        .with_subject(printable(name));
}

} // namespace

Expected<Event> resolve_event(std::string_view name, const Machine& machine, const Tables& tables,
                              const std::vector<std::string>& also_known, const CoreType* core) {
    if (Resolved event = resolve_model(name, machine))
        return *std::move(event);
    // By what a name looks like: nothing is loaded or read that the shape does not call for.
    if (Resolved event = resolve_sysfs(name, machine))
        return *std::move(event);
    if (Resolved event = core == nullptr ? resolve_raw(name, machine) : resolve_raw(name, machine, *core))
        return *std::move(event);
    Resolved tracepoint = resolve_tracepoint(name, machine);
    if (tracepoint && !((*tracepoint) && (*tracepoint)->unavailable))
        return *std::move(tracepoint);
    if (Resolved event = core == nullptr ? resolve_generic(name, machine) : resolve_generic(name, machine, *core))
        return *std::move(event);
    if (Resolved event = resolve_table(name, machine, tables, core == nullptr ? main_core(machine) : *core))
        return *std::move(event);
    Resolved event = resolve_libpfm4(name, machine, tables);
    if (event && *event)
        return *std::move(event);
    // Where tracefs can't be read, "sched:sched_switch" may be a tracepoint or, less likely, a name that nobody knows.
    if (tracepoint)
        return *std::move(tracepoint);
    if (event && has_libpfm4())
        return *std::move(event);
    return unknown_event(name, machine, tables, also_known);
}

} // namespace pmc
