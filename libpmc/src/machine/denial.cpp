#include "machine/denial.hpp"

#include "machine/privilege.hpp"
#include "machine/reason.hpp"

#include <cerrno>

namespace pmc {
namespace {

constexpr int raw_tracepoint_level = -1;
constexpr int cpu_level = 0;
constexpr int user_level = 2;

/// The highest level at which everybody may count it. Debian and Ubuntu have levels 3 and 4, which mainline lacks:
/// nothing may be opened, and CAP_PERFMON is no help.
int level_for(const Failure& failure) {
    if (failure.error == EPERM) // raw data of tracepoints (6.1)
        return raw_tracepoint_level;
    const Pmu* const pmu = failure.pmu.empty() ? nullptr : failure.machine.pmu(failure.pmu);
    if (failure.reach == Reach::cpu || (pmu != nullptr && !pmu->cpumask.empty()))
        return cpu_level;
    return failure.kernel ? kernel_level : user_level;
}

/// Whether it has the capability that the level does not bind.
bool is_exempt(const Privilege& privilege, int level) noexcept {
    return privilege.sys_admin || (privilege.perfmon && level <= user_level);
}

/// Where what only the machine's own root may do is done.
std::string outside(const Privilege& privilege) {
    if (!privilege.container.empty())
        return "on the container's host: ";
    return privilege.nested ? "outside of this user namespace: " : "";
}

/// How a container is started so that its root has the capability: in the words of who starts it.
std::string start_with(std::string_view capability, const std::string& container) {
    if (container == "Docker" || container == "Podman")
        return std::string("start the container with --cap-add ").append(capability);
    if (container == "Kubernetes")
        return std::string("add ").append(capability) + " to the container's securityContext.capabilities";
    return std::string("start the ") + (container == "LXC" ? "LXC container" : "container") + " with CAP_" +
           std::string(capability);
}

/// Root of a user namespace is root already, and nobody to perf_event_open.
std::string run(const Privilege& privilege, std::string_view as) {
    return std::string(privilege.nested ? "run outside of this user namespace, " : "run ").append(as);
}

std::string be_root(const Privilege& privilege) {
    return privilege.bounded && !privilege.nested ? start_with("SYS_ADMIN", privilege.container)
                                                  : run(privilege, "as root");
}

std::string have_rights(const Privilege& privilege, int level) {
    if (level > user_level)
        return be_root(privilege);
    return privilege.bounded && !privilege.nested ? start_with("PERFMON", privilege.container)
                                                  : run(privilege, "with CAP_PERFMON (or as root)");
}

std::string lower_to(int level, const Privilege& privilege) {
    return outside(privilege) + "sudo sysctl kernel.perf_event_paranoid=" + std::to_string(level);
}

Reason why_security_module(const Failure& failure) {
    if (read_privilege(failure.tree).is_confidential())
        return reason_of(Cause::blocked, failure.error, "the kernel is locked down for confidentiality",
                         "boot without lockdown=confidentiality");
    return reason_of(Cause::blocked, failure.error, "a security module of the kernel forbids it",
                     "look for a denial in the kernel's log (dmesg)");
}

/// No level lets a process be counted that this one could not trace.
Reason why_foreign(const Failure& failure, const Privilege& privilege, int level) {
    return reason_of(Cause::blocked, failure.error, "it is another user's, or has rights that this process has not",
                     "run as its user, or " + have_rights(privilege, level));
}

std::string forbidden(const Failure& failure, int level) {
    if (level > user_level)
        return "all counting without CAP_SYS_ADMIN (:u does not help)";
    switch (level_for(failure)) {
    case raw_tracepoint_level:
        return "this tracepoint without CAP_PERFMON";
    case cpu_level:
        return failure.kernel && level > kernel_level ? "whole CPUs and kernel mode without CAP_PERFMON"
                                                      : "whole CPUs without CAP_PERFMON";
    default:
        return "kernel mode without CAP_PERFMON";
    }
}

std::string seccomp_remedy(const std::string& container) {
    if (container == "Docker" || container == "Podman")
        return start_with("PERFMON", container) +
               ", or with --security-opt seccomp=FILE, a profile that allows perf_event_open";
    if (container == "Kubernetes")
        return start_with("PERFMON", container) + ", or give it a seccompProfile that allows perf_event_open";
    return "allow perf_event_open in the sandbox's filter of system calls";
}

std::string inside(const std::string& container) {
    if (container.empty())
        return {};
    return container == "container" ? " in this container" : " in this " + container + " container";
}

Reason why_seccomp(const Failure& failure, const Privilege& privilege) {
    return reason_of(Cause::blocked, failure.error,
                     "a seccomp filter forbids perf_event_open" + inside(privilege.container),
                     seccomp_remedy(privilege.container));
}

} // namespace

Reason why_denied(const Failure& failure) {
    const Privilege privilege = read_privilege(failure.tree);
    const int level = failure.machine.paranoid();
    const int needed = level_for(failure);
    if (is_exempt(privilege, level))
        return why_security_module(failure);
    const bool is_thread = failure.reach == Reach::process || failure.reach == Reach::others;
    if (level <= needed)
        return is_thread ? why_foreign(failure, privilege, level) : why_security_module(failure);
    const std::string rights = have_rights(privilege, level);
    const bool user_mode_is_free = needed == kernel_level && level == user_level;
    return reason_of(Cause::paranoid, failure.error,
                     "kernel.perf_event_paranoid is " + std::to_string(level) + ", which forbids " +
                         forbidden(failure, level),
                     failure.reach == Reach::others ? rights // no level is enough for it
                                                    : (user_mode_is_free ? "count user mode only (:u), " : "") +
                                                          rights + ", or " + lower_to(needed, privilege));
}

Reason why_not_permitted(const Failure& failure) {
    const Privilege privilege = read_privilege(failure.tree);
    if (failure.pmu == "tracepoint") {
        if (failure.machine.paranoid() > raw_tracepoint_level && !privilege.perfmon && !privilege.sys_admin)
            return why_denied(failure);
        // Whoever got as far as to a tracepoint had perf_event_open for other events.
        return make_reason(Cause::rejected, "the kernel does not let this tracepoint be counted", failure.error);
    }
    if (privilege.seccomp)
        return why_seccomp(failure, privilege);
    if (!privilege.container.empty())
        return reason_of(Cause::blocked, failure.error, "perf_event_open is forbidden" + inside(privilege.container),
                         seccomp_remedy(privilege.container));
    return why_security_module(failure);
}

Reason why_no_system_call(const Failure& failure) {
    const Privilege privilege = read_privilege(failure.tree);
    if (privilege.seccomp) // Podman's profile says ENOSYS
        return why_seccomp(failure, privilege);
    return make_reason(Cause::no_perf_in_kernel, "this kernel has no perf_event_open", failure.error);
}

std::string remedy_for_level(const Machine& machine, int level) {
    const Privilege privilege = read_privilege(kernel::FileTree(machine.root()));
    if (machine.paranoid() <= level || is_exempt(privilege, machine.paranoid()))
        return {};
    return have_rights(privilege, machine.paranoid()) + ", or " + lower_to(level, privilege);
}

std::string remedy_of_rights(const Machine& machine) {
    return have_rights(read_privilege(kernel::FileTree(machine.root())), machine.paranoid());
}

Reason no_tracefs(const Machine& machine) {
    const kernel::FileTree tree(machine.root());
    const Privilege privilege = read_privilege(tree);
    const std::string mounts = tree.read("/proc/self/mounts").value_or("");
    const auto has_mount = [&](std::string_view text) { return mounts.find(text) != std::string::npos; };
    // Where debugfs is mounted tracefs is too, below it.
    const bool is_mounted = has_mount(" /sys/kernel/tracing tracefs ") || has_mount(" /sys/kernel/debug debugfs ");
    const std::string what = "the kernel's tracepoints can't be read: ";
    if (is_mounted && privilege.is_confidential())
        return reason_of(Cause::no_tracefs, 0, what + "the kernel is locked down for confidentiality",
                         "boot without lockdown=confidentiality");
    if (is_mounted && privilege.sys_admin)
        return reason_of(Cause::no_tracefs, 0, what + "tracefs is mounted, but shows none",
                         "look for a denial in the kernel's log (dmesg)");
    if (is_mounted)
        return reason_of(Cause::no_tracefs, 0, what + "tracefs is root's", be_root(privilege));
    const std::string mount = "mount -t tracefs nodev /sys/kernel/tracing";
    return reason_of(Cause::no_tracefs, 0, what + (mounts.empty() ? "no access to tracefs" : "tracefs is not mounted"),
                     privilege.sys_admin ? mount : be_root(privilege) + ", where it is not mounted after " + mount);
}

} // namespace pmc
