#include "session/attach_cpus.hpp"

#include "kernel/cgroup.hpp"
#include "kernel/cpu_visit.hpp"
#include "machine/reason.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace pmc {
namespace {

/// "0-3,8".
std::string list_text(const std::vector<int>& sorted) {
    std::string text;
    for (std::size_t i = 0; i < sorted.size();) {
        std::size_t last = i;
        while (last + 1 < sorted.size() && sorted[last + 1] == sorted[last] + 1)
            ++last;
        text += (text.empty() ? "" : ",") + std::to_string(sorted[i]);
        if (last > i)
            text += '-' + std::to_string(sorted[last]);
        i = last + 1;
    }
    return text;
}

void insert(std::vector<int>& sorted, int cpu) {
    const auto at = std::ranges::lower_bound(sorted, cpu);
    if (at == sorted.end() || *at != cpu)
        sorted.insert(at, cpu);
}

std::string_view scope_of(Rows rows) noexcept {
    switch (rows) {
    case Rows::cpu:
        return "cpu";
    case Rows::core:
        return "core";
    case Rows::socket:
        return "socket";
    case Rows::node:
        return "node";
    case Rows::total:
    case Rows::thread:
        break;
    }
    return "system";
}

} // namespace

CpuAttachment::CpuAttachment(const MetricSet::State& set, const Target& target) : set_(set), target_(target) {
    std::ranges::sort(target_.cpus);
    target_.cpus.erase(std::unique(target_.cpus.begin(), target_.cpus.end()), target_.cpus.end());
}

bool CpuAttachment::wants(int cpu) const {
    return target_.cpus.empty() || std::ranges::binary_search(target_.cpus, cpu);
}

std::vector<CpuPlace> CpuAttachment::online() const {
    const kernel::FileTree tree(set_.machine.root());
    // Who sits where is asked only if it matters: it takes four files a CPU.
    const bool by_place = target_.rows != Rows::total && target_.rows != Rows::cpu;
    if (by_place)
        return read_topology(tree);
    std::vector<CpuPlace> places;
    for (const int cpu : online_cpus(tree))
        places.push_back({.cpu = cpu});
    return places;
}

Expected<bool> CpuAttachment::open_cgroups(Attached& attached) {
    if (target_.cgroups.empty()) {
        cgroups_.emplace_back();
        return true;
    }
    const Expected<kernel::CgroupHierarchy> hierarchy = kernel::CgroupHierarchy::find();
    if (!hierarchy)
        return hierarchy.error();
    std::optional<Error> first;
    for (const std::string& path : target_.cgroups) {
        Expected<kernel::UniqueFd> fd = hierarchy->open(path);
        if (fd) {
            cgroups_.push_back({path, *std::move(fd)});
            continue;
        }
        attached.notes.push_back(fd.error().message());
        if (!first)
            first = std::move(fd.error());
    }
    if (cgroups_.empty())
        return std::move(*first);
    return true;
}

Expected<Attached> CpuAttachment::attach() {
    Attached attached{.counters = CounterSet(set_.events, set_.plan, set_.machine, {set_.mode, false, false})};
    if (Expected<bool> opened = open_cgroups(attached); !opened)
        return std::move(opened.error());
    std::vector<CpuPlace> places = online();
    if (places.empty())
        if (Reason unlisted = why_not_listed(set_.machine, "the CPUs", "/sys/devices/system/cpu/online"))
            return Error(Stage::open, "all CPUs", std::move(unlisted));
    std::erase_if(places, [&](const CpuPlace& place) { return !wants(place.cpu); });
    kernel::CpuVisit visit;
    for (const CpuPlace& place : places) {
        if (cgroups_.size() >= kernel::CpuVisit::pays_from)
            visit.go_to(place.cpu);
        Reason reason = open_cpu(attached, place);
        if (reason.cause == Cause::too_many_files && cgroups_.size() > 1)
            reason.evidence += " on each CPU for each of " + std::to_string(cgroups_.size()) + " cgroups";
        else if (reason.cause == Cause::too_many_files)
            reason.evidence += " on each of " + std::to_string(places.size()) + " CPUs";
        if (reason && reason.cause != Cause::cpu_offline) // or it went just now
            return Error(Stage::open, "CPU " + std::to_string(place.cpu), std::move(reason));
    }
    std::vector<int> missing;
    std::ranges::set_difference(target_.cpus, seen_, std::back_inserter(missing));
    if (!missing.empty())
        attached.notes.push_back((missing.size() == 1 ? "CPU " : "CPUs ") + list_text(missing) +
                                 ": not online, or not there");
    if (seen_.empty()) {
        Reason reason = make_reason(Cause::cpu_offline, "none of them is online");
        reason.remedy = "these are: " + list_text(online_cpus());
        return Error(Stage::open, "CPUs " + list_text(target_.cpus), std::move(reason));
    }
    open_units(attached, places);
    describe(attached);
    return attached;
}

std::string CpuAttachment::id_of(const CpuPlace& place) const {
    switch (target_.rows) {
    case Rows::cpu:
        return std::to_string(place.cpu);
    case Rows::core:
        return place.core_id();
    case Rows::socket:
        return place.socket_id();
    case Rows::node:
        return place.node_id();
    case Rows::total:
    case Rows::thread:
        break;
    }
    return {};
}

std::size_t CpuAttachment::row_of(Attached& attached, std::size_t cgroup, const CpuPlace& place) {
    const auto [found, is_new] = rows_.try_emplace({cgroup, id_of(place)}, attached.rows.size());
    if (!is_new)
        return found->second;
    const std::size_t row = attached.counters.add_row();
    Sample& sample = attached.rows.emplace_back();
    sample.scope = scope_of(target_.rows);
    sample.id = found->first.second;
    const std::string& path = cgroups_[cgroup].path;
    if (path.empty())
        return row;
    attached.counters.refuse_units(row); // they count for all cgroups
    if (target_.rows == Rows::total) {
        sample.scope = "cgroup";
        sample.id = path;
    } else {
        sample.cgroup = path;
    }
    return row;
}

Reason CpuAttachment::open_cpu(Attached& attached, const CpuPlace& place) {
    const bool is_back = std::ranges::binary_search(seen_, place.cpu);
    for (std::size_t i = 0; i < cgroups_.size(); ++i) {
        const bool is_cgroup = cgroups_[i].fd.get() >= 0;
        const std::size_t row = row_of(attached, i, place);
        const Place at{.pid = is_cgroup ? cgroups_[i].fd.get() : -1, .cpu = place.cpu, .cgroup = is_cgroup, .row = row};
        if (Reason reason = is_back ? attached.counters.open_again(at) : attached.counters.open_whole(at))
            return reason;
    }
    for (std::size_t i = 0; !is_back && target_.rows != Rows::cpu && i < cgroups_.size(); ++i)
        ++attached.rows[row_of(attached, i, place)].cpus;
    insert(seen_, place.cpu);
    return {};
}

void CpuAttachment::open_units(Attached& attached, const std::vector<CpuPlace>& places) {
    const std::vector<int> cpus = attached.counters.unit_cpus();
    if (cpus.empty() || !cgroups_.front().path.empty())
        return;
    const std::vector<CpuPlace> all =
        target_.cpus.empty() ? places : read_topology(kernel::FileTree(set_.machine.root()));
    const auto socket_of = [&](int cpu) {
        const auto place = std::ranges::find(all, cpu, &CpuPlace::cpu);
        return place == all.end() ? -1 : place->socket;
    };
    for (const int cpu : cpus) {
        const auto place = std::ranges::find(all, cpu, &CpuPlace::cpu);
        if (place == all.end())
            continue;
        // Of some CPUs: what counts for their sockets.
        const bool is_theirs = target_.cpus.empty() || std::ranges::any_of(target_.cpus, [&](int wanted) {
                                   return socket_of(wanted) == place->socket;
                               });
        const auto row = rows_.find({0, id_of(*place)});
        if (is_theirs && row != rows_.end())
            attached.counters.open_units(cpu, row->second);
    }
}

void CpuAttachment::describe(Attached& attached) const {
    const std::string cpus = (seen_.size() == 1 ? "CPU " : "CPUs ") + list_text(seen_);
    if (target_.rows == Rows::total && target_.cgroups.empty())
        attached.rows.front().id = list_text(seen_);
    attached.text = cpus;
    if (target_.cgroups.empty())
        return;
    constexpr std::size_t most_named = 4;
    std::string names = cgroups_.size() == 1 ? "cgroup " : "cgroups ";
    for (std::size_t i = 0; i < std::min(cgroups_.size(), most_named); ++i)
        names += (i == 0 ? "" : ", ") + cgroups_[i].path;
    if (cgroups_.size() > most_named)
        names += " and " + std::to_string(cgroups_.size() - most_named) + " more";
    attached.text = names + (target_.cpus.empty() ? std::string() : " on " + cpus);
}

bool CpuAttachment::follow(Attached& attached, bool on) {
    const std::vector<CpuPlace> places = online();
    std::vector<int> cpus(places.size());
    std::ranges::transform(places, cpus.begin(), &CpuPlace::cpu);
    bool opened = false;
    for (const int cpu : attached.counters.retire(cpus, on)) {
        insert(away_, cpu);
        const std::string note = "CPU " + std::to_string(cpu) + " went offline: it is counted while it is there";
        if (!std::ranges::binary_search(cpus, cpu) && std::ranges::find(attached.notes, note) == attached.notes.end())
            attached.notes.push_back(note);
    }
    for (const CpuPlace& place : places) {
        const bool is_back = std::ranges::binary_search(away_, place.cpu);
        const bool is_new = !std::ranges::binary_search(seen_, place.cpu) && wants(place.cpu);
        if (!is_back && !is_new)
            continue;
        // What is refused this time (the CPU may have gone again) is tried again when there is news.
        if (open_cpu(attached, place)) {
            attached.counters.drop(place.cpu);
            insert(away_, place.cpu);
            continue;
        }
        std::erase(away_, place.cpu);
        opened = true;
    }
    if (opened)
        describe(attached);
    return opened;
}

} // namespace pmc
