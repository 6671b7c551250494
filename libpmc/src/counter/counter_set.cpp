#include "counter/counter_set.hpp"

#include "counter/reasons.hpp"
#include "kernel/clock.hpp"
#include "kernel/cpu_visit.hpp"
#include "kernel/system_call.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

namespace pmc {
namespace {

/// Whether the reason is about the place rather than about an event. A first event that is denied speaks for all.
bool is_about_place(const Refusal& refusal, const Place& place, bool first) noexcept {
    switch (refusal.error) {
    case ESRCH:
    case EMFILE:
    case ENFILE:
        return true;
    case EACCES:
    case EPERM:
        return first;
    case ENODEV:
        return place.cpu >= 0 && refusal.reason.cause == Cause::cpu_offline;
    default:
        return false;
    }
}

bool has_no_room(const std::vector<Refusal>& refusals) {
    return std::ranges::any_of(refusals,
                               [](const Refusal& refusal) { return refusal.reason.cause == Cause::group_too_large; });
}

Reason unreadable(int error, bool ended, const Event& leader, std::size_t members, const Machine& machine) {
    if (error != 0)
        return machine.why(error, leader.name, leader.pmu, false);
    if (ended)
        return counters_busy(members, machine);
    return {.cause = Cause::rejected,
            .error = 0,
            .evidence = "the kernel lost events of the group of " + leader.name + " while it counted",
            .remedy = {}};
}

/// Where a unit of the event's PMU is opened.
const std::vector<int>& cpus_of(const Event& event, std::size_t unit) {
    return unit == 0 ? event.cpus : event.more_units[unit - 1].cpus;
}

std::uint64_t difference(std::uint64_t now, std::uint64_t then) noexcept {
    return now > then ? now - then : 0;
}

} // namespace

CounterSet::CounterSet(std::vector<Event> events, Plan plan, const Machine& machine, const OpenSettings& settings)
    : events_(std::move(events)), plan_(std::move(plan)), machine_(machine), settings_(settings) {
    std::size_t most = 0;
    for (PlannedGroup& group : plan_.groups) {
        std::erase_if(group.events, [&](std::size_t event) { return event >= events_.size(); });
        first_slots_.push_back(slots_);
        slots_ += group.events.size();
        most = std::max(most, group.events.size());
    }
    words_.resize(group_header + most);
    refusals_.resize(slots_);
}

std::size_t CounterSet::add_row() {
    ++rows_;
    now_.resize(rows_ * slots_);
    marked_.resize(rows_ * slots_);
    retired_.resize(rows_ * slots_);
    standings_.resize(rows_ * slots_);
    for (std::vector<Unread>* const reads : {&unread_, &marked_unread_, &retired_unread_})
        reads->resize(rows_ * plan_.groups.size());
    return rows_ - 1;
}

bool CounterSet::is_of_units(std::size_t group) const noexcept {
    const std::vector<std::size_t>& events = plan_.groups[group].events;
    return !events.empty() && !events_[events.front()].cpus.empty();
}

void CounterSet::add(OpenGroup& group) {
    for (const OpenGroup::Member& member : group.members)
        ++standings_[group.place.row * slots_ + slot(group.planned, member.index)].opened;
    if (group.members.empty())
        return;
    if (group.place.cgroup) {
        has_cgroups_ = true;
        group.opened_ns = kernel::clock_ns(CLOCK_MONOTONIC);
    }
    groups_.push_back(std::move(group));
}

void CounterSet::refuse(std::size_t row, std::size_t slot, Reason reason) {
    ++standings_[row * slots_ + slot].refused;
    if (!refusals_[slot])
        refusals_[slot] = std::move(reason);
}

Reason CounterSet::open(const Place& place) {
    return open_at(place, Keep::all);
}

Reason CounterSet::open_whole(const Place& place) {
    return open_at(place, Keep::place);
}

Reason CounterSet::open_again(const Place& place) {
    return open_at(place, Keep::everything_or_nothing);
}

Reason CounterSet::open_at(const Place& place, Keep keep) {
    Reason first;
    std::vector<OpenGroup> opened;
    std::vector<std::pair<std::size_t, Refusal>> refused; // by slot
    std::vector<Refusal> refusals;
    for (std::size_t g = 0; g < plan_.groups.size(); ++g) {
        const PlannedGroup& planned = plan_.groups[g];
        if (planned.events.empty() || is_of_units(g) || !belongs_to(events_[planned.events.front()], place, machine_))
            continue;
        refusals.clear();
        OpenGroup group = open_group(events_, planned, place, settings_, machine_, refusals);
        // A thread that has just forked may have swapped its counters for its child's equal ones: those that are opened
        // then are in another place than their leader, which the kernel refuses as it does a group that is too large.
        constexpr int most_tries = 8;
        for (int tries = 1; tries < most_tries && is_running_thread(place) && has_no_room(refusals); ++tries) {
            group.close();
            refusals.clear();
            group = open_group(events_, planned, place, settings_, machine_, refusals);
        }
        group.planned = g;
        for (Refusal& refusal : refusals) {
            if (refusal.error == EMFILE || refusal.error == ENFILE)
                refusal.reason = too_many_files(std::move(refusal.reason), slots_, plan_.groups.size());
            const bool nothing_yet = opened.empty() && group.members.empty();
            if (keep == Keep::place && is_about_place(refusal, place, nothing_yet))
                return std::move(refusal.reason);
            // What was refused the first time is known; what was open once is not given up.
            if (keep == Keep::everything_or_nothing &&
                standings_[place.row * slots_ + slot(g, refusal.member)].opened > 0)
                return std::move(refusal.reason);
            if (!first)
                first = refusal.reason;
            refused.emplace_back(slot(g, refusal.member), std::move(refusal));
        }
        opened.push_back(std::move(group));
    }
    for (OpenGroup& group : opened)
        add(group);
    if (keep != Keep::everything_or_nothing)
        for (auto& [slot, refusal] : refused)
            refuse(place.row, slot, std::move(refusal.reason));
    return keep == Keep::all ? first : Reason{};
}

std::vector<int> CounterSet::unit_cpus() const {
    std::vector<int> cpus;
    for (std::size_t g = 0; g < plan_.groups.size(); ++g)
        for (std::size_t unit = 0; is_of_units(g) && unit <= leader_of(g).more_units.size(); ++unit) {
            const std::vector<int>& of_unit = cpus_of(leader_of(g), unit);
            cpus.insert(cpus.end(), of_unit.begin(), of_unit.end());
        }
    std::ranges::sort(cpus);
    cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
    return cpus;
}

void CounterSet::open_units(int cpu, std::size_t row) {
    std::vector<Refusal> refusals;
    for (std::size_t g = 0; g < plan_.groups.size(); ++g) {
        if (!is_of_units(g))
            continue;
        for (std::size_t unit = 0; unit <= leader_of(g).more_units.size(); ++unit) {
            const std::vector<int>& cpus = cpus_of(leader_of(g), unit);
            if (std::ranges::find(cpus, cpu) == cpus.end())
                continue;
            refusals.clear();
            const Place place{.cpu = cpu, .row = row, .unit = unit};
            OpenGroup group = open_group(events_, plan_.groups[g], place, settings_, machine_, refusals);
            group.planned = g;
            add(group);
            for (Refusal& refusal : refusals)
                refuse(row, slot(g, refusal.member), std::move(refusal.reason));
        }
    }
}

void CounterSet::refuse_units(std::size_t row) {
    for (std::size_t g = 0; g < plan_.groups.size(); ++g) {
        if (!is_of_units(g))
            continue;
        for (std::size_t member = 0; member < plan_.groups[g].events.size(); ++member)
            refuse(row, slot(g, member), counts_elsewhere(events_[plan_.groups[g].events[member]]));
    }
}

template <typename Visitor>
void CounterSet::for_each_group(const Visitor& visitor) noexcept {
    std::size_t changes = 0;
    int cpu = -1;
    for (const OpenGroup& group : groups_)
        changes += std::exchange(cpu, group.place.cpu) != group.place.cpu ? 1U : 0U;
    const bool pays = changes > 0 && groups_.size() >= changes * kernel::CpuVisit::pays_from;
    kernel::CpuVisit visit;
    for (OpenGroup& group : groups_) {
        if (pays)
            visit.go_to(group.place.cpu);
        visitor(group);
    }
}

CounterSet::~CounterSet() {
    for_each_group([](OpenGroup& group) { group.close(); });
}

void CounterSet::enable() noexcept {
    for_each_group(
        [](const OpenGroup& group) { kernel::perf_ioctl(group.members.front().fd.get(), PERF_EVENT_IOC_ENABLE, 0); });
}

void CounterSet::enable_units() noexcept {
    for (const OpenGroup& group : groups_)
        if (is_of_units(group.planned))
            kernel::perf_ioctl(group.members.front().fd.get(), PERF_EVENT_IOC_ENABLE, 0);
}

void CounterSet::disable() noexcept {
    for_each_group(
        [](const OpenGroup& group) { kernel::perf_ioctl(group.members.front().fd.get(), PERF_EVENT_IOC_DISABLE, 0); });
}

void CounterSet::drop(int cpu) noexcept {
    std::erase_if(groups_,
                  [&](const OpenGroup& group) { return group.place.cpu == cpu && !is_of_units(group.planned); });
}

bool CounterSet::is_readable() noexcept {
    for (const OpenGroup& group : groups_)
        if (!read_group(group.members.front().fd.get(), group.members.size(), words_).whole)
            return false;
    return true;
}

void CounterSet::read() noexcept {
    now_ns_ = has_cgroups_ ? kernel::clock_ns(CLOCK_MONOTONIC) : 0;
    std::ranges::copy(retired_, now_.begin());
    std::ranges::copy(retired_unread_, unread_.begin());
    for (OpenGroup& group : groups_)
        if (const Unread unread = read_into(now_, group); unread.any())
            unread_[read_of(group)] = unread;
}

void CounterSet::add_to(std::vector<Sum>& sums, const OpenGroup& group, std::size_t member, std::uint64_t raw,
                        const GroupRead& read) noexcept {
    Sum& sum = sums[group.place.row * slots_ + slot(group.planned, group.members[member].index)];
    sum.raw += raw;
    sum.enabled_ns += read.enabled_ns;
    sum.running_ns += read.running_ns;
}

CounterSet::Unread CounterSet::read_into(std::vector<Sum>& sums, OpenGroup& group) noexcept {
    const std::size_t members = group.members.size();
    GroupRead read = read_group(group.members.front().fd.get(), members, words_);
    if (read.whole) {
        // A cgroup's time may begin at the machine's start, now and then (6.18): it can't be longer than the counting.
        if (group.place.cgroup) {
            read.enabled_ns = std::min(read.enabled_ns, now_ns_ - group.opened_ns);
            read.running_ns = std::min(read.running_ns, now_ns_ - group.opened_ns);
        }
        group.enabled_ns = read.enabled_ns;
        for (std::size_t m = 0; m < members; ++m)
            add_to(sums, group, m, read.values[m], read);
        return {};
    }
    if (group.place.cpu < 0 || read.ended || read.error != 0)
        return Unread::of(read);
    // A CPU that goes offline takes its groups apart: each event stands alone then, with what it has counted.
    group.broken = true;
    Unread unread;
    for (std::size_t m = 0; m < members; ++m) {
        const GroupRead alone = read_group(group.members[m].fd.get(), 1, words_);
        if (alone.whole)
            add_to(sums, group, m, alone.values[0], alone);
        else
            unread = Unread::of(alone);
    }
    return unread;
}

void CounterSet::mark() noexcept {
    // What would go back (it never should) must not be counted twice when it goes on.
    for (std::size_t i = 0; i < now_.size(); ++i)
        marked_[i] = {std::max(marked_[i].raw, now_[i].raw), std::max(marked_[i].enabled_ns, now_[i].enabled_ns),
                      std::max(marked_[i].running_ns, now_[i].running_ns)};
    std::ranges::copy(unread_, marked_unread_.begin());
}

void CounterSet::counts(std::size_t row, Since since, Counts& counts) const {
    counts.clear();
    for (std::size_t g = 0; g < plan_.groups.size(); ++g) {
        for (std::size_t member = 0; member < plan_.groups[g].events.size(); ++member) {
            const std::size_t at = slot(g, member);
            const std::size_t index = row * slots_ + at;
            const Standing& standing = standings_[index];
            Sum sum = now_[index];
            if (since != Since::start) {
                const Sum& then = marked_[index];
                sum = {difference(sum.raw, then.raw), difference(sum.enabled_ns, then.enabled_ns),
                       difference(sum.running_ns, then.running_ns)};
            }
            Count count{sum.raw, sum.enabled_ns, sum.running_ns};
            if (standing.opened == 0 || standing.refused > 0)
                count = Count{0, 0, 0, State::not_available};
            else if (unread(row, g, since).any())
                count = Count{};
            else if (since == Since::mark_enabled && sum.enabled_ns == 0 && now_[index].running_ns > 0)
                count = Count{sum.raw, 0, 0, State::counted};
            GroupCount& one =
                counts.emplace_back(GroupCount{plan_.groups[g].events[member], static_cast<int>(g), count, {}});
            if (!count.has_value())
                one.reason = why_none(row, g, at, count, since);
        }
    }
}

/// What was not read at one of its ends has no delta: it would be another interval's too.
const CounterSet::Unread& CounterSet::unread(std::size_t row, std::size_t group, Since since) const noexcept {
    const std::size_t read = row * plan_.groups.size() + group;
    return since == Since::start || unread_[read].any() ? unread_[read] : marked_unread_[read];
}

Reason CounterSet::why_none(std::size_t row, std::size_t group, std::size_t slot, const Count& count,
                            Since since) const {
    const Standing& standing = standings_[row * slots_ + slot];
    const PlannedGroup& planned = plan_.groups[group];
    if (standing.refused > 0)
        return refusals_[slot];
    const Event& leader = events_[planned.events.front()];
    if (standing.opened == 0 && !leader.cpus.empty())
        return counts_elsewhere(leader);
    if (standing.opened == 0)
        return leader.core.empty() ? refusals_[slot] ? refusals_[slot] : never_ran() : never_ran_on(leader.core);
    std::size_t members = 0; // of those that are open
    for (std::size_t member = 0; member < planned.events.size(); ++member)
        members += standings_[row * slots_ + first_slots_[group] + member].opened > 0 ? 1 : 0;
    if (const Unread& failed = unread(row, group, since); failed.any())
        return unreadable(failed.error, failed.ended, leader, members, machine_);
    return count.enabled_ns() == 0 ? never_ran() : never_scheduled(members, machine_);
}

Counts CounterSet::read_all() {
    Counts all;
    read();
    if (rows_ > 0)
        counts(0, Since::start, all);
    return all;
}

void CounterSet::retire(OpenGroup& group) noexcept {
    if (const Unread unread = read_into(retired_, group); unread.any())
        retired_unread_[read_of(group)] = unread;
}

std::vector<int> CounterSet::retire(const std::vector<int>& online, bool on) {
    struct Signs {
        bool gone = false, stands = false, moves = false;
        [[nodiscard]] bool retired() const noexcept { return gone || (stands && !moves); }
    };
    std::map<int, Signs> cpus;
    // The kernel itself moves the events of a PMU that counts in one place to another CPU of that place.
    const auto follows = [&](const OpenGroup& group) { return group.place.cpu >= 0 && !is_of_units(group.planned); };
    for (OpenGroup& group : groups_) {
        if (!follows(group))
            continue;
        Signs& signs = cpus[group.place.cpu];
        signs.gone = signs.gone || group.broken || !std::ranges::binary_search(online, group.place.cpu);
        // A cgroup's time stands still whenever none of its threads runs; a group without counters may stand, too.
        if (on && !group.place.cgroup)
            (group.enabled_ns == group.checked_ns ? signs.stands : signs.moves) = true;
        group.checked_ns = group.enabled_ns;
    }
    std::vector<int> retired;
    for (const auto& [cpu, signs] : cpus)
        if (signs.retired())
            retired.push_back(cpu);
    if (retired.empty())
        return retired;
    std::vector<OpenGroup> kept;
    for (OpenGroup& group : groups_) {
        if (follows(group) && cpus[group.place.cpu].retired())
            retire(group);
        else
            kept.push_back(std::move(group));
    }
    groups_ = std::move(kept);
    return retired;
}

} // namespace pmc
