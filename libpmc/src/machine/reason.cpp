#include "machine/reason.hpp"

#include "kernel/file_tree.hpp"
#include "machine/denial.hpp"
#include "machine/pmu.hpp"
#include "machine/resource_limit.hpp"

#include <pmc/machine.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace pmc {
namespace {

using kernel::FileTree;

// ---- no PMU ----

struct VirtualPmu {
    std::string_view hypervisor, remedy;
};

constexpr std::string_view any_hypervisor_remedy = "on the host give the VM a virtual PMU (QEMU: -cpu host,pmu=on; a "
                                                   "cloud: a bare-metal or PMU-enabled instance type)";

constexpr auto virtual_pmus = std::to_array<VirtualPmu>({
    {"VMware", "in the VM's settings enable \"Virtualize CPU performance counters\" (vpmc.enable = \"TRUE\")"},
    {"Hyper-V", "on the host: Set-VMProcessor -VMName NAME -Perfmon @(\"pmu\"); in Azure: an instance type with a PMU"},
    {"Xen", "boot the Xen host with vpmu=on, or use a bare-metal machine"},
    {"VirtualBox", "use another hypervisor or a bare-metal machine: VirtualBox has no virtual PMU"},
    {"Amazon EC2", "use a bare-metal instance (*.metal) or one that has a whole socket"},
    {"Google Compute Engine", "use an instance type with its performance monitoring unit enabled"},
});

std::string virtual_pmu_remedy(std::string_view hypervisor) {
    for (const VirtualPmu& known : virtual_pmus)
        if (known.hypervisor == hypervisor)
            return std::string(known.remedy);
    return std::string(any_hypervisor_remedy);
}

std::string guest_of(const std::string& hypervisor) {
    return hypervisor == "hypervisor" ? "virtual machine" : hypervisor + " guest";
}

// ---- one function per errno, or family of them; denials have a file of their own ----

/// Whether the event would be counted by a core's PMU. Resolvers leave the PMU empty where there is none.
bool wants_core_pmu(const Failure& failure) {
    return failure.pmu.empty() || failure.pmu == "cpu" || is_core_pmu_name(failure.pmu, failure.machine.arch());
}

Reason no_core_pmu(const Machine& machine) {
    if (!machine.hypervisor().empty())
        return reason_of(Cause::no_virtual_pmu, 0, guest_of(machine.hypervisor()) + " without a virtual PMU",
                         virtual_pmu_remedy(machine.hypervisor()));
    return make_reason(Cause::no_pmu, "the kernel offers no PMU for this machine's cores");
}

Reason why_unknown(const Failure& failure) {
    const Machine& machine = failure.machine;
    if (wants_core_pmu(failure)) {
        if (Reason none = machine.has_core_pmu() ? Reason{} : no_core_pmu(machine))
            return reason_of(none.cause, failure.error, std::move(none.evidence), std::move(none.remedy));
        const std::string& cpu = machine.cpu_name();
        return make_reason(Cause::not_on_this_cpu,
                           (cpu.empty() ? "this CPU" : cpu) + " has no such event, or its kernel does not know it",
                           failure.error);
    }
    const std::string pmu(failure.pmu);
    if (pmu == "tracepoint")
        return make_reason(Cause::not_on_this_cpu, "this kernel has no such tracepoint", failure.error);
    if (pmu != "software" && machine.pmu(pmu) == nullptr)
        return make_reason(Cause::not_on_this_cpu, "this machine has no PMU " + pmu, failure.error);
    return make_reason(Cause::not_on_this_cpu, "the PMU " + pmu + " has no such event here", failure.error);
}

Reason why_too_many_files(const Failure& failure) {
    if (failure.error == ENFILE) {
        const std::string limit = failure.tree.read("/proc/sys/fs/file-max").value_or("");
        return reason_of(Cause::too_many_files, failure.error,
                         "the system's table of open files is full" + (limit.empty() ? "" : ", at " + limit),
                         "close programs, or raise it: sudo sysctl fs.file-max=NUMBER");
    }
    const ResourceLimit limit = open_file_limit(failure.tree);
    return reason_of(Cause::too_many_files, failure.error,
                     "this process may open " +
                         (limit.soft.empty() ? "no more files" : "no more than " + limit.soft + " files") +
                         ", and each event takes one for each thread or CPU",
                     "count fewer events, or " + open_file_remedy(limit));
}

Reason why_busy(const Failure& failure) {
    if (failure.pmu == "breakpoint" || failure.event.starts_with("mem:"))
        return reason_of(Cause::counters_busy, failure.error, "all hardware breakpoints are in use",
                         "stop the debugger that holds them, or ask for fewer");
    return counters_held(failure.machine, Cause::counters_busy, "somebody else holds the counters", failure.error);
}

Reason why_no_device(const Failure& failure) {
    const std::string offline = failure.tree.read("/sys/devices/system/cpu/offline").value_or("");
    if (!offline.empty())
        return make_reason(Cause::cpu_offline, "the CPU is offline, as these are: " + offline, failure.error);
    return make_reason(Cause::not_on_this_cpu, "the hardware for it is not there", failure.error);
}

Reason why_invalid(const Failure& failure) {
    const Pmu* pmu = failure.pmu.empty() ? nullptr : failure.machine.pmu(failure.pmu);
    if (pmu != nullptr && !pmu->cpumask.empty())
        return make_reason(Cause::counts_elsewhere, "the PMU " + pmu->name + " counts for a whole socket or cache",
                           failure.error);
    return make_reason(Cause::rejected, "the kernel does not accept this event", failure.error);
}

} // namespace

std::string_view to_string(Cause cause) noexcept {
    switch (cause) {
    case Cause::none:
        return "none";
    case Cause::no_virtual_pmu:
        return "no_virtual_pmu";
    case Cause::no_pmu:
        return "no_pmu";
    case Cause::no_perf_in_kernel:
        return "no_perf_in_kernel";
    case Cause::paranoid:
        return "paranoid";
    case Cause::under_valgrind:
        return "under_valgrind";
    case Cause::blocked:
        return "blocked";
    case Cause::not_on_this_cpu:
        return "not_on_this_cpu";
    case Cause::no_tracefs:
        return "no_tracefs";
    case Cause::needs_kernel_mode:
        return "needs_kernel_mode";
    case Cause::counts_elsewhere:
        return "counts_elsewhere";
    case Cause::group_too_large:
        return "group_too_large";
    case Cause::counters_busy:
        return "counters_busy";
    case Cause::never_scheduled:
        return "never_scheduled";
    case Cause::never_ran:
        return "never_ran";
    case Cause::too_many_files:
        return "too_many_files";
    case Cause::out_of_memory:
        return "out_of_memory";
    case Cause::target_gone:
        return "target_gone";
    case Cause::counters_ended:
        return "counters_ended";
    case Cause::cpu_offline:
        return "cpu_offline";
    case Cause::not_listed:
        return "not_listed";
    case Cause::no_user_read:
        return "no_user_read";
    case Cause::disturbed:
        return "disturbed";
    case Cause::division_by_zero:
        return "division_by_zero";
    case Cause::part_missing:
        return "part_missing";
    case Cause::not_recorded:
        return "not_recorded";
    case Cause::not_modelled:
        return "not_modelled";
    case Cause::rejected:
        return "rejected";
    }
    return "none";
}

std::string_view usual_remedy(Cause cause) noexcept {
    switch (cause) {
    case Cause::no_virtual_pmu:
        return any_hypervisor_remedy;
    case Cause::no_pmu:
        return "boot a kernel with a driver for this CPU's PMU, or enable it in the firmware";
    case Cause::no_perf_in_kernel:
        return "boot a kernel built with CONFIG_PERF_EVENTS";
    case Cause::under_valgrind:
        return "run it without valgrind";
    case Cause::not_on_this_cpu:
        return "see what there is: pmcstat list";
    case Cause::counts_elsewhere:
        return "count it for the machine, not for a process: it can't tell whose it is";
    case Cause::group_too_large:
        return "ask for fewer events together";
    case Cause::counters_busy:
        return "stop other profilers, and try again";
    case Cause::never_scheduled:
        return "ask for fewer events at once, or let it run longer";
    case Cause::out_of_memory:
        return "free some memory, or count fewer events";
    case Cause::target_gone:
        return "name one that runs: ps -eL lists them";
    case Cause::counters_ended:
        // The kernel ends root's as well, when the program has another user's rights.
        return geteuid() == 0 ? "count all CPUs while it runs (-a), or attach to it after its exec (-p)"
                              : "attach to it again, as root; or let root run the command";
    case Cause::cpu_offline:
        return "bring it online: echo 1 | sudo tee /sys/devices/system/cpu/cpuN/online";
    case Cause::disturbed:
        return "measure on a quiet machine, pinned to a CPU (taskset), and in runs that do not sleep";
    case Cause::not_recorded:
        return "record it: ask for it in the run whose report is replayed";
    case Cause::not_modelled:
        return "count it with the counters of real hardware";
    case Cause::none:
    case Cause::paranoid:
    case Cause::blocked:
    case Cause::no_tracefs:
    case Cause::needs_kernel_mode:
    case Cause::never_ran:
    case Cause::too_many_files:
    case Cause::not_listed:
    case Cause::no_user_read:
    case Cause::division_by_zero:
    case Cause::part_missing:
    case Cause::rejected:
        break;
    }
    return {};
}

bool concerns_all_counters(Cause cause) noexcept {
    switch (cause) {
    case Cause::no_virtual_pmu:
    case Cause::no_pmu:
    case Cause::no_perf_in_kernel:
    case Cause::paranoid:
    case Cause::under_valgrind:
    case Cause::blocked:
    case Cause::not_listed:
        return true;
    default:
        return false;
    }
}

std::string errno_name(int error) {
    const char* name = strerrorname_np(error);
    return name != nullptr ? name : std::to_string(error);
}

Reason make_reason(Cause cause, std::string evidence, int error) {
    if (error != 0)
        evidence.append(" (errno ").append(errno_name(error)).append(")");
    return {cause, error, std::move(evidence), std::string(usual_remedy(cause))};
}

bool hides_pmus(const Machine& machine) {
    return machine.is_host() && machine.pmu_names().empty();
}

Reason why_not_listed(const Machine& machine, std::string_view what, std::string_view path) {
    const int fd = ::open((machine.root() + std::string(path)).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const int error = errno;
    if (fd >= 0) {
        ::close(fd);
        return {};
    }
    if (error == EMFILE || error == ENFILE)
        return machine.why(error, {}, {}, false);
    const std::string why = std::string(what) + " can't be listed: ";
    if (error != ENOENT)
        return make_reason(Cause::not_listed, why + std::string(path) + " can't be read", error);
    const bool is_proc = path.starts_with("/proc");
    return reason_of(Cause::not_listed, 0, why + (is_proc ? "/proc" : "/sys") + " is not mounted",
                     is_proc ? "mount -t proc proc /proc" : "mount -t sysfs sysfs /sys");
}

Reason reason_of(Cause cause, int error, std::string evidence, std::string remedy) {
    Reason reason = make_reason(cause, std::move(evidence), error);
    reason.remedy = std::move(remedy);
    return reason;
}

Reason counters_held(const Machine& machine, Cause cause, std::string evidence, int error) {
    if (!machine.nmi_watchdog())
        return make_reason(cause, std::move(evidence), error);
    return reason_of(cause, error, std::move(evidence) + "; the NMI watchdog has one of them",
                     "stop other profilers, ask for fewer events together, or sudo sysctl kernel.nmi_watchdog=0");
}

Reason Machine::why_no_pmu() const {
    if (has_core_pmu())
        return {};
    if (hides_pmus(*this))
        if (Reason unlisted = why_not_listed(*this, "this machine's PMUs", "/sys/devices"))
            return unlisted;
    return no_core_pmu(*this);
}

Reason Machine::why(int error, std::string_view event, std::string_view pmu, bool kernel, Reach reach) const {
    const Failure failure{*this, FileTree(root()), error, event, pmu, kernel, reach};
    switch (error) {
    case ENOENT:
    case ENXIO: // rare; perf takes it for ENOENT too
        return why_unknown(failure);
    case EACCES:
        return why_denied(failure);
    case EPERM:
        return why_not_permitted(failure);
    case ENOSYS:
        return why_no_system_call(failure);
    case EMFILE:
    case ENFILE:
        return why_too_many_files(failure);
    case ENOSPC:
    case EBUSY:
        return why_busy(failure);
    case EOPNOTSUPP:
        return make_reason(Cause::not_on_this_cpu, "the PMU can't do what was asked of it", error);
    case ENODEV:
        return why_no_device(failure);
    case ESRCH:
        return make_reason(Cause::target_gone, "the process or thread has ended", error);
    case ENOMEM:
        return make_reason(Cause::out_of_memory, "the kernel has no memory for it", error);
    case EINVAL:
        return why_invalid(failure);
    case E2BIG:
        return make_reason(Cause::rejected, "this kernel is too old for what was asked of it", error);
    default:
        return make_reason(Cause::rejected, "the kernel refuses it", error);
    }
}

} // namespace pmc
