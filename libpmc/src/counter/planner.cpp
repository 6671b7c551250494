#include "counter/planner.hpp"

#include <algorithm>
#include <array>
#include <linux/perf_event.h>
#include <numeric>
#include <string_view>

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
        if (!fits_(part))
            return add({part, false, true});
        const std::size_t best = find_best(part);
        if (best == Plan::none)
            return add({part, false, false});
        drafts_[best].events = united(drafts_[best].events, part);
        return best;
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

/// A fixed counter's event in the PMU's own codes. Any other bit (cmask, inv, edge) makes it an event for a generic
/// counter.
enum class Fixed { cycles, instructions, ref_cycles, slots, metric, none };
struct FixedCode {
    std::string_view pmu; ///< prefix
    std::uint64_t config;
    Fixed fixed;
};
constexpr std::array fixed_codes{
    FixedCode{"cpu", 0x003c, Fixed::cycles},       FixedCode{"cpu", 0x00c0, Fixed::instructions},
    FixedCode{"cpu", 0x0100, Fixed::instructions}, // INST_RETIRED.PREC_DIST
    FixedCode{"cpu", 0x0300, Fixed::ref_cycles},   FixedCode{"cpu", 0x0400, Fixed::slots},
    FixedCode{"armv8", 0x11, Fixed::cycles},       FixedCode{"armv9", 0x11, Fixed::cycles},
    FixedCode{"armv8", 0x08, Fixed::instructions}, FixedCode{"armv9", 0x08, Fixed::instructions},
    FixedCode{"apple", 0x02, Fixed::cycles},       FixedCode{"apple", 0x8c, Fixed::instructions},
};

Fixed fixed_of(const Event& event) {
    if (event.type == PERF_TYPE_HARDWARE) {
        // The upper half names the core type on hybrid machines (PERF_PMU_TYPE_SHIFT).
        switch (event.config & 0xffff'ffff) {
        case PERF_COUNT_HW_CPU_CYCLES:
            return Fixed::cycles;
        case PERF_COUNT_HW_INSTRUCTIONS:
            return Fixed::instructions;
        case PERF_COUNT_HW_REF_CPU_CYCLES:
            return Fixed::ref_cycles;
        default:
            return Fixed::none;
        }
    }
    if (event.type == PERF_TYPE_HW_CACHE)
        return Fixed::none;
    // Top-down metrics (event 0x00, umask 0x80 and up) are read out of the slots counter's companion register.
    if (event.pmu.starts_with("cpu") && (event.config & ~std::uint64_t{0x7f00}) == 0x8000)
        return Fixed::metric;
    for (const FixedCode& code : fixed_codes)
        if (event.config == code.config && event.pmu.starts_with(code.pmu))
            return code.fixed;
    return Fixed::none;
}

} // namespace

bool takes_counter(const Event& event) noexcept {
    static constexpr std::array<std::string_view, 6> countless{"software", "tracepoint", "breakpoint",
                                                               "uprobe",   "kprobe",     "msr"};
    return event.type != PERF_TYPE_SOFTWARE && event.type != PERF_TYPE_TRACEPOINT &&
           std::find(countless.begin(), countless.end(), event.pmu) == countless.end();
}

bool is_top_down(const Event& event) noexcept {
    const Fixed role = fixed_of(event);
    return role == Fixed::slots || role == Fixed::metric;
}

void put_leader_first(std::span<const Event> events, std::vector<std::size_t>& members) {
    auto leader = std::find_if(members.begin(), members.end(),
                               [&](std::size_t i) { return fixed_of(events[i]) == Fixed::slots; });
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

bool fits_budget(std::span<const Event> group, const CounterBudget& budget) {
    // Each fixed counter serves one event: cycles:u and cycles:k are two.
    std::array<unsigned, 4> fixed{budget.fixed_cycles, budget.fixed_instructions, budget.fixed_ref_cycles,
                                  budget.fixed_slots};
    unsigned generic = 0;
    for (const Event& event : group) {
        if (!takes_counter(event))
            continue;
        const Fixed role = fixed_of(event);
        if (role == Fixed::metric && budget.fixed_slots > 0)
            continue;
        if (role < Fixed::metric && fixed[static_cast<std::size_t>(role)] > 0)
            --fixed[static_cast<std::size_t>(role)];
        else
            ++generic;
    }
    return generic <= budget.generic;
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
    // The largest first: they have the least choice.
    std::stable_sort(by_size.begin(), by_size.end(),
                     [](const Part* a, const Part* b) { return a->events.size() > b->events.size(); });
    for (Part* part : by_size)
        part->group = packer.place(part->events);

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
