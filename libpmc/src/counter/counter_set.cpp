#include "counter/counter_set.hpp"

#include "counter/open_event.hpp"
#include "counter/reasons.hpp"
#include "kernel/system_call.hpp"

#include <array>
#include <cerrno>

namespace pmc {
namespace {

std::size_t total_events(const Plan& plan) {
    std::size_t total = 0;
    for (const PlannedGroup& group : plan.groups)
        total += group.events.size();
    return total;
}

/// Whether the kernel would say EINVAL to `event` in the leader's group, for being of another PMU. What is known of the
/// event by itself is the better reason.
bool is_stranger(const Event& event, const Event& leader) {
    return !event.unavailable && event.cpus.empty() && takes_counter(event) && takes_counter(leader) &&
           event.pmu != leader.pmu;
}

/// Why a group's read gave nothing.
Reason unreadable(ssize_t got, int error, const Event& leader, std::size_t members, const Machine& machine) {
    if (got < 0)
        return machine.why(error, leader.name, leader.pmu, false);
    if (got == 0)
        return counters_busy(members, machine);
    return {.cause = Cause::rejected,
            .error = 0,
            .evidence = "the kernel lost events of the group of " + leader.name + " while it counted",
            .remedy = {}};
}

Reason why_not_counted(const Count& count, std::size_t members, const Machine& machine) {
    if (count.has_value())
        return {};
    return count.enabled_ns() == 0 ? never_ran() : never_scheduled(members, machine);
}

} // namespace

CounterSet CounterSet::open_on_exec(std::vector<Event> events, const Plan& plan, pid_t pid, Mode mode,
                                    const Machine& machine, bool inherit) {
    CounterSet set{std::move(events), machine};
    const std::size_t wanted = total_events(plan);
    for (const PlannedGroup& planned : plan.groups) {
        Group group;
        for (const std::size_t event : planned.events) {
            if (event >= set.events_.size())
                continue;
            const bool leads = group.fds.empty();
            OpenRequest request{.pid = pid, .mode = mode};
            request.group_fd = leads ? -1 : group.fds.front().get();
            request.members = group.fds.size();
            // One switch for the group: a sibling that is disabled too would stay at 0 with the leader's full times.
            request.disabled = leads;
            request.enable_on_exec = leads;
            request.inherit = inherit;
            Opened opened;
            if (!leads && is_stranger(set.events_[event], set.events_[group.members.front()]))
                opened.reason = mixed_pmus(set.events_[event], set.events_[group.members.front()]);
            else
                opened = open_event(set.events_[event], request, machine);
            if (opened.fd) {
                group.fds.push_back(std::move(opened.fd));
                group.members.push_back(event);
                continue;
            }
            if (opened.error == EMFILE || opened.error == ENFILE)
                opened.reason = too_many_files(std::move(opened.reason), wanted, plan.groups.size());
            group.failed.emplace_back(event, std::move(opened.reason));
            if (planned.explicit_group) {
                group.lose_all(planned, set.events_);
                break;
            }
        }
        set.groups_.push_back(std::move(group));
    }
    return set;
}

void CounterSet::Group::close() noexcept {
    // The leader last: without it, the siblings would become leaders and count on.
    while (!fds.empty())
        fds.pop_back();
}

void CounterSet::Group::lose_all(const PlannedGroup& planned, const std::vector<Event>& events) {
    close();
    members.clear();
    const auto [culprit, reason] = failed.front();
    failed.clear();
    for (const std::size_t event : planned.events)
        if (event < events.size())
            failed.emplace_back(event, event == culprit ? reason : lost_with(events[culprit].name, reason));
}

Counts CounterSet::read() const {
    Counts counts;
    std::vector<std::uint64_t> words;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
        const Group& group = groups_[i];
        const int number = static_cast<int>(i);
        if (!group.members.empty()) {
            const std::size_t members = group.members.size();
            const Event& leader = events_[group.members.front()];
            words.assign(group_header + members, 0);
            const std::size_t size = words.size() * sizeof(std::uint64_t);
            const ssize_t got = kernel::perf_read(group.fds.front().get(), words.data(), size);
            const int error = errno;
            const bool whole = got == static_cast<ssize_t>(size) && words.front() == members;
            if (!whole)
                words.clear();
            const std::vector<Count> values = decode_group_read(words, members);
            for (std::size_t m = 0; m < members; ++m) {
                const std::size_t event = group.members[m];
                Reason reason = whole ? why_not_counted(values[m], members, machine_)
                                      : unreadable(got, error, leader, members, machine_);
                counts.push_back({event, number, values[m], std::move(reason)});
            }
        }
        for (const auto& [event, reason] : group.failed)
            counts.push_back({event, number, Count{0, 0, 0, State::not_available}, reason});
    }
    return counts;
}

std::vector<Count> decode_group_read(std::span<const std::uint64_t> words, std::size_t members) {
    std::vector<Count> counts(members);
    if (words.size() != group_header + members || words[0] != members)
        return counts;
    for (std::size_t i = 0; i < members; ++i)
        counts[i] = Count{words[group_header + i], words[1], words[2]};
    return counts;
}

} // namespace pmc
