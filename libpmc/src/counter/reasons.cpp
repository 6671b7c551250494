#include "counter/reasons.hpp"

#include <cerrno>
#include <cstring>
#include <linux/perf_event.h>

namespace pmc {
namespace {

std::string events_of(std::size_t members) {
    return members == 1 ? std::string{"it"} : "the group of " + std::to_string(members) + " events";
}

} // namespace

std::string errno_name(int error) {
    const char* name = strerrorname_np(error);
    return name != nullptr ? std::string{name} : "errno " + std::to_string(error);
}

bool happens_in_kernel(const Event& event) noexcept {
    if (event.type == PERF_TYPE_SOFTWARE)
        return event.config == PERF_COUNT_SW_CONTEXT_SWITCHES || event.config == PERF_COUNT_SW_CPU_MIGRATIONS ||
               event.config == PERF_COUNT_SW_CGROUP_SWITCHES;
    if (event.type == PERF_TYPE_TRACEPOINT) {
        // The kernel counts a tracepoint by the registers at hand (perf_tp_event_match): those of user space in system
        // calls' own events and in uprobes, the kernel's in all others, raw_syscalls included (6.18: 0 of 777).
        const std::string_view name = event.name;
        return !name.starts_with("syscalls:") && !name.starts_with("uprobes:") && !name.starts_with("probe_") &&
               !name.starts_with("sdt_");
    }
    return false;
}

Reason needs_kernel_mode(const Event& event) {
    return {.cause = Cause::needs_kernel_mode,
            .error = 0,
            .evidence = event.name + " happens in the kernel, which is not counted here",
            .remedy = "count the kernel too: the modifier :uk, and kernel.perf_event_paranoid at 1 or below"};
}

Reason counts_elsewhere(const Event& event) {
    return {.cause = Cause::counts_elsewhere,
            .error = 0,
            .evidence = "the PMU " + event.pmu + " counts for a whole socket or cache, not for a process",
            .remedy = {}};
}

Reason group_too_large(std::string_view event, std::size_t members) {
    return {.cause = Cause::group_too_large,
            .error = EINVAL,
            .evidence = std::string{event} + " counts alone, but the PMU has no counter for it in a group of " +
                        std::to_string(members) + " (errno EINVAL)",
            .remedy = "ask for fewer events together"};
}

Reason mixed_pmus(const Event& event, const Event& leader) {
    return {.cause = Cause::rejected,
            .error = 0,
            .evidence = "events counted together must be of one PMU, but " + event.name + " is of " + event.pmu +
                        " and " + leader.name + " of " + leader.pmu,
            .remedy = "ask for them apart"};
}

Reason counters_busy(std::size_t members, const Machine& machine) {
    Reason reason{.cause = Cause::counters_busy,
                  .error = 0,
                  .evidence = events_of(members) + " was opened, but got no counter: somebody else holds them",
                  .remedy = "end the other users of the counters, or ask for fewer events together"};
    if (machine.nmi_watchdog()) {
        reason.evidence += "; the NMI watchdog holds one";
        reason.remedy = "sysctl kernel.nmi_watchdog=0, or ask for fewer events together";
    }
    return reason;
}

Reason never_scheduled(const Event& event, std::size_t members, const Machine& machine) {
    Reason reason{.cause = Cause::never_scheduled,
                  .error = 0,
                  .evidence = events_of(members) + " never was on the PMU",
                  .remedy = {}};
    const Pmu* pmu = machine.pmu(event.pmu);
    if (pmu != nullptr && !pmu->cpus.empty() && machine.is_hybrid()) {
        reason.evidence += ": what was counted never ran on a core of " + pmu->name;
        return reason;
    }
    reason.remedy = members > 1 ? "ask for fewer events together" : "end the other users of the counters";
    if (machine.nmi_watchdog())
        reason.remedy += ", or free the NMI watchdog's counter: sysctl kernel.nmi_watchdog=0";
    return reason;
}

Reason never_ran() {
    return {.cause = Cause::never_ran,
            .error = 0,
            .evidence = "the command never ran on a CPU while it was counted",
            .remedy = {}};
}

Reason too_many_files(Reason reason, std::size_t events, std::size_t groups) {
    reason.evidence += "; " + std::to_string(events) + " events in " + std::to_string(groups) +
                       (groups == 1 ? " group" : " groups") + " take " + std::to_string(events) + " file descriptors";
    return reason;
}

Reason lost_with(std::string_view event, Reason reason) {
    reason.evidence = "its group is counted together or not at all: " + std::string{event} + ": " + reason.evidence;
    return reason;
}

} // namespace pmc
