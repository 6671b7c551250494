#include "counter/reasons.hpp"

#include "machine/denial.hpp"
#include "machine/reason.hpp"

#include <cerrno>
#include <linux/perf_event.h>

namespace pmc {
namespace {

std::string events_of(std::size_t members) {
    return members == 1 ? std::string{"it"} : "the group of " + std::to_string(members) + " events";
}

} // namespace

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

Reason needs_kernel_mode(const Event& event, const Machine& machine) {
    const std::string rights = remedy_for_level(machine, kernel_level);
    return reason_of(Cause::needs_kernel_mode, 0,
                     event.name + " happens in the kernel, and would read 0 with the kernel excluded",
                     "count it with :uk" + (rights.empty() ? "" : "; for that, " + rights));
}

Reason counts_elsewhere(const Event& event) {
    return make_reason(Cause::counts_elsewhere,
                       "the PMU " + event.pmu + " counts for a whole socket or cache, not for a process");
}

Reason group_too_large(std::string_view event, std::size_t members) {
    return make_reason(Cause::group_too_large,
                       "a group of " + std::to_string(members) + " is too large for the PMU: no counter is left for " +
                           std::string{event},
                       EINVAL);
}

Reason metric_too_large(std::size_t events) {
    return make_reason(Cause::group_too_large, "its " + std::to_string(events) +
                                                   " events must be counted together, and the PMU has too few "
                                                   "counters for that");
}

Reason mixed_pmus(const Event& event, const Event& leader) {
    Reason reason =
        make_reason(Cause::rejected, "events counted together must be of one PMU, but " + event.name + " is of " +
                                         event.pmu + " and " + leader.name + " of " + leader.pmu);
    reason.remedy = "ask for them apart";
    return reason;
}

Reason counters_busy(std::size_t members, const Machine& machine) {
    return counters_held(machine, Cause::counters_busy,
                         events_of(members) + " was opened, but gets no counter: somebody holds them");
}

Reason never_scheduled(std::size_t members, const Machine& machine) {
    return counters_held(machine, Cause::never_scheduled, events_of(members) + " never was on the PMU");
}

Reason never_ran() {
    return make_reason(Cause::never_ran, "it never ran on a CPU while it was counted");
}

Reason never_ran_on(std::string_view core) {
    return make_reason(Cause::never_ran, "it never ran on a core of " + std::string{core} + " while it was counted");
}

Reason not_in_cgroup() {
    Reason reason = make_reason(
        Cause::rejected, "perf events can't be bound to cgroups yet: no controller was ever enabled for them", ENOENT);
    reason.remedy = "enable any: echo +pids | sudo tee /sys/fs/cgroup/cgroup.subtree_control";
    return reason;
}

Reason too_many_files(Reason reason, std::size_t events, std::size_t groups) {
    reason.evidence += "; " + std::to_string(events) + (events == 1 ? " event" : " events") + " in " +
                       std::to_string(groups) + (groups == 1 ? " group take " : " groups take ") +
                       std::to_string(events);
    return reason;
}

Reason no_wiped_memory() {
    return make_reason(Cause::out_of_memory, "there is no memory that a fork wipes (MADV_WIPEONFORK)");
}

Reason not_modelled(std::string what) {
    return make_reason(Cause::not_modelled, std::move(what));
}

Reason under_valgrind() {
    return make_reason(Cause::under_valgrind, "valgrind runs this program, and has no counters");
}

Reason no_user_read(std::string evidence, std::string remedy, int error) {
    Reason reason = make_reason(Cause::no_user_read, std::move(evidence), error);
    reason.remedy = std::move(remedy);
    return reason;
}

Reason lost_with(std::string_view event, Reason reason) {
    const bool named = reason.evidence.find(event) != std::string::npos;
    reason.evidence = (named ? "lost with its group: " : "lost with " + std::string{event} + ": ") + reason.evidence;
    return reason;
}

} // namespace pmc
