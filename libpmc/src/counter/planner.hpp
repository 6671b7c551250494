#pragma once

#include <pmc/event.hpp>
#include <pmc/machine.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

/// Packing: events that must be together → as few kernel groups as the PMU allows. Pure functions over made-up events
/// in tests.
namespace pmc {

/// Events that only mean something when they are counted together (a metric's, or a user's {…}). Indices into the event
/// list.
struct Bundle {
    std::vector<std::size_t> events;
    bool explicit_group = false; ///< {…}: exactly these, as one kernel group, even if it can't fit
};

/// One kernel group, leader first.
struct PlannedGroup {
    std::vector<std::size_t> events;
    bool explicit_group = false;
};

struct Plan {
    std::vector<PlannedGroup> groups;
    /// By bundle: the group of its events. Of a bundle that must be split (events of several PMUs, or software ones
    /// beside a PMU's), the group of the first event that takes a counter; the others are in a group of their PMU.
    std::vector<std::size_t> group_of_bundle;

    static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

/// Says whether these events fit on the counters of their PMU at once.
using Fits = std::function<bool(std::span<const std::size_t>)>;

/// Every bundle lies in one group, as far as its events are of one PMU; no group violates `fits`, but for explicit ones
/// and bundles that can't fit at all (they get a group of their own, which the kernel then refuses or never runs: the
/// caller reports it). Bundles that share events share a group where it fits. Software events are kept apart from the
/// PMU's, so that they are never lost with it, except in explicit groups. Events of different PMUs are never in one
/// group, except in explicit ones. Deterministic: groups and their events stand in the order asked for.
Plan make_plan(std::span<const Event> events, std::span<const Bundle> bundles, const Fits& fits);

/// The counters' arithmetic: a group fits if what is left after the fixed counters took theirs fits the generic ones.
/// cycles, instructions, ref-cycles and slots are recognised by their encoding on the PMU.
bool fits_budget(std::span<const Event> group, const CounterBudget& budget);

/// Whether the event needs a counter of a PMU. Software events, tracepoints, probes and the free-running msr counters
/// don't: they may join any group, and never wait for a turn.
bool takes_counter(const Event& event) noexcept;

/// Whether the event is `slots` or one of the metrics that Intel's top-down register holds.
bool is_top_down(const Event& event) noexcept;

/// Moves the group's leader to the front of `members`, the others keep their order. The kernel wants `slots` to lead
/// the top-down events; a PMU's event leads software ones, which would else have to be moved over to its context.
void put_leader_first(std::span<const Event> events, std::vector<std::size_t>& members);

/// The first event that is of another PMU than the first one that takes a counter; nothing if they may be one group.
struct OtherPmu {
    std::size_t event, leader;
};
std::optional<OtherPmu> other_pmu(std::span<const Event> group);

} // namespace pmc
