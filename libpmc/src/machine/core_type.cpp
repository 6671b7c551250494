#include "machine/core_type.hpp"

#include <algorithm>

namespace pmc {

const CoreType& main_core(const Machine& machine) {
    const std::vector<CoreType>& cores = machine.core_types();
    const auto found = std::ranges::find_if(cores, [](const CoreType& core) { return !core.pmu.empty(); });
    return found == cores.end() ? cores.front() : *found;
}

std::vector<const CoreType*> cores_apart(const Machine& machine) {
    std::vector<const CoreType*> apart;
    bool everywhere = true;
    for (const CoreType& core : machine.core_types()) {
        // Cores of several models may share a PMU, and cores may have none.
        everywhere = everywhere && core.pmu == machine.core_types().front().pmu;
        const auto has_pmu = [&](const CoreType* known) { return known->pmu == core.pmu; };
        if (!core.pmu.empty() && std::ranges::none_of(apart, has_pmu))
            apart.push_back(&core);
    }
    return everywhere ? std::vector<const CoreType*>{} : apart;
}

std::string core_apart(const Machine& machine, std::string_view pmu) {
    if (!machine.is_hybrid())
        return {};
    const std::vector<const CoreType*> cores = cores_apart(machine);
    const bool apart = std::ranges::any_of(cores, [&](const CoreType* core) { return core->pmu == pmu; });
    return apart ? std::string(pmu) : std::string();
}

} // namespace pmc
