#pragma once

#include "kernel/file_tree.hpp"
#include "machine/cpuid.hpp"

#include <pmc/machine.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Who the CPU is. Ids are in perf's notation, which the tables of events/ match on.
namespace pmc {

bool is_x86(std::string_view arch) noexcept;
bool is_arm(std::string_view arch) noexcept;

/// `uname -m` of a captured machine: its file "arch", else what /proc/cpuinfo gives away; empty if neither says.
std::string arch_of_tree(const kernel::FileTree& tree);

/// "GenuineIntel-6-8F-8": family in decimal, model and stepping in upper-case hexadecimal.
std::string x86_cpu_id(std::string_view vendor, unsigned family, unsigned model, unsigned stepping);
/// The same from CPUID: the vendor is in leaf 0, the rest in EAX of leaf 1.
std::string x86_cpu_id(const CpuidLeaf& leaf0, std::uint32_t leaf1_eax);
/// "midr-41-d0c": the implementer and part of MIDR_EL1; variant and revision are no part of it.
std::string midr_cpu_id(std::uint64_t midr);
/// "Neoverse-N1" for "midr-41-d0c"; the id itself for a part that is not known here.
std::string arm_part_name(std::string_view cpu_id);

/// The kinds of cores, each with its PMU; at least one. `host`: ask the CPU itself, which is quicker than
/// /proc/cpuinfo (the kernel measures every CPU's frequency to write that).
std::vector<CoreType> read_core_types(const kernel::FileTree& tree, std::string_view arch, bool host);

/// The marketing name; empty if it can't be told.
std::string read_cpu_name(const kernel::FileTree& tree, std::string_view arch, bool host,
                          const std::vector<CoreType>& cores);

} // namespace pmc
