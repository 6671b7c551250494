#include "counter/open_group.hpp"

#include "counter/constraint.hpp"
#include "counter/reasons.hpp"
#include "kernel/system_call.hpp"

#include <algorithm>
#include <cerrno>

namespace pmc {
namespace {

/// Whether the kernel would say EINVAL to `event` in the leader's group, for being of another PMU, or would count it
/// for somebody else. What is known of the event by itself is the better reason.
bool is_stranger(const Event& event, const Event& leader) {
    if (event.unavailable)
        return false;
    // One that counts in one place takes the others there, and the software events of a process are not there.
    if (event.cpus.empty() != leader.cpus.empty() || event.more_units.size() != leader.more_units.size())
        return true;
    return takes_counter(event) && takes_counter(leader) && event.pmu != leader.pmu;
}

Event unit_of(const Event& event, std::size_t unit) {
    Event one = event;
    if (unit > 0 && unit <= event.more_units.size())
        one.type = event.more_units[unit - 1].type;
    return one;
}

} // namespace

OpenGroup& OpenGroup::operator=(OpenGroup&& other) noexcept {
    if (this != &other) {
        close();
        members = std::move(other.members);
        planned = other.planned;
        place = other.place;
        enabled_ns = other.enabled_ns;
        checked_ns = other.checked_ns;
        opened_ns = other.opened_ns;
        broken = other.broken;
    }
    return *this;
}

void OpenGroup::close() noexcept {
    // The leader last: without it, the siblings would become leaders and count on.
    while (!members.empty())
        members.pop_back();
}

bool belongs_to(const Event& event, const Place& place, const Machine& machine) {
    if (place.cpu < 0 || event.core.empty())
        return true;
    const std::vector<CoreType>& cores = machine.core_types();
    const auto core = std::ranges::find(cores, event.core, &CoreType::pmu);
    return core == cores.end() || core->cpus.empty() || std::ranges::find(core->cpus, place.cpu) != core->cpus.end();
}

OpenGroup open_group(const std::vector<Event>& events, const PlannedGroup& planned, const Place& place,
                     const OpenSettings& settings, const Machine& machine, std::vector<Refusal>& refusals) {
    OpenGroup group;
    group.place = place;
    const std::size_t refused_before = refusals.size();
    for (std::size_t i = 0; i < planned.events.size(); ++i) {
        if (planned.events[i] >= events.size())
            continue;
        const Event& event = events[planned.events[i]];
        const bool leads = group.members.empty();
        OpenRequest request{.pid = place.pid, .cpu = place.cpu, .mode = settings.mode};
        request.cgroup = place.cgroup;
        request.group_fd = leads ? -1 : group.members.front().fd.get();
        request.members = group.members.size();
        // One switch for the group: a sibling that is disabled too would stay at 0 with the leader's full times.
        request.disabled = leads;
        request.enable_on_exec = leads && settings.enable_on_exec && event.cpus.empty();
        request.inherit = settings.inherit && place.cpu < 0;
        Opened opened;
        const Event* const leader = leads ? nullptr : &events[planned.events[group.members.front().index]];
        if (leader != nullptr && is_stranger(event, *leader))
            opened.reason = mixed_pmus(event, *leader);
        else
            opened = open_event(place.unit == 0 ? event : unit_of(event, place.unit), request, machine);
        if (opened.fd) {
            group.members.push_back({std::move(opened.fd), static_cast<std::uint32_t>(i)});
            continue;
        }
        refusals.push_back({i, opened.error, std::move(opened.reason)});
        if (!planned.explicit_group)
            continue;
        group.close();
        const Refusal culprit = refusals.back();
        const std::string& name = event.name;
        refusals.resize(refused_before);
        for (std::size_t member = 0; member < planned.events.size(); ++member)
            if (planned.events[member] < events.size())
                refusals.push_back({member, culprit.error,
                                    member == culprit.member ? culprit.reason : lost_with(name, culprit.reason)});
        break;
    }
    return group;
}

GroupRead read_group(int leader_fd, std::size_t members, std::span<std::uint64_t> words) noexcept {
    GroupRead read;
    const std::size_t size = (group_header + members) * sizeof(std::uint64_t);
    const ssize_t got = kernel::perf_read_whole(leader_fd, words.data(), size);
    if (got <= 0) {
        read.error = got < 0 ? errno : 0;
        read.ended = got == 0;
        return read;
    }
    if (got != static_cast<ssize_t>(size) || words[0] != members)
        return read;
    read.whole = true;
    read.enabled_ns = words[1];
    read.running_ns = words[2];
    read.values = words.subspan(group_header, members);
    return read;
}

} // namespace pmc
