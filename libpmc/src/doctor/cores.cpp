#include "doctor/counters.hpp"
#include "doctor/finding.hpp"
#include "doctor/subject.hpp"

#include <pmc/catalog.hpp>

#include <string>
#include <utility>

namespace pmc::doctor {
namespace {

Finding cpu(const Subject& subject) {
    constexpr Check check{"cpu", "CPU"};
    const Catalog::Cpu known = Catalog::cpu_of(subject.machine, subject.tables);
    const std::string name = known.name.empty() ? known.id : known.name + " (" + known.id + ")";
    if (known.table == "generic")
        return make_finding(check, Health::limited, name + ", no table of its own",
                            "metrics are made of the kernel's generic events alone, and fewer are there",
                            "write a table for it: docs/tables.md, --tables FILE");
    return make_finding(check, Health::ok, name + ", table " + known.table);
}

Finding pmu(const Subject& subject) {
    constexpr Check check{"pmu", "hardware counters"};
    if (const Reason none = subject.machine.why_no_pmu())
        return make_finding(check, none,
                            "cycles, instructions, cache misses and all that is made of them can't be measured here; "
                            "--backend model counts a command under valgrind instead");
    std::string names;
    for (const std::string& name : Catalog::cpu_of(subject.machine, subject.tables).pmus)
        names += (names.empty() ? "" : ", ") + name;
    const std::string& hypervisor = subject.machine.hypervisor();
    return make_finding(check, Health::ok,
                        "PMU " + names + (hypervisor.empty() ? "" : ", in a virtual machine (" + hypervisor + ")"));
}

std::string of_watchdog(const Machine& machine) {
    return machine.nmi_watchdog() ? "; the NMI watchdog has one" : "";
}

/// Of one kind of core.
Finding counters(const Subject& subject, const CoreType& core) {
    const std::string title = subject.machine.is_hybrid() ? "counters of " + core.pmu : "counters";
    const std::string id = subject.machine.is_hybrid() ? "counters." + core.pmu : "counters";
    const Check check{id, title};
    if (core.pmu.empty())
        return make_finding(check, subject.machine.why_no_pmu());
    if (!subject.is_live)
        return untried(check);
    kernel::CpuVisit visit;
    if (!core.cpus.empty())
        visit.go_to(core.cpus.front());
    const Room room = find_room(generic_event("cycles", subject.machine, &core),
                                generic_event("instructions", subject.machine, &core), subject.machine);
    if (room.counters == 0)
        return make_finding(check, room.none, "no event of this PMU can be opened");
    const std::string all = (room.is_bounded() ? "" : "at least ") + std::to_string(room.counters);
    Finding finding =
        room.free == room.counters
            ? make_finding(check, Health::ok, all + " free, none held by others",
                           "so many events are counted at once; more take turns")
            : make_finding(check, Health::limited,
                           std::to_string(room.free) + " of " + all + " free" + of_watchdog(subject.machine),
                           "fewer events are counted at once than this PMU could; the rest takes turns",
                           room.held.remedy);
    finding.cause = room.held.cause;
    finding.value = static_cast<double>(room.free);
    finding.unit = "counters";
    return finding;
}

} // namespace

Findings examine_cores(const Subject& subject) {
    Findings findings{cpu(subject), pmu(subject)};
    if (subject.machine.has_core_pmu())
        for (const CoreType& core : subject.machine.core_types())
            findings.push_back(counters(subject, core));
    return findings;
}

} // namespace pmc::doctor
