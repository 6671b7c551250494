#include "record/describe.hpp"

#include "kernel/file_tree.hpp"
#include "machine/clocking.hpp"
#include "metric/metric_set_state.hpp"

#include <utility>

namespace pmc {

void describe_machine(const MetricSet::State& set, Result& result) {
    const Machine& machine = set.machine;
    result.host = {machine.kernel_release(), machine.arch(),     machine.hypervisor(),
                   machine.cpu_count(),      machine.paranoid(), machine.smt()};
    result.cpu = {machine.cpu_name(), machine.core_types().front().cpu_id, set.table, machine.pmu_names()};
}

void describe_clocking(const Machine& machine, Result::Host& host) {
    Clocking clocking = read_clocking(kernel::FileTree(machine.root()));
    host.microcode = std::move(clocking.microcode);
    host.governor = std::move(clocking.governor);
    host.boost = clocking.boost;
}

} // namespace pmc
