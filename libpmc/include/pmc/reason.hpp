#pragma once

#include <pmc/export.hpp>

#include <string>
#include <string_view>

namespace pmc {

/// Why something could not be counted. Each cause has one remedy text, made in one place (machine/reason.cpp).
enum class Cause {
    none,
    no_virtual_pmu,    ///< a virtual machine whose hypervisor gives it no PMU
    no_pmu,            ///< no core PMU on this machine, and no hypervisor to blame
    no_perf_in_kernel, ///< perf_event_open is ENOSYS: a kernel without CONFIG_PERF_EVENTS
    paranoid,          ///< kernel.perf_event_paranoid forbids it to this user
    under_valgrind,    ///< valgrind has no counters, and can't execute what reads them
    blocked,           ///< a seccomp profile (EPERM, or ENOSYS), a container or a security module
    not_on_this_cpu,   ///< this CPU (or the kernel's table for it) has no such event
    no_tracefs,        ///< tracefs is not mounted, or not for this user: the kernel's tracepoints have no numbers
    needs_kernel_mode, ///< an event that happens in the kernel, while the kernel may not be counted
    counts_elsewhere,  ///< an event of a socket or a cache: it can't be counted for a process
    group_too_large,   ///< more events must be counted together than the PMU has counters
    counters_busy,     ///< somebody else holds the counters (NMI watchdog, a pinned event)
    never_scheduled,   ///< opened and enabled, but never on the PMU while the target ran
    never_ran,         ///< the target was never on a CPU, or on a core of the event's PMU, while it was counted
    too_many_files,    ///< RLIMIT_NOFILE, or the system's table of open files
    out_of_memory,     ///< the kernel had no memory, or no room for the mapping
    target_gone,       ///< the process or thread ended before it could be counted
    counters_ended,    ///< the kernel ended the counters of a process that goes on, with other rights (setuid)
    cpu_offline,       ///< the CPU is offline
    not_listed,        ///< /proc or /sys, which list what there is (processes, CPUs, PMUs), can't be read
    no_user_read,      ///< it counts, but each reading takes a system call: see CounterGroup::read_path_reason()
    disturbed,         ///< all runs, or all but too few, were switched out, migrated or not fully counted
    division_by_zero,  ///< a formula divided by zero: there is no value
    part_missing,      ///< a metric one of whose events could not be counted
    not_recorded,      ///< the recording that is replayed does not have it, or not counted together
    not_modelled,      ///< the machine is a model, which has events of user mode alone, and no time
    rejected           ///< the kernel refused it, for a reason it does not tell
};

/// The stable, machine-readable name of a cause, as it stands in JSON: "no_virtual_pmu".
PMC_API std::string_view to_string(Cause cause) noexcept;

/// The one diagnosis that every failure prints: what is the matter, how it shows, and what to do.
struct Reason {
    Cause cause = Cause::none;
    int error = 0;        ///< errno of the system call that showed it, or 0
    std::string evidence; ///< one clause: "KVM guest without a virtual PMU (errno ENOENT)"
    std::string remedy;   ///< one imperative clause, or empty: "on the host, enable the virtual PMU (…)"

    explicit operator bool() const noexcept { return cause != Cause::none; }
};

} // namespace pmc
