#include "machine/budget.hpp"

#include "test_tree.hpp"

#include <doctest/doctest.h>

using pmc::CounterBudget;
using pmc::CpuidLeaf;
using pmc::test::captured;
using pmc::test::ScratchTree;

namespace {

unsigned fixed_counters(const CounterBudget& budget) {
    return budget.fixed_cycles + budget.fixed_instructions + budget.fixed_ref_cycles + budget.fixed_slots;
}

} // namespace

TEST_SUITE_BEGIN("budget");

TEST_CASE("Intel: leaf 0xA has version, width and number in EAX, fixed counters in EDX and ECX") {
    const CounterBudget skylake = pmc::intel_budget({.eax = 0x07300404, .edx = 0x603});
    CHECK(skylake.generic == 4);
    CHECK(fixed_counters(skylake) == 3);
    CHECK(skylake.fixed_slots == 0);
    const CounterBudget ice_lake = pmc::intel_budget({.eax = 0x08300805, .edx = 0x604});
    CHECK(ice_lake.generic == 8);
    CHECK(fixed_counters(ice_lake) == 4);
    const CounterBudget by_bitmap = pmc::intel_budget({.eax = 0x08300805, .ecx = 0x2, .edx = 0x600});
    CHECK(by_bitmap.fixed_cycles == 1);
    CHECK(fixed_counters(by_bitmap) == 1);
    CHECK(pmc::intel_budget({}).generic == 0);
}

TEST_CASE("AMD: the number is in leaf 0x80000022, else 6 with the core extension, else 4") {
    CHECK(pmc::amd_budget(CpuidLeaf{.ecx = 1U << 23}, CpuidLeaf{.eax = 1, .ebx = 0x0010'0406}).generic == 6);
    CHECK(pmc::amd_budget(CpuidLeaf{.ecx = 1U << 23}, CpuidLeaf{}).generic == 6);
    CHECK(pmc::amd_budget(CpuidLeaf{.ecx = 1U << 23}, std::nullopt).generic == 6);
    CHECK(pmc::amd_budget(CpuidLeaf{}, std::nullopt).generic == 4);
    CHECK(pmc::amd_budget(std::nullopt, std::nullopt).generic == 4);
}

TEST_CASE("the NMI watchdog takes fixed cycles, or a generic counter where there is none") {
    const CounterBudget intel = pmc::without_watchdog({.generic = 8, .fixed_cycles = 1, .fixed_instructions = 1});
    CHECK(intel.generic == 8);
    CHECK(intel.fixed_cycles == 0);
    CHECK(pmc::without_watchdog({.generic = 6}).generic == 5);
    CHECK(pmc::without_watchdog({}).generic == 0);
}

TEST_CASE("captured machines have what is usual for their CPU, less the watchdog's") {
    const auto budget_of = [](const char* tree, std::size_t core = 0) {
        const pmc::Machine machine = captured(tree);
        return machine.budget(machine.core_types().at(core));
    };
    const CounterBudget zen4 = budget_of("zen4"); // watchdog on
    CHECK(zen4.generic == 5);
    CHECK(fixed_counters(zen4) == 0);

    const CounterBudget sapphire_rapids = budget_of("sapphirerapids"); // watchdog on
    CHECK(sapphire_rapids.generic == 8);
    CHECK(sapphire_rapids.fixed_slots == 1);
    CHECK(sapphire_rapids.fixed_cycles == 0);
    CHECK(sapphire_rapids.fixed_instructions == 1);

    CHECK(budget_of("paranoid3").generic == 4); // Skylake, SMT on
    CHECK(fixed_counters(budget_of("paranoid3")) == 3);
    CHECK(budget_of("alderlake", 0).generic == 8);
    CHECK(budget_of("alderlake", 0).fixed_slots == 1);
    CHECK(budget_of("alderlake", 1).generic == 6);
    CHECK(budget_of("alderlake", 1).fixed_slots == 0);
    for (const char* arm : {"neoverse-n1", "qemu-n1", "biglittle"}) {
        CHECK(budget_of(arm).generic == 6);
        CHECK(budget_of(arm).fixed_cycles == 1);
        CHECK(fixed_counters(budget_of(arm)) == 1);
    }
}

TEST_CASE("without a PMU there are no counters, whatever the CPU's model has") {
    const pmc::Machine machine = captured("kvm-no-pmu");
    const CounterBudget budget = machine.budget(machine.core_types().front());
    CHECK(budget.generic == 0);
    CHECK(fixed_counters(budget) == 0);
}

TEST_CASE("arm64 has no NMI watchdog that would count") {
    ScratchTree tree("qemu-n1");
    tree.write("/proc/sys/kernel/nmi_watchdog", "1\n");
    const pmc::Machine machine = tree.machine();
    CHECK(machine.budget(machine.core_types().front()).fixed_cycles == 1);
}

TEST_SUITE_END();
