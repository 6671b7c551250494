#include "machine/cpu_id.hpp"

#include "test_tree.hpp"

#include <doctest/doctest.h>

using pmc::CoreType;
using pmc::Machine;
using pmc::test::captured;
using pmc::test::ScratchTree;
using Cpus = std::vector<int>;

TEST_SUITE_BEGIN("cpu_id");

TEST_CASE("x86 ids: family in decimal, model and stepping in upper-case hexadecimal") {
    CHECK(pmc::x86_cpu_id("GenuineIntel", 6, 0x8f, 8) == "GenuineIntel-6-8F-8");
    CHECK(pmc::x86_cpu_id("AuthenticAMD", 25, 0x11, 1) == "AuthenticAMD-25-11-1");
    CHECK(pmc::x86_cpu_id("GenuineIntel", 6, 0x55, 0xb) == "GenuineIntel-6-55-B");
}

TEST_CASE("x86 ids from CPUID: the extended family and model count where they must") {
    const pmc::CpuidLeaf intel{.ebx = 0x756e6547, .ecx = 0x6c65746e, .edx = 0x49656e69};
    const pmc::CpuidLeaf amd{.ebx = 0x68747541, .ecx = 0x444d4163, .edx = 0x69746e65};
    CHECK(pmc::x86_cpu_id(intel, 0x000606a6) == "GenuineIntel-6-6A-6"); // Ice Lake-SP
    CHECK(pmc::x86_cpu_id(intel, 0x000806f8) == "GenuineIntel-6-8F-8"); // Sapphire Rapids
    CHECK(pmc::x86_cpu_id(amd, 0x00a10f11) == "AuthenticAMD-25-11-1");  // Zen 4
    CHECK(pmc::x86_cpu_id(amd, 0x00830f10) == "AuthenticAMD-23-31-0");  // Zen 2
    CHECK(pmc::x86_cpu_id(intel, 0x00000543) == "GenuineIntel-5-4-3");  // a Pentium has no extended model
}

TEST_CASE("Arm ids: implementer and part of the MIDR, never its variant or revision") {
    CHECK(pmc::midr_cpu_id(0x413fd0c1) == "midr-41-d0c");
    CHECK(pmc::midr_cpu_id(0x410fd034) == "midr-41-d03");
    CHECK(pmc::midr_cpu_id(0x461f0010) == "midr-46-001");
    CHECK(pmc::arm_part_name("midr-41-d0c") == "Neoverse-N1");
    CHECK(pmc::arm_part_name("midr-41-d08") == "Cortex-A72");
    CHECK(pmc::arm_part_name("midr-99-123") == "midr-99-123");
}

TEST_CASE("the host's id by CPUID is the one that /proc/cpuinfo gives") {
    const Machine& host = Machine::host();
    const Machine read = Machine::from_tree("/"); // the same machine by its files
    CHECK(host.arch() == read.arch());
    CHECK(host.core_types().front().cpu_id == read.core_types().front().cpu_id);
    CHECK(host.cpu_name() == read.cpu_name());
}

TEST_CASE("one kind of core: the PMU, and no list of CPUs") {
    const auto only_core = [](const char* tree) {
        const std::vector<CoreType> cores = captured(tree).core_types();
        REQUIRE(cores.size() == 1);
        CHECK(cores.front().cpus.empty());
        return cores.front();
    };
    CHECK(only_core("zen4").cpu_id == "AuthenticAMD-25-11-1");
    CHECK(only_core("zen4").pmu == "cpu");
    CHECK(only_core("sapphirerapids").cpu_id == "GenuineIntel-6-8F-8");
    CHECK(only_core("neoverse-n1").cpu_id == "midr-41-d0c");
    CHECK(only_core("neoverse-n1").pmu == "armv8_pmuv3_0");
    CHECK(only_core("qemu-n1").pmu == "armv8_pmuv3");
    CHECK(only_core("kvm-no-pmu").cpu_id == "GenuineIntel-6-6A-6");
    CHECK(only_core("kvm-no-pmu").pmu.empty());
}

TEST_CASE("hybrid x86: one id, told apart by the PMU; the big cores first") {
    const Machine machine = captured("alderlake");
    CHECK(machine.is_hybrid());
    REQUIRE(machine.core_types().size() == 2);
    const CoreType& big = machine.core_types()[0];
    const CoreType& small = machine.core_types()[1];
    CHECK(big.pmu == "cpu_core");
    CHECK(big.cpus.size() == 16);
    CHECK(small.pmu == "cpu_atom");
    CHECK(small.cpus == Cpus{16, 17, 18, 19, 20, 21, 22, 23});
    CHECK(big.cpu_id == "GenuineIntel-6-97-2");
    CHECK(big.cpu_id == small.cpu_id);
}

TEST_CASE("big.LITTLE: one kind of core per MIDR, each with the PMU whose CPUs they are") {
    const Machine machine = captured("biglittle");
    REQUIRE(machine.core_types().size() == 2);
    CHECK(machine.core_types()[0].cpu_id == "midr-41-d03");
    CHECK(machine.core_types()[0].pmu == "armv8_cortex_a53");
    CHECK(machine.core_types()[0].cpus == Cpus{0, 1, 2, 3});
    CHECK(machine.core_types()[1].cpu_id == "midr-41-d08");
    CHECK(machine.core_types()[1].pmu == "armv8_cortex_a72");
    CHECK(machine.core_types()[1].cpus == Cpus{4, 5});
    CHECK(machine.cpu_name() == "Cortex-A53 + Cortex-A72");
}

TEST_CASE("big.LITTLE: /proc/cpuinfo stands in for sysfs") {
    ScratchTree tree("biglittle");
    tree.remove("/sys/devices/system/cpu");
    const Machine machine = tree.machine();
    REQUIRE(machine.core_types().size() == 2);
    CHECK(machine.core_types()[1].cpu_id == "midr-41-d08");
    CHECK(machine.core_types()[1].cpus == Cpus{4, 5});
    CHECK(machine.cpu_count() == 6);
}

TEST_CASE("CPU 10 comes after CPU 9") {
    ScratchTree tree;
    tree.write("/arch", "aarch64\n");
    for (int cpu = 0; cpu < 12; ++cpu)
        tree.write("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/regs/identification/midr_el1",
                   cpu < 10 ? "0x00000000410fd034\n" : "0x00000000410fd082\n");
    const Machine machine = tree.machine();
    REQUIRE(machine.core_types().size() == 2);
    CHECK(machine.core_types()[0].cpus == Cpus{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(machine.core_types()[1].cpus == Cpus{10, 11});
}

TEST_CASE("the architecture of a tree without the file arch is told by its cpuinfo") {
    const auto arch_with = [](const char* cpuinfo) {
        ScratchTree tree;
        tree.write("/proc/cpuinfo", cpuinfo);
        return tree.machine().arch();
    };
    CHECK(arch_with("vendor_id : AuthenticAMD\ncpu family : 25\nflags : fpu lm\n") == "x86_64");
    CHECK(arch_with("vendor_id : GenuineIntel\ncpu family : 6\nflags : fpu\n") == "i686");
    CHECK(arch_with("processor : 0\nCPU implementer : 0x41\nCPU architecture: 8\n") == "aarch64");
    CHECK(arch_with("processor : 0\nCPU implementer : 0x41\nCPU architecture: 7\n") == "armv7l");
    CHECK(arch_with("processor : 0\nisa : rv64imafdc\n") == "riscv64");
    CHECK(arch_with("nothing of use") == "");
}

TEST_CASE("riscv: three ids in one, PMU cpu") {
    ScratchTree tree;
    tree.write("/proc/cpuinfo", "processor\t: 0\nhart\t: 0\nisa\t: rv64imafdc\nuarch\t: sifive,u74\n"
                                "mvendorid\t: 0x489\nmarchid\t: 0x8000000000000007\nmimpid\t: 0x4210427\n");
    tree.write("/sys/bus/event_source/devices/cpu/type", "4\n");
    const Machine machine = tree.machine();
    CHECK(machine.core_types().front().cpu_id == "0x489-0x8000000000000007-0x4210427");
    CHECK(machine.core_types().front().pmu == "cpu");
    CHECK(machine.cpu_name() == "sifive,u74");
}

TEST_CASE("hostile trees: there is always one kind of core, and never a crash") {
    const auto cores_with = [](const char* arch, const char* cpuinfo) {
        ScratchTree tree;
        tree.write("/arch", arch).write("/proc/cpuinfo", cpuinfo);
        tree.write("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "0xnonsense\n");
        tree.write("/sys/devices/system/cpu/cpufreq/x", "");
        tree.write("/sys/devices/system/cpu/cpu99999999999/regs/identification/midr_el1", "0x0\n");
        const Machine machine = tree.machine();
        CHECK(machine.cpu_count() >= 1);
        static_cast<void>(machine.cpu_name());
        return machine.core_types();
    };
    for (const char* arch : {"x86_64", "aarch64", "riscv64", "", "\n", "z80"})
        for (const char* cpuinfo :
             {"", "\n\n\n", ":::\n:\n", "vendor_id : GenuineIntel\ncpu family : six\nmodel : -1\n",
              "processor : 0\nCPU implementer : 0x999\nCPU part : 0xfffff\n",
              "processor : 99999999999\nCPU implementer : 0x41\nCPU part : 0xd0c"}) {
            const std::vector<CoreType> cores = cores_with(arch, cpuinfo);
            REQUIRE(cores.size() == 1);
            CHECK(cores.front().cpu_id == "");
        }
    CHECK(Machine::from_tree("/no/such/tree").core_types().size() == 1);
}

TEST_SUITE_END();
