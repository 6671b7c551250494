#pragma once

#include "machine/cpuid.hpp"

#include <pmc/machine.hpp>

#include <optional>
#include <string_view>

/// How many events a core PMU counts at once. Where several numbers are possible (SMT on or off) the smaller one is
/// given: a group that fits it always runs.
namespace pmc {

/// Intel's architectural performance monitoring (CPUID leaf 0xA).
CounterBudget intel_budget(const CpuidLeaf& leaf_a) noexcept;
/// AMD: leaf 0x80000001 tells of the core counters' extension, 0x80000022 (Zen 4 and later) their number.
CounterBudget amd_budget(std::optional<CpuidLeaf> leaf_80000001, std::optional<CpuidLeaf> leaf_80000022) noexcept;
/// What is usual for a CPU that can't be asked.
CounterBudget usual_budget(std::string_view cpu_id, std::string_view pmu) noexcept;
/// What is left when x86's NMI watchdog has its own cycles event on every CPU.
CounterBudget without_watchdog(CounterBudget budget) noexcept;

} // namespace pmc
