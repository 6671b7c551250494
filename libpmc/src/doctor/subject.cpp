#include "doctor/subject.hpp"

#include "event/resolver.hpp"
#include "machine/core_type.hpp"

namespace pmc::doctor {

Event generic_event(std::string_view name, const Machine& machine, const CoreType* core) {
    return resolve_generic(name, machine, core != nullptr ? *core : main_core(machine)).value().value();
}

void go_to_main_core(kernel::CpuVisit& visit, const Machine& machine) {
    if (const CoreType& core = main_core(machine); machine.is_hybrid() && !core.cpus.empty())
        visit.go_to(core.cpus.front());
}

Subject::Subject(const Machine& examined, const Tables& known)
    : machine(examined),
      tables(known),
      tree(examined.root()),
      privilege(read_privilege(tree)),
      is_live(examined.is_host()),
      permission(permitted_mode(examined)),
      probe_event(generic_event(examined.has_core_pmu() ? "cycles" : "task-clock", examined)) {}

} // namespace pmc::doctor
