#include "counter/planner.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string_view>
#include <utility>

namespace pmc {
namespace {

using Members = std::vector<std::size_t>;

bool contains(const Members& members, std::size_t event) {
    return std::find(members.begin(), members.end(), event) != members.end();
}

std::size_t overlap(const Members& a, const Members& b) {
    return static_cast<std::size_t>(std::count_if(a.begin(), a.end(), [&](std::size_t e) { return contains(b, e); }));
}

Members united(const Members& group, const Members& part) {
    Members all = group;
    std::copy_if(part.begin(), part.end(), std::back_inserter(all), [&](std::size_t e) { return !contains(group, e); });
    return all;
}

/// The bundle's events, each once, without indices that mean nothing.
Members distinct(std::span<const std::size_t> events, std::size_t known) {
    Members members;
    for (const std::size_t event : events)
        if (event < known && !contains(members, event))
            members.push_back(event);
    return members;
}

/// The events of one bundle that are of one PMU.
struct Part {
    Members events;
    std::size_t bundle;
    std::size_t group = Plan::none;
};

std::vector<Part> split_by_pmu(std::span<const Event> events, const Members& members, std::size_t bundle) {
    std::vector<Part> parts;
    for (const std::size_t event : members) {
        const auto of_its_pmu = std::find_if(parts.begin(), parts.end(), [&](const Part& part) {
            return events[part.events.front()].pmu == events[event].pmu;
        });
        if (of_its_pmu == parts.end())
            parts.push_back({{event}, bundle});
        else
            of_its_pmu->events.push_back(event);
    }
    return parts;
}

/// A group in the making.
struct Draft {
    Members events;
    bool explicit_group = false;
    bool closed = false; ///< a bundle that can't fit: nothing may join
};

class Packer {
public:
    Packer(std::span<const Event> events, const Fits& fits) : events_(events), fits_(fits) {}

    std::size_t place_explicit(const Members& members) {
        const auto same = std::find_if(drafts_.begin(), drafts_.end(), [&](const Draft& draft) {
            return draft.explicit_group && draft.events.size() == members.size() &&
                   overlap(draft.events, members) == members.size();
        });
        if (same != drafts_.end())
            return static_cast<std::size_t>(same - drafts_.begin());
        return add({members, true, true});
    }

    std::size_t place(const Members& part) {
        if (const std::size_t holder = find_holder(part); holder != Plan::none)
            return holder;
        const std::size_t best = find_best(part);
        if (best == Plan::none)
            return add({part, false, !fits_(part)});
        drafts_[best].events = united(drafts_[best].events, part);
        return best;
    }

    /// Looks for a way to do with fewer groups than taking the parts one by one came to. `parts`: all that were placed.
    void tighten(std::span<Part* const> parts) {
        std::vector<std::string_view> pmus;
        for (const Part* part : parts) {
            const std::string_view pmu = events_[part->events.front()].pmu;
            if (std::find(pmus.begin(), pmus.end(), pmu) != pmus.end())
                continue;
            pmus.push_back(pmu);
            std::vector<Part*> movable;
            std::copy_if(parts.begin(), parts.end(), std::back_inserter(movable), [&](const Part* one) {
                return events_[one->events.front()].pmu == pmu && !drafts_[one->group].closed;
            });
            while (drop_group(movable)) {
            }
        }
    }

    [[nodiscard]] const std::vector<Draft>& drafts() const { return drafts_; }

private:
    std::size_t add(Draft draft) {
        drafts_.push_back(std::move(draft));
        return drafts_.size() - 1;
    }

    /// A group that has them all. Not an explicit one: it is all or nothing, and may not even fit.
    [[nodiscard]] std::size_t find_holder(const Members& part) const {
        for (std::size_t i = 0; i < drafts_.size(); ++i)
            if (!drafts_[i].explicit_group && overlap(part, drafts_[i].events) == part.size())
                return i;
        return Plan::none;
    }

    /// Packs the parts, which are of one PMU, into one group fewer than now; false if none of the ways tried does it.
    bool drop_group(std::span<Part* const> parts) {
        std::vector<std::size_t> groups;
        for (const Part* part : parts)
            if (std::find(groups.begin(), groups.end(), part->group) == groups.end())
                groups.push_back(part->group);
        const bool only_single_events =
            std::all_of(parts.begin(), parts.end(), [](const Part* part) { return part->events.size() == 1; });
        if (groups.size() < 2 || only_single_events)
            return false;
        Search search{*this, parts, groups.size() - 1};
        if (!search.place_from(0))
            return false;
        for (std::size_t i = 0; i < parts.size(); ++i)
            parts[i]->group = groups[search.chosen[i]];
        for (std::size_t i = 0; i < search.bins.size(); ++i)
            drafts_[groups[i]].events = search.bins[i];
        return true;
    }

    /// Depth first, the group that shares most tried first: what taking part by part can't undo.
    struct Search {
        const Packer& packer;
        std::span<Part* const> parts;
        std::size_t most; ///< groups
        std::vector<Members> bins = {};
        std::vector<std::size_t> chosen = {}; ///< by part: its bin
        unsigned trials = 200;                ///< each may ask the kernel

        bool place_from(std::size_t next) {
            if (next == parts.size())
                return true;
            const Members& part = parts[next]->events;
            std::vector<std::size_t> order(bins.size());
            std::iota(order.begin(), order.end(), std::size_t{0});
            std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
                return overlap(part, bins[a]) > overlap(part, bins[b]);
            });
            for (const std::size_t bin : order) {
                if (!may_be(united(bins[bin], part)))
                    continue;
                Members before = std::exchange(bins[bin], united(bins[bin], part));
                chosen.push_back(bin);
                if (place_from(next + 1))
                    return true;
                chosen.pop_back();
                bins[bin] = std::move(before);
            }
            if (bins.size() == most || !may_be(part))
                return false;
            chosen.push_back(bins.size());
            bins.push_back(part);
            if (place_from(next + 1))
                return true;
            chosen.pop_back();
            bins.pop_back();
            return false;
        }

        bool may_be(const Members& group) {
            if (trials == 0)
                return false;
            --trials;
            return packer.fits_(group);
        }
    };

    /// The group of this PMU that shares most with the part, and has room for the rest.
    [[nodiscard]] std::size_t find_best(const Members& part) const {
        std::size_t best = Plan::none;
        std::size_t best_overlap = 0;
        for (std::size_t i = 0; i < drafts_.size(); ++i) {
            const Draft& draft = drafts_[i];
            if (draft.closed || events_[draft.events.front()].pmu != events_[part.front()].pmu)
                continue;
            const std::size_t shared = overlap(part, draft.events);
            if (best != Plan::none && shared <= best_overlap)
                continue;
            if (!fits_(united(draft.events, part)))
                continue;
            best = i;
            best_overlap = shared;
        }
        return best;
    }

    std::span<const Event> events_;
    const Fits& fits_;
    std::vector<Draft> drafts_;
};

/// The group that stands for a bundle which had to be split.
std::size_t main_group(std::span<const Event> events, std::span<const Part> parts) {
    for (const Part& part : parts)
        if (takes_counter(events[part.events.front()]))
            return part.group;
    return parts.empty() ? Plan::none : parts.front().group;
}

} // namespace

void put_leader_first(std::span<const Event> events, std::vector<std::size_t>& members) {
    auto leader = std::find_if(members.begin(), members.end(), [&](std::size_t i) { return is_slots(events[i]); });
    if (leader == members.end())
        leader = std::find_if(members.begin(), members.end(), [&](std::size_t i) { return takes_counter(events[i]); });
    if (leader != members.end())
        std::rotate(members.begin(), leader, leader + 1);
}

std::optional<OtherPmu> other_pmu(std::span<const Event> group) {
    const auto leader = std::find_if(group.begin(), group.end(), takes_counter);
    const auto stranger = std::find_if(
        leader, group.end(), [&](const Event& event) { return takes_counter(event) && event.pmu != leader->pmu; });
    if (stranger == group.end())
        return std::nullopt;
    return OtherPmu{static_cast<std::size_t>(stranger - group.begin()),
                    static_cast<std::size_t>(leader - group.begin())};
}

Plan make_plan(std::span<const Event> events, std::span<const Bundle> bundles, const Fits& fits) {
    Packer packer{events, fits};
    Plan plan;
    plan.group_of_bundle.assign(bundles.size(), Plan::none);

    std::vector<std::vector<Part>> parts(bundles.size());
    std::vector<Part*> by_size;
    for (std::size_t i = 0; i < bundles.size(); ++i) {
        const Members members = distinct(bundles[i].events, events.size());
        if (members.empty())
            continue;
        if (bundles[i].explicit_group) {
            parts[i].push_back({members, i, packer.place_explicit(members)});
            continue;
        }
        parts[i] = split_by_pmu(events, members, i);
        for (Part& part : parts[i])
            by_size.push_back(&part);
    }
    // The largest first: they have the least choice. What does not fit alone comes last: a top-down metric fits where
    // slots is.
    std::stable_sort(by_size.begin(), by_size.end(),
                     [](const Part* a, const Part* b) { return a->events.size() > b->events.size(); });
    std::stable_partition(by_size.begin(), by_size.end(), [&](const Part* part) { return fits(part->events); });
    for (Part* part : by_size)
        part->group = packer.place(part->events);
    packer.tighten(by_size);

    // Numbered in the order asked for, not in that of packing.
    std::vector<std::size_t> number(packer.drafts().size(), Plan::none);
    for (const std::vector<Part>& of_bundle : parts)
        for (const Part& part : of_bundle) {
            if (number[part.group] != Plan::none)
                continue;
            number[part.group] = plan.groups.size();
            const Draft& draft = packer.drafts()[part.group];
            PlannedGroup group{draft.events, draft.explicit_group};
            if (!group.explicit_group)
                std::sort(group.events.begin(), group.events.end());
            put_leader_first(events, group.events);
            plan.groups.push_back(std::move(group));
        }
    for (std::size_t i = 0; i < bundles.size(); ++i)
        if (const std::size_t group = main_group(events, parts[i]); group != Plan::none)
            plan.group_of_bundle[i] = number[group];
    return plan;
}

} // namespace pmc
