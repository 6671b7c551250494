#include "machine/reason.hpp"

#include "machine/denial.hpp"

#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <set>
#include <string>

using pmc::Cause;
using pmc::Machine;
using pmc::Reason;
using pmc::test::captured;
using pmc::test::ScratchTree;

namespace {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

ScratchTree& with_status(ScratchTree& tree, const char* capabilities, int seccomp) {
    tree.write("/proc/self/status",
               std::string("Name:\tapp\nCapEff:\t") + capabilities + "\nSeccomp:\t" + std::to_string(seccomp) + "\n");
    return tree;
}

constexpr const char* no_capabilities = "0000000000000000";
constexpr const char* only_perfmon = "0000004000000000";
constexpr const char* all_capabilities = "000001ffffffffff";

} // namespace

TEST_SUITE_BEGIN("reason");

TEST_CASE("every cause has its own name") {
    std::set<std::string_view> names;
    for (int cause = 0; cause <= static_cast<int>(Cause::rejected); ++cause)
        names.insert(pmc::to_string(static_cast<Cause>(cause)));
    CHECK(names.size() == static_cast<std::size_t>(Cause::rejected) + 1);
    CHECK(names.contains("no_virtual_pmu"));
    CHECK(pmc::to_string(Cause::none) == "none");
}

TEST_CASE("the errno's name ends the evidence") {
    CHECK(pmc::make_reason(Cause::rejected, "no", EINVAL).evidence == "no (errno EINVAL)");
    CHECK(pmc::make_reason(Cause::rejected, "no", 4711).evidence == "no (errno 4711)");
    CHECK(pmc::make_reason(Cause::never_scheduled, "no").evidence == "no");
    CHECK(pmc::make_reason(Cause::rejected, "no", EINVAL).error == EINVAL);
}

TEST_CASE("every failure has evidence of one line that ends with the errno, and a remedy of one line") {
    for (const char* tree : {"kvm-no-pmu", "zen4", "qemu-n1", "paranoid3", "/no-such-tree"})
        for (int error = 1; error < 134; ++error)
            for (const char* pmu : {"", "cpu", "software", "tracepoint", "amd_l3", "no_such_pmu"}) {
                const Reason reason = captured(tree).why(error, "cycles", pmu, error % 2 == 0);
                CHECK(reason);
                CHECK(reason.error == error);
                CHECK(has(reason.evidence, "(errno "));
                CHECK(reason.evidence.ends_with(")"));
                CHECK_FALSE(has(reason.evidence + reason.remedy, "\n"));
            }
}

TEST_CASE("a machine with a PMU has no reason for having none") {
    CHECK_FALSE(captured("zen4").why_no_pmu());
    CHECK(captured("zen4").why_no_pmu().evidence.empty());
}

TEST_CASE("no_virtual_pmu: a guest without a PMU, with the remedy of its hypervisor") {
    const Reason known = captured("kvm-no-pmu").why_no_pmu();
    CHECK(known.cause == Cause::no_virtual_pmu);
    CHECK(known.evidence == "QEMU guest without a virtual PMU");
    CHECK(has(known.remedy, "-cpu host,pmu=on"));
    for (const char* pmu : {"", "cpu"}) {
        const Reason met = captured("kvm-no-pmu").why(ENOENT, "cycles", pmu, false);
        CHECK(met.cause == Cause::no_virtual_pmu);
        CHECK(met.evidence == "QEMU guest without a virtual PMU (errno ENOENT)");
        CHECK(met.remedy == known.remedy);
    }
    ScratchTree vmware("kvm-no-pmu");
    vmware.write("/sys/class/dmi/id/sys_vendor", "VMware, Inc.");
    CHECK(has(vmware.machine().why_no_pmu().remedy, "vpmc.enable"));
    ScratchTree unknown("kvm-no-pmu");
    unknown.remove("/sys/class/dmi");
    CHECK(unknown.machine().why_no_pmu().evidence == "virtual machine without a virtual PMU");
    CHECK_FALSE(unknown.machine().why_no_pmu().remedy.empty());
}

TEST_CASE("no_pmu: none, and no hypervisor to blame") {
    ScratchTree tree("zen4");
    tree.remove("/sys/bus/event_source/devices/cpu");
    CHECK(tree.machine().why_no_pmu().cause == Cause::no_pmu);
    CHECK(tree.machine().why(ENOENT, "cycles", "", false).cause == Cause::no_pmu);
    CHECK_FALSE(tree.machine().why_no_pmu().remedy.empty());
}

TEST_CASE("not_on_this_cpu: a PMU is there, the event is not") {
    const Reason reason = captured("qemu-n1").why(ENOENT, "cache-misses", "armv8_pmuv3", false);
    CHECK(reason.cause == Cause::not_on_this_cpu);
    CHECK(has(reason.evidence, "Neoverse-N1"));
    CHECK(captured("qemu-n1").why(ENXIO, "cache-misses", "", false).cause == Cause::not_on_this_cpu);
    CHECK(captured("zen4").why(EOPNOTSUPP, "cycles", "cpu", false).cause == Cause::not_on_this_cpu);
    // a software or uncore event that is missing has nothing to do with a missing core PMU
    const Machine guest = captured("kvm-no-pmu");
    CHECK(guest.why(ENOENT, "sched:gone", "tracepoint", false).cause == Cause::not_on_this_cpu);
    CHECK(guest.why(ENOENT, "bpf-output", "software", false).cause == Cause::not_on_this_cpu);
    CHECK(has(guest.why(ENOENT, "x", "uncore_imc_0", false).evidence, "no PMU uncore_imc_0"));
}

TEST_CASE("paranoid: level 2 forbids kernel mode only, and the remedy says the ways out") {
    const Reason reason = captured("zen4").why(EACCES, "cycles", "cpu", true);
    CHECK(reason.cause == Cause::paranoid);
    CHECK(has(reason.evidence, "kernel.perf_event_paranoid is 2"));
    CHECK(has(reason.evidence, "kernel mode"));
    CHECK(has(reason.remedy, ":u"));
    CHECK(has(reason.remedy, "CAP_PERFMON"));
    CHECK(has(reason.remedy, "sudo sysctl kernel.perf_event_paranoid=1"));
}

TEST_CASE("paranoid: each remedy is the level at which the very thing may be counted") {
    using pmc::Reach;
    ScratchTree tree("zen4");
    const auto remedy = [&](int level, bool kernel, Reach reach) {
        tree.write("/proc/sys/kernel/perf_event_paranoid", std::to_string(level));
        const Reason reason = tree.machine().why(EACCES, "cycles", "cpu", kernel, reach);
        CHECK(reason.cause == Cause::paranoid);
        return reason.remedy;
    };
    for (const int level : {1, 2, 3, 4})
        for (const bool kernel : {false, true})
            CHECK(has(remedy(level, kernel, Reach::cpu), "kernel.perf_event_paranoid=0"));
    for (const int level : {2, 3, 4})
        CHECK(has(remedy(level, true, Reach::own), "kernel.perf_event_paranoid=1"));
    for (const int level : {3, 4}) {
        CHECK(has(remedy(level, false, Reach::own), "kernel.perf_event_paranoid=2"));
        CHECK(has(remedy(level, false, Reach::process), "kernel.perf_event_paranoid=2"));
        CHECK(remedy(level, false, Reach::others) == "run as root");
    }
    // :u is a way out where user mode is free, and only there.
    CHECK(has(remedy(2, true, Reach::own), ":u"));
    CHECK_FALSE(has(remedy(2, true, Reach::cpu), ":u"));
    CHECK_FALSE(has(remedy(3, true, Reach::own), ":u"));
}

TEST_CASE("a process that is not this user's: no level helps") {
    for (const int level : {-1, 0, 1, 2}) {
        CAPTURE(level);
        ScratchTree tree("zen4");
        tree.write("/proc/sys/kernel/perf_event_paranoid", std::to_string(level));
        const Reason reason = tree.machine().why(EACCES, "cycles", "cpu", false, pmc::Reach::process);
        CHECK(reason.cause == Cause::blocked);
        CHECK(has(reason.evidence, "another user's"));
        CHECK(has(reason.remedy, "CAP_PERFMON"));
        CHECK_FALSE(has(reason.remedy, "sysctl"));
    }
}

TEST_CASE("root of a user namespace is not told to be root, but where it would count") {
    ScratchTree tree("zen4");
    with_status(tree, all_capabilities, 0).write("/proc/self/uid_map", "0 1000 1\n");
    const Reason denied = tree.machine().why(EACCES, "cycles", "cpu", true);
    CHECK(denied.cause == Cause::paranoid);
    CHECK(has(denied.remedy, "run outside of this user namespace, with CAP_PERFMON"));
    CHECK(has(denied.remedy, "outside of this user namespace: sudo sysctl kernel.perf_event_paranoid=1"));
    CHECK(has(pmc::no_tracefs(tree.machine()).remedy, "run outside of this user namespace, as root"));
    tree.write("/proc/sys/kernel/perf_event_paranoid", "3");
    CHECK(has(tree.machine().why(EACCES, "cycles", "cpu", true).remedy, "run outside of this user namespace, as root"));
}

TEST_CASE("root of a container that was started without the capability is told how to start it") {
    ScratchTree tree("zen4");
    tree.write("/proc/self/status", "CapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nSeccomp:\t0\n");
    tree.write("/.dockerenv", "");
    CHECK(has(tree.machine().why(EACCES, "cycles", "cpu", true).remedy, "start the container with --cap-add PERFMON"));
    tree.write("/proc/sys/kernel/perf_event_paranoid", "3");
    CHECK(has(tree.machine().why(EACCES, "cycles", "cpu", true).remedy, "--cap-add SYS_ADMIN"));
    tree.remove("/.dockerenv").write("/proc/self/cgroup", "0::/kubepods/pod1\n");
    CHECK(has(tree.machine().why(EACCES, "cycles", "cpu", true).remedy, "add SYS_ADMIN to the container's security"));
    tree.write("/proc/self/cgroup", "0::/lxc.payload.box\n");
    CHECK(has(tree.machine().why(EACCES, "cycles", "cpu", true).remedy, "start the LXC container with CAP_SYS_ADMIN"));
}

TEST_CASE("no_tracefs: who can't read it is told who can, and root to mount it") {
    const auto reason_with = [](const char* capabilities, const char* mounts) {
        ScratchTree tree("zen4");
        with_status(tree, capabilities, 0).write("/proc/self/mounts", mounts);
        return pmc::no_tracefs(tree.machine());
    };
    constexpr const char* mounted = "sysfs /sys sysfs rw 0 0\ntracefs /sys/kernel/tracing tracefs rw 0 0\n";
    constexpr const char* by_debugfs = "debugfs /sys/kernel/debug debugfs rw 0 0\n";
    constexpr const char* elsewhere = "tracefs /mnt/tracing tracefs rw 0 0\n";
    CHECK(reason_with(no_capabilities, mounted).remedy == "run as root");
    CHECK(reason_with(no_capabilities, by_debugfs).remedy == "run as root");
    CHECK(has(reason_with(no_capabilities, elsewhere).remedy, "run as root, where it is not mounted after mount -t"));
    CHECK(reason_with(all_capabilities, elsewhere).remedy == "mount -t tracefs nodev /sys/kernel/tracing");
    CHECK(has(reason_with(all_capabilities, elsewhere).evidence, "tracefs is not mounted"));
    CHECK_FALSE(has(reason_with(all_capabilities, mounted).remedy, "root"));
    ScratchTree locked("zen4");
    with_status(locked, all_capabilities, 0)
        .write("/proc/self/mounts", mounted)
        .write("/sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
    CHECK(has(pmc::no_tracefs(locked.machine()).remedy, "lockdown"));
    for (const char* const capabilities : {no_capabilities, all_capabilities})
        CHECK(reason_with(capabilities, mounted).cause == Cause::no_tracefs);
}

TEST_CASE("paranoid: what counts in one place needs level 0") {
    const Reason reason = captured("sapphirerapids").why(EACCES, "energy", "power", true);
    CHECK(reason.cause == Cause::paranoid);
    CHECK(has(reason.evidence, "kernel.perf_event_paranoid is 1"));
    CHECK(has(reason.remedy, "kernel.perf_event_paranoid=0"));
}

TEST_CASE("paranoid: from level 3 on only CAP_SYS_ADMIN helps, neither :u nor CAP_PERFMON") {
    ScratchTree perfmon("paranoid3");
    with_status(perfmon, only_perfmon, 0);
    for (const Machine& machine : {captured("paranoid3"), perfmon.machine()}) {
        const Reason reason = machine.why(EACCES, "cycles", "cpu", false);
        CHECK(reason.cause == Cause::paranoid);
        CHECK(has(reason.evidence, "kernel.perf_event_paranoid is 3"));
        CHECK(has(reason.evidence, "CAP_SYS_ADMIN"));
        CHECK(has(reason.evidence, ":u does not help"));
        CHECK(has(reason.remedy, "kernel.perf_event_paranoid=2"));
        CHECK(has(machine.why(EACCES, "cycles", "cpu", true).remedy, "kernel.perf_event_paranoid=1"));
    }
    CHECK(has(captured("alderlake").why(EACCES, "cycles", "cpu_core", false).evidence, "is 4"));
}

TEST_CASE("paranoid: a container's setting is its host's") {
    ScratchTree tree("zen4");
    tree.write("/.dockerenv", "");
    CHECK(has(tree.machine().why(EACCES, "cycles", "cpu", true).remedy, "on the container's host"));
}

TEST_CASE("blocked: EACCES in spite of the capability is a security module's") {
    ScratchTree tree("zen4");
    with_status(tree, only_perfmon, 0);
    CHECK(tree.machine().why(EACCES, "cycles", "cpu", true).cause == Cause::blocked);
    ScratchTree root("paranoid3");
    with_status(root, all_capabilities, 0);
    CHECK(root.machine().why(EACCES, "cycles", "cpu", true).cause == Cause::blocked);
    // … but the capabilities of a rootless container are none
    root.write("/proc/self/uid_map", "0 1000 1\n");
    CHECK(root.machine().why(EACCES, "cycles", "cpu", true).cause == Cause::paranoid);
}

TEST_CASE("blocked: EPERM is seccomp, a container or a security module") {
    ScratchTree docker("zen4");
    with_status(docker, no_capabilities, 2).write("/.dockerenv", "");
    const Reason seccomp = docker.machine().why(EPERM, "cycles", "cpu", false);
    CHECK(seccomp.cause == Cause::blocked);
    CHECK(seccomp.evidence == "a seccomp filter forbids perf_event_open in this Docker container (errno EPERM)");
    CHECK(has(seccomp.remedy, "--cap-add PERFMON"));

    ScratchTree sandbox("zen4");
    with_status(sandbox, no_capabilities, 2);
    CHECK(sandbox.machine().why(EPERM, "cycles", "cpu", false).evidence ==
          "a seccomp filter forbids perf_event_open (errno EPERM)");

    ScratchTree kubernetes("zen4");
    kubernetes.write("/proc/self/cgroup", "0::/kubepods/pod1\n");
    const Reason container = kubernetes.machine().why(EPERM, "cycles", "cpu", false);
    CHECK(container.cause == Cause::blocked);
    CHECK(has(container.evidence, "Kubernetes"));
    CHECK(has(container.remedy, "securityContext"));

    const Reason module = captured("zen4").why(EPERM, "cycles", "cpu", false);
    CHECK(module.cause == Cause::blocked);
    CHECK(has(module.evidence, "security module"));
    ScratchTree locked("zen4");
    locked.write("/sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
    CHECK(has(locked.machine().why(EPERM, "cycles", "cpu", false).evidence, "locked down"));
}

TEST_CASE("EPERM for a tracepoint is not the container's doing: others were opened there") {
    ScratchTree docker("zen4");
    with_status(docker, all_capabilities, 0).write("/.dockerenv", "");
    const Reason reason = docker.machine().why(EPERM, "ftrace:function", "tracepoint", true);
    CHECK(reason.cause == Cause::rejected);
    CHECK(has(reason.evidence, "tracepoint"));
    CHECK(captured("zen4").why(EPERM, "raw_syscalls:sys_enter", "tracepoint", true).cause == Cause::paranoid);
}

TEST_CASE("ENOSYS: a kernel without perf, unless a seccomp filter says it") {
    const Reason kernel = captured("zen4").why(ENOSYS, "cycles", "cpu", false);
    CHECK(kernel.cause == Cause::no_perf_in_kernel);
    CHECK(has(kernel.remedy, "CONFIG_PERF_EVENTS"));
    ScratchTree podman("zen4");
    with_status(podman, no_capabilities, 2).write("/run/.containerenv", "");
    const Reason seccomp = podman.machine().why(ENOSYS, "cycles", "cpu", false);
    CHECK(seccomp.cause == Cause::blocked);
    CHECK(has(seccomp.evidence, "Podman"));
}

TEST_CASE("too_many_files: the limit is named, and how to raise it") {
    const Reason mine = captured("zen4").why(EMFILE, "cycles", "cpu", false);
    CHECK(mine.cause == Cause::too_many_files);
    CHECK(has(mine.evidence, "no more than 1024 files"));
    CHECK(has(mine.remedy, "ulimit -n 524288"));
    ScratchTree tree("zen4");
    tree.write("/proc/sys/fs/file-max", "9223372036854775807\n").remove("/proc/self/limits");
    CHECK(has(tree.machine().why(EMFILE, "cycles", "cpu", false).remedy, "ulimit -n"));
    const Reason all = tree.machine().why(ENFILE, "cycles", "cpu", false);
    CHECK(all.cause == Cause::too_many_files);
    CHECK(has(all.evidence, "9223372036854775807"));
    CHECK(has(all.remedy, "fs.file-max"));
    for (const char* limits : {"Max open files", "Max open files\n", "Max open files  \n", "Max open files 5"}) {
        tree.write("/proc/self/limits", limits);
        CHECK(tree.machine().why(EMFILE, "cycles", "cpu", false).cause == Cause::too_many_files);
    }
}

TEST_CASE("counters_busy: breakpoints, the NMI watchdog, others") {
    const Reason breakpoint = captured("zen4").why(ENOSPC, "mem:0x1000:w", "breakpoint", false);
    CHECK(breakpoint.cause == Cause::counters_busy);
    CHECK(has(breakpoint.evidence, "breakpoints"));
    const Reason watched = captured("zen4").why(EBUSY, "cycles", "cpu", false);
    CHECK(watched.cause == Cause::counters_busy);
    CHECK(has(watched.remedy, "kernel.nmi_watchdog=0"));
    const Reason other = captured("qemu-n1").why(EBUSY, "cycles", "armv8_pmuv3", false);
    CHECK(other.cause == Cause::counters_busy);
    CHECK_FALSE(has(other.remedy, "nmi_watchdog"));
}

TEST_CASE("cpu_offline: only where a CPU is offline") {
    ScratchTree tree("zen4");
    tree.write("/sys/devices/system/cpu/offline", "30-31\n");
    const Reason offline = tree.machine().why(ENODEV, "cycles", "cpu", false);
    CHECK(offline.cause == Cause::cpu_offline);
    CHECK(has(offline.evidence, "30-31"));
    CHECK(captured("zen4").why(ENODEV, "cycles", "cpu", false).cause == Cause::not_on_this_cpu);
}

TEST_CASE("counts_elsewhere: EINVAL of a PMU that counts in one place") {
    const Reason reason = captured("zen4").why(EINVAL, "l3", "amd_l3", false);
    CHECK(reason.cause == Cause::counts_elsewhere);
    CHECK(has(reason.evidence, "amd_l3"));
}

TEST_CASE("target_gone, out_of_memory and rejected") {
    const Machine machine = captured("zen4");
    CHECK(machine.why(ESRCH, "cycles", "cpu", false).cause == Cause::target_gone);
    CHECK(machine.why(ENOMEM, "cycles", "cpu", false).cause == Cause::out_of_memory);
    CHECK(machine.why(EINVAL, "cycles", "cpu", false).cause == Cause::rejected);
    CHECK(machine.why(E2BIG, "cycles", "cpu", false).cause == Cause::rejected);
    CHECK(machine.why(EFAULT, "cycles", "cpu", false).cause == Cause::rejected);
}

TEST_CASE("causes that no errno shows have their remedy too") {
    for (const Cause cause : {Cause::group_too_large, Cause::never_scheduled, Cause::counts_elsewhere, Cause::no_pmu})
        CHECK_FALSE(pmc::usual_remedy(cause).empty());
    for (const Cause cause : {Cause::none, Cause::never_ran, Cause::division_by_zero, Cause::part_missing})
        CHECK(pmc::usual_remedy(cause).empty());
}

TEST_SUITE_END();
