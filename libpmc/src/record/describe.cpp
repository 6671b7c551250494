#include "record/describe.hpp"

#include "kernel/file_tree.hpp"
#include "machine/clocking.hpp"
#include "metric/metric_set_state.hpp"

#include <utility>

namespace pmc {

void describe_machine(const MetricSet::State& set, Result& result) {
    const Machine& machine = set.machine;
    // A model counts what runs here.
    const Machine& host = machine.is_model() ? Machine::hardware() : machine;
    result.host = {host.kernel_release(), host.arch(),     host.hypervisor(),
                   host.cpu_count(),      host.paranoid(), host.smt()};
    result.cpu = {host.cpu_name(), machine.core_types().front().cpu_id, set.table, machine.pmu_names()};
    if (machine.is_model()) {
        result.run.backend = "model";
        result.run.model = machine.model();
    }
}

void describe_clocking(const Machine& machine, Result::Host& host) {
    Clocking clocking = read_clocking(kernel::FileTree(machine.root()));
    host.microcode = std::move(clocking.microcode);
    host.governor = std::move(clocking.governor);
    host.boost = clocking.boost;
}

} // namespace pmc
