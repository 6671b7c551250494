#include "counter/open_group.hpp"
#include "counter/reasons.hpp"
#include "doctor/finding.hpp"
#include "doctor/known_loop.hpp"
#include "doctor/subject.hpp"
#include "kernel/child.hpp"
#include "machine/core_type.hpp"
#include "machine/topology.hpp"

#include <pmc/counter_group.hpp>

#include <array>
#include <string>
#include <unistd.h>
#include <utility>

namespace pmc::doctor {
namespace {

constexpr std::uint64_t rounds = 1'000'000;

/// What one event counted, or why it did not.
struct Tried {
    std::uint64_t count = 0;
    Reason reason;
};

/// Opens it, lets `work` run, and reads it.
template <typename Work>
Tried try_to_count(const Subject& subject, const OpenRequest& request, Work work) {
    Opened opened = open_event(subject.probe_event, request, subject.machine);
    if (!opened.fd)
        return {.reason = std::move(opened.reason)};
    work();
    std::array<std::uint64_t, group_header + 1> words{};
    const GroupRead read = read_group(opened.fd.get(), 1, words);
    if (read.error != 0)
        return {.reason = subject.machine.why(read.error, subject.probe_event.name, subject.probe_event.pmu, false)};
    if (!read.whole || read.running_ns == 0)
        return {.reason = counters_busy(1, subject.machine)};
    return {.count = read.values[0]};
}

Finding of_event(Check check, const Subject& subject, const Tried& tried, std::string means_denied) {
    if (tried.reason)
        return make_finding(check, tried.reason, std::move(means_denied));
    return make_finding(check, Health::ok,
                        subject.probe_event.name + (tried.count != 0 ? " counts there" : " opens there"),
                        subject.probe_event.is_software() ? "so would the hardware's events, if there were any" : "");
}

Finding permission(const Subject& subject) {
    constexpr Check check{"perf_event_open", "permission to count"};
    if (subject.permission.denied)
        return make_finding(check, subject.permission.denied,
                            "nothing can be counted by this process, not even what the kernel counts itself");
    if (!subject.is_live)
        return untried(check);
    return make_finding(check, Health::ok,
                        "the kernel lets this process count, in mode " +
                            std::string(to_string(subject.permission.mode)));
}

std::string instead(const Subject& subject) {
    return subject.permission.denied
               ? "pmcstat runs commands, and can tell their times alone"
               : "what the kernel counts itself (task-clock, page-faults and others) still is there";
}

Finding own_process(const Subject& subject) {
    constexpr Check check{"own_process", "own process"};
    if (!subject.is_live)
        return untried(check);
    kernel::CpuVisit visit;
    go_to_main_core(visit, subject.machine);
    const Expected<CounterGroup> group = CounterGroup::open({"cycles", "instructions"});
    if (!group) {
        const Reason& reason = group.error().reason();
        return reason ? make_finding(check, reason, instead(subject))
                      : make_finding(check, Health::missing, group.error().message(), instead(subject),
                                     group.error().hint());
    }
    const auto [cycles, instructions] = group->ids<2>();
    const Reading before = group->read();
    known_loop(rounds);
    const Reading spent = group->read() - before;
    if (spent[cycles].value_or(0) > 0 && spent[instructions].value_or(0) > 0)
        return make_finding(check, Health::ok, "cycles and instructions count");
    return make_finding(check, Health::missing, "cycles and instructions open, but stand still",
                        "the PMU is there in name only: many virtual machines have such a one",
                        std::string(subject.machine.hypervisor().empty()
                                        ? "update the firmware and the kernel; pmcstat doctor --self-test tells more"
                                        : "give the VM a whole virtual PMU on its host, or use --backend model"));
}

Finding other_process(const Subject& subject) {
    constexpr Check check{"other_process", "another process of this user"};
    if (!subject.is_live)
        return untried(check);
    kernel::CpuVisit visit; // the child may run where this thread may
    go_to_main_core(visit, subject.machine);
    // It is never let go: the command is only what is told if there can be no child.
    Expected<kernel::Child> child = kernel::Child::spawn({.argv = {"true"}});
    if (!child)
        return make_finding(check, Health::unknown, "no child could be made: " + child.error().message());
    const Tried tried =
        try_to_count(subject, {.pid = child->pid(), .mode = subject.permission.mode}, [&] { (void)child->wait(); });
    return of_event(check, subject, tried, "commands and -p can't be counted");
}

Finding system_wide(const Subject& subject) {
    constexpr Check check{"system_wide", "whole CPUs (-a)"};
    if (!subject.is_live)
        return untried(check);
    const CoreType& core = main_core(subject.machine);
    const std::vector<int> online = online_cpus(subject.tree);
    const int cpu = !core.cpus.empty() ? core.cpus.front() : online.empty() ? 0 : online.front();
    // The work is done there, so that an event that stands still on an idle CPU moves.
    kernel::CpuVisit visit;
    visit.go_to(cpu);
    const Tried tried =
        try_to_count(subject, {.pid = -1, .cpu = cpu, .mode = subject.permission.mode}, [] { known_loop(rounds); });
    return of_event(check, subject, tried,
                    "-a, -C, cgroups and what counts in one place (energy, memory controllers) can't be counted");
}

Finding kernel_side(const Subject& subject) {
    constexpr Check check{"kernel_side", "kernel mode"};
    if (!subject.is_live)
        return untried(check);
    kernel::CpuVisit visit;
    go_to_main_core(visit, subject.machine);
    const Tried tried = try_to_count(subject, {.mode = Mode::user_kernel}, [] {
        for (int i = 0; i < 1000; ++i)
            (void)getppid();
    });
    return of_event(check, subject, tried,
                    subject.permission.denied ? ""
                                              : "counts are of user mode alone; switches, migrations and most "
                                                "tracepoints can't be counted");
}

} // namespace

Findings examine_reach(const Subject& subject) {
    return {permission(subject), own_process(subject), other_process(subject), system_wide(subject),
            kernel_side(subject)};
}

} // namespace pmc::doctor
