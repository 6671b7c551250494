#include <pmc/machine.hpp>

#include "fake_callgrind.hpp"
#include "kernel/file_tree.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sys/utsname.h>
#include <thread>
#include <unistd.h>

using pmc::Machine;
using pmc::test::captured;
using pmc::test::ScratchTree;
using pmc::test::tree_path;

TEST_SUITE_BEGIN("machine");

TEST_CASE("the host is what uname and the C library say it is") {
    const Machine& host = Machine::host();
    utsname names{};
    REQUIRE(uname(&names) == 0);
    CHECK(host.is_host());
    CHECK(host.root().empty());
    CHECK(host.arch() == names.machine);
    CHECK(host.kernel_release() == names.release);
    CHECK(host.cpu_count() == static_cast<unsigned>(sysconf(_SC_NPROCESSORS_ONLN)));
    CHECK(&host == &Machine::host());
    for (const auto& entry : std::filesystem::directory_iterator("/sys/bus/event_source/devices"))
        CHECK(std::ranges::count(host.pmu_names(), entry.path().filename().string()) == 1);
    CHECK(host.pmu("software") != nullptr);
}

TEST_CASE("a captured machine is read from its own files only") {
    const Machine machine = captured("sapphirerapids");
    CHECK_FALSE(machine.is_host());
    CHECK(machine.root() == tree_path("sapphirerapids"));
    CHECK(machine.arch() == "x86_64");
    CHECK(machine.kernel_release() == "6.1.0-28-amd64");
    CHECK(machine.cpu_name() == "Intel(R) Xeon(R) Platinum 8480+");
    CHECK(machine.cpu_count() == 56);
    CHECK(machine.paranoid() == 1);
    CHECK(machine.nmi_watchdog());
    CHECK(machine.has_core_pmu());
    CHECK(machine.pmu_names() == std::vector<std::string>{"breakpoint", "cpu", "msr", "power", "software", "tracepoint",
                                                          "uncore_imc_0", "uncore_imc_1"});
    CHECK(captured("neoverse-n1").cpu_name() == "Neoverse-N1");
}

TEST_CASE("core PMUs are found under every name they have") {
    for (const char* with : {"zen4", "alderlake", "biglittle", "neoverse-n1", "qemu-n1", "paranoid3", "sapphirerapids"})
        CHECK_MESSAGE(captured(with).has_core_pmu(), with);
    CHECK_FALSE(captured("kvm-no-pmu").has_core_pmu());

    ScratchTree apple;
    apple.write("/arch", "aarch64").write("/sys/bus/event_source/devices/apple_firestorm_pmu/type", "8\n");
    CHECK(apple.machine().has_core_pmu());
    ScratchTree only_uncore;
    only_uncore.write("/arch", "aarch64").write("/sys/bus/event_source/devices/arm_cmn_0/type", "8\n");
    CHECK_FALSE(only_uncore.machine().has_core_pmu());
    ScratchTree broken;
    broken.write("/arch", "x86_64").write("/sys/bus/event_source/devices/cpu/type", "four\n");
    CHECK_FALSE(broken.machine().has_core_pmu());
}

TEST_CASE("where nothing can be read, the kernel's defaults stand") {
    const Machine nothing = Machine::from_tree("/no/such/tree");
    CHECK(nothing.paranoid() == 2);
    CHECK_FALSE(nothing.nmi_watchdog());
    CHECK(nothing.arch().empty());
    CHECK(nothing.kernel_release().empty());
    CHECK(nothing.cpu_name().empty());
    CHECK(nothing.hypervisor().empty());
    CHECK(nothing.cpu_count() == 1);
    CHECK(nothing.pmu_names().empty());
    CHECK_FALSE(nothing.has_core_pmu());

    ScratchTree garbage;
    garbage.write("/proc/sys/kernel/perf_event_paranoid", "99999999999999\n");
    garbage.write("/proc/sys/kernel/nmi_watchdog", "yes\n");
    garbage.write("/sys/devices/system/cpu/online", "0-99999999\n");
    CHECK(garbage.machine().paranoid() == 2);
    CHECK_FALSE(garbage.machine().nmi_watchdog());
    CHECK(garbage.machine().cpu_count() == 1);
    ScratchTree open_to_all;
    open_to_all.write("/proc/sys/kernel/perf_event_paranoid", "-1\n");
    CHECK(open_to_all.machine().paranoid() == -1);
}

TEST_CASE("what was read is kept, and shared by copies") {
    ScratchTree tree("zen4");
    const Machine machine = tree.machine();
    const Machine copy = machine; // NOLINT(performance-unnecessary-copy-initialization): that is the question
    const pmc::Pmu* cpu = machine.pmu("cpu");
    REQUIRE(cpu != nullptr);
    static_cast<void>(machine.paranoid());
    tree.remove("/sys").remove("/proc");
    CHECK(copy.pmu("cpu") == cpu);
    CHECK(copy.paranoid() == 2);
    CHECK(copy.pmu("amd_l3") == nullptr);
}

TEST_CASE("several threads may be the first to ask") {
    const Machine machine = captured("alderlake");
    const pmc::Pmu* found[4] = {};
    std::thread threads[4];
    for (int index = 0; index < 4; ++index)
        threads[index] = std::thread([&, index] {
            if (machine.is_hybrid() && machine.pmu("cpu_atom") != nullptr)
                found[index] = machine.pmu("cpu_core");
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK(found[0] != nullptr);
    for (const pmc::Pmu* each : found)
        CHECK(each == found[0]);
}

TEST_CASE("in a program that pmcstat runs under callgrind the host is the model, and the hardware what it was") {
    const Machine& before = Machine::host();
    {
        const fake::Callgrind callgrind{[] { return std::nullopt; }};
        CHECK(&Machine::host() == &Machine::callgrind());
        CHECK(Machine::host().model() == "callgrind-0 made up");
        CHECK(&Machine::hardware() == &before);
        CHECK(Machine::cachegrind().model() != Machine::host().model());
    }
    CHECK(&Machine::host() == &before);
    CHECK(before.model().empty());
}

TEST_SUITE_END();
