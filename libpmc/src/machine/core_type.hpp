#pragma once

#include <pmc/machine.hpp>

#include <string>
#include <string_view>
#include <vector>

/// The core types of a machine, as far as they can be counted on.
namespace pmc {

/// The core type that a name is bound on where nothing says otherwise: the first that has a PMU.
const CoreType& main_core(const Machine& machine);

/// Where no PMU counts on every core: one core type of each core PMU, the main one first. Empty on machines whose cores
/// have one PMU, or none.
std::vector<const CoreType*> cores_apart(const Machine& machine);

/// The PMU's name if it is one of those of cores_apart; else empty.
std::string core_apart(const Machine& machine, std::string_view pmu);

} // namespace pmc
