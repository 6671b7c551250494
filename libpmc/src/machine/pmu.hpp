#pragma once

#include "kernel/file_tree.hpp"

#include <pmc/machine.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What /sys/bus/event_source/devices says of one PMU.
namespace pmc {

inline constexpr std::string_view pmu_folder = "/sys/bus/event_source/devices";

/// Whether a PMU of this name counts for threads on the cores of such a machine.
bool is_core_pmu_name(std::string_view name, std::string_view arch) noexcept;

/// The core PMUs of the machine: the big cores' first on hybrid x86, else by name.
std::vector<std::string> find_core_pmus(const kernel::FileTree& tree, std::string_view arch);

/// The CPUs that a core PMU is of; empty if it does not say.
std::vector<int> read_pmu_cpus(const kernel::FileTree& tree, std::string_view name);

/// Reads a PMU's folder. Empty if there is none, or its type is no number: such a PMU can't be opened.
std::optional<Pmu> read_pmu(const kernel::FileTree& tree, std::string_view arch, std::string_view name);

} // namespace pmc
