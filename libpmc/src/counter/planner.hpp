#pragma once

#include <pmc/event.hpp>
#include <pmc/machine.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
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
    std::vector<std::size_t> group_of_bundle; ///< by bundle; the bundle's events are all in this group

    static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

/// Says whether these events fit on the counters of their PMU at once.
using Fits = std::function<bool(std::span<const std::size_t>)>;

/// Every bundle lies in one group; no group violates `fits`, but for explicit ones and bundles that can't fit at all
/// (they get a group of their own, which the kernel then refuses or never runs: the caller reports it). Bundles that
/// share events share a group where it fits. Software events are kept apart from the PMU's, so that they are never lost
/// with it, except in explicit groups. Events of different PMUs are never in one group. Deterministic.
Plan make_plan(std::span<const Event> events, std::span<const Bundle> bundles, const Fits& fits);

/// The counters' arithmetic: a group fits if what is left after the fixed counters took theirs fits the generic ones.
/// cycles/instructions are recognised by their encoding on the PMU (generic config 0/1, or the table's `fixed` role
/// codes).
bool fits_budget(std::span<const Event> group, const CounterBudget& budget);

} // namespace pmc
