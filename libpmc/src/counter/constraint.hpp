#pragma once

#include <pmc/event.hpp>
#include <pmc/machine.hpp>

#include <span>

/// Which counters an event can be on, and whether several find one each. Pure functions over made-up events in tests.
namespace pmc {

/// Whether the event needs a counter of a PMU. Software events, tracepoints, probes and the free-running msr counters
/// don't: they may join any group, and never wait for a turn.
bool takes_counter(const Event& event) noexcept;

/// Intel's slots: leads the top-down metrics, which are fields of its companion register.
bool is_slots(const Event& event) noexcept;
/// Whether the event is such a field, by its table or by its code. On a PMU without slots the code is another event's.
bool is_topdown_metric(const Event& event) noexcept;

/// Whether there is an assignment of the events to the PMU's counters: each to one that its table allows (or, where no
/// table says anything, to its own fixed counter or any generic one), no two to the same. Top-down metrics need no
/// counter, but slots in the group. Generic counters are numbered from 0; of the fixed ones those exist that the budget
/// has, and beyond them those that an event's table names.
bool fits_budget(std::span<const Event> group, const CounterBudget& budget);

} // namespace pmc
