#include "doctor/finding.hpp"
#include "doctor/subject.hpp"
#include "event/resolver.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace pmc::doctor {
namespace {

constexpr std::string_view energy_pmu = "power";

/// Whether this event can be counted, by trying; a captured machine's says only whether it is there.
Reason why_not(const Event& event, const Subject& subject) {
    return probe({event}, subject.permission.mode, subject.machine);
}

Finding tracepoints(const Subject& subject) {
    constexpr Check check{"tracepoints", "tracepoints"};
    constexpr std::string_view name = "sched:sched_switch";
    const Resolved event = resolve_tracepoint(name, subject.machine);
    if (!event || !*event)
        return make_finding(check, Health::missing, "this kernel has no tracepoint " + std::string(name),
                            "the kernel's tracepoints can't be counted", "boot a kernel built with CONFIG_FTRACE");
    if (const Reason reason = why_not(**event, subject))
        return make_finding(check, reason, "the kernel's tracepoints can't be counted, or not all of them");
    return make_finding(check, subject.is_live ? Health::ok : Health::unknown,
                        std::string(name) + (subject.is_live ? " opens" : " is there"));
}

/// Some event of a PMU; nothing if it lists none.
std::optional<Event> any_event(const Pmu& pmu, const Machine& machine) {
    for (const auto& [name, event] : pmu.events)
        if (Expected<Event> resolved = event_of_terms(machine, pmu, name))
            return *std::move(resolved);
    if (Expected<Event> resolved = event_of_terms(machine, pmu, "config=0"))
        return *std::move(resolved);
    return std::nullopt;
}

struct OpenedPmus {
    std::string names; ///< "amd_df, amd_l3"
    Reason reason;     ///< of the first that does not open
};

void add(OpenedPmus& opened, const Pmu& pmu, const Subject& subject) {
    opened.names += (opened.names.empty() ? "" : ", ") + pmu.name;
    const std::optional<Event> event = any_event(pmu, subject.machine);
    if (event && !opened.reason)
        opened.reason = why_not(*event, subject);
}

Finding finding_of(Check check, const OpenedPmus& opened, const Subject& subject, std::string means_denied) {
    if (!opened.reason)
        return make_finding(check, subject.is_live ? Health::ok : Health::unknown,
                            opened.names + (subject.is_live ? ": an event of each opens" : ": not tried"));
    Finding finding = make_finding(check, opened.reason, std::move(means_denied));
    finding.found = opened.names + ": " + finding.found;
    return finding;
}

Finding uncore(const Subject& subject) {
    constexpr Check check{"uncore", "uncore PMUs"};
    OpenedPmus opened;
    for (const std::string& name : subject.machine.pmu_names())
        if (const Pmu* pmu = subject.machine.pmu(name);
            pmu != nullptr && !pmu->core && !pmu->cpumask.empty() && name != energy_pmu)
            add(opened, *pmu, subject);
    if (opened.names.empty())
        return make_finding(check, Health::missing, "this machine shows none",
                            "traffic of memory controllers and shared caches can't be counted",
                            subject.machine.hypervisor().empty() ? "load the kernel's uncore drivers, if it has any"
                                                                 : "count on the host: guests have no uncore PMUs");
    return finding_of(check, opened, subject, "traffic of memory controllers and shared caches can't be counted");
}

Finding energy(const Subject& subject) {
    constexpr Check check{"energy", "energy"};
    const Pmu* pmu = subject.machine.pmu(energy_pmu);
    if (pmu == nullptr)
        return make_finding(check, Health::missing, "this machine has no PMU " + std::string(energy_pmu),
                            "joules and watts can't be told",
                            subject.machine.hypervisor().empty() ? "sudo modprobe rapl"
                                                                 : "count on the host: guests have no energy counters");
    OpenedPmus opened;
    add(opened, *pmu, subject);
    return finding_of(check, opened, subject, "joules and watts can't be told");
}

} // namespace

Findings examine_other_pmus(const Subject& subject) {
    return {tracepoints(subject), uncore(subject), energy(subject)};
}

} // namespace pmc::doctor
