#include "record/describe.hpp"

#include "metric/metric_set_state.hpp"

namespace pmc {

void describe_machine(const MetricSet::State& set, Result& result) {
    const Machine& machine = set.machine;
    result.host = {machine.kernel_release(), machine.arch(),     machine.hypervisor(),
                   machine.cpu_count(),      machine.paranoid(), machine.smt()};
    result.cpu = {machine.cpu_name(), machine.core_types().front().cpu_id, set.table, machine.pmu_names()};
}

} // namespace pmc
