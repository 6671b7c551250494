#include "counter/open_event.hpp"
#include "event/resolver.hpp"
#include "table/tables_state.hpp"

#include <pmc/catalog.hpp>

#include <algorithm>

namespace pmc {

Catalog::Cpu Catalog::cpu_of(const Machine& machine, const Tables& tables) {
    const CoreType& core = machine.core_types().front();
    const CpuTable& table = tables.state().table_for(core);
    Cpu cpu{machine.cpu_name(), core.cpu_id, std::string(table.id), std::string(table.title), {}};
    for (const CoreType& type : machine.core_types()) {
        if (!type.pmu.empty())
            cpu.pmus.push_back(type.pmu);
    }
    return cpu;
}

Catalog catalog(std::string_view word, const Machine& machine, const Tables& tables, EventSources sources) {
    const Reason& denied = permitted_mode(machine).denied;
    Catalog all{.word = std::string(word),
                .cpu = Catalog::cpu_of(machine, tables),
                .no_pmu = denied ? denied : machine.why_no_pmu(),
                .no_tracepoints = {},
                .metrics = list_metrics(word, machine, tables),
                .events = {}};
    if (std::ranges::any_of(all.metrics, &MetricInfo::exact)) {
        all.is_complete = !sources.tracepoints && !sources.libpfm4;
        sources.tracepoints = sources.libpfm4 = false;
    }
    if (sources.tracepoints)
        all.no_tracepoints = why_no_tracepoints(machine);
    all.events = list_events(word, machine, tables, sources);
    return all;
}

} // namespace pmc
