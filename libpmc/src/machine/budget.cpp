#include "machine/budget.hpp"

#include "machine/cpu_id.hpp"

#include <algorithm>
#include <array>

namespace pmc {
namespace {

bool is_amd(std::string_view cpu_id) noexcept {
    return cpu_id.starts_with("AuthenticAMD-") || cpu_id.starts_with("HygonGenuine-");
}

bool is_intel(std::string_view cpu_id) noexcept {
    return cpu_id.starts_with("GenuineIntel-");
}

/// "6-8F" of "GenuineIntel-6-8F-8".
std::string_view family_and_model(std::string_view cpu_id) noexcept {
    cpu_id.remove_prefix(std::min(cpu_id.find('-'), cpu_id.size() - 1) + 1);
    return cpu_id.substr(0, cpu_id.rfind('-'));
}

// Ice Lake and what came after it: 8 counters per thread, and a fixed one for slots.
constexpr std::array<std::string_view, 25> with_slots{
    "6-7D", "6-7E", "6-A7", "6-8C", "6-8D", "6-6A", "6-6C", "6-8F", "6-CF", "6-AD", "6-AE", "6-97", "6-9A",
    "6-B7", "6-BA", "6-BF", "6-AA", "6-AC", "6-B5", "6-C5", "6-C6", "6-BD", "6-CC", "6-D5", "6-E5"};
// Sierra Forest, Clearwater Forest, Grand Ridge; Alder Lake-N.
constexpr std::array<std::string_view, 4> only_small_cores{"6-AF", "6-DD", "6-B6", "6-BE"};

CounterBudget usual_intel_budget(std::string_view cpu_id, std::string_view pmu) noexcept {
    CounterBudget budget{.generic = 4, .fixed_cycles = 1, .fixed_instructions = 1, .fixed_ref_cycles = 1};
    const std::string_view model = family_and_model(cpu_id);
    if (pmu == "cpu_atom" || pmu == "cpu_lowpower" ||
        std::ranges::find(only_small_cores, model) != only_small_cores.end()) {
        budget.generic = 6; // Gracemont; Crestmont and Skymont have 8
    } else if (std::ranges::find(with_slots, model) != with_slots.end() || model.starts_with("18-")) {
        budget.generic = 8;
        budget.fixed_slots = 1;
    }
    return budget;
}

} // namespace

CounterBudget intel_budget(const CpuidLeaf& leaf_a) noexcept {
    const std::uint32_t version = leaf_a.eax & 0xff;
    if (version == 0)
        return {};
    const std::uint32_t fixed_count = version >= 2 ? leaf_a.edx & 0x1f : 0;
    const auto fixed = [&](unsigned index) -> unsigned {
        const bool counted = fixed_count > index;
        const bool listed = version >= 5 && (leaf_a.ecx >> index & 1) != 0;
        return counted || listed ? 1 : 0;
    };
    return {.generic = leaf_a.eax >> 8 & 0xff,
            .fixed_cycles = fixed(1),
            .fixed_instructions = fixed(0),
            .fixed_ref_cycles = fixed(2),
            .fixed_slots = fixed(3)};
}

CounterBudget amd_budget(std::optional<CpuidLeaf> leaf_80000001, std::optional<CpuidLeaf> leaf_80000022) noexcept {
    constexpr std::uint32_t core_extension = std::uint32_t{1} << 23;
    if (leaf_80000022 && (leaf_80000022->eax & 1) != 0)
        return {.generic = leaf_80000022->ebx & 0xf};
    if (leaf_80000001 && (leaf_80000001->ecx & core_extension) != 0)
        return {.generic = 6};
    return {.generic = 4};
}

CounterBudget usual_budget(std::string_view cpu_id, std::string_view pmu) noexcept {
    if (is_intel(cpu_id))
        return usual_intel_budget(cpu_id, pmu);
    if (is_amd(cpu_id))
        return {.generic = 6};
    if (pmu.starts_with("apple_"))
        return {.generic = 8, .fixed_cycles = 1, .fixed_instructions = 1};
    if (pmu.starts_with("armv"))
        return {.generic = 6, .fixed_cycles = 1};
    return {.generic = 4};
}

CounterBudget without_watchdog(CounterBudget budget) noexcept {
    if (budget.fixed_cycles != 0)
        budget.fixed_cycles = 0;
    else if (budget.generic != 0)
        --budget.generic;
    return budget;
}

CounterBudget Machine::budget(const CoreType& core) const {
    if (core.pmu.empty())
        return {};
    CounterBudget budget = usual_budget(core.cpu_id, core.pmu);
    // On a hybrid machine CPUID speaks of the kind of core that happens to execute it.
    if (is_host() && core.pmu == "cpu") {
        if (is_amd(core.cpu_id))
            budget = amd_budget(cpuid(0x80000001), cpuid(0x80000022));
        else if (const auto leaf = cpuid(0xA); leaf && is_intel(core.cpu_id))
            budget = intel_budget(*leaf);
    }
    return is_x86(arch()) && nmi_watchdog() ? without_watchdog(budget) : budget;
}

} // namespace pmc
