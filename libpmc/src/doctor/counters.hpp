#pragma once

#include <pmc/event.hpp>
#include <pmc/machine.hpp>

#include <cstddef>

namespace pmc::doctor {

/// How many events a PMU counts at once, found by opening them.
struct Room {
    std::size_t counters = 0; ///< as many open as one group
    std::size_t free = 0;     ///< and so many of them get counters now
    Reason none;              ///< why not even one opens
    Reason held;              ///< why fewer get counters than open
    /// No more were tried than a CounterGroup takes.
    [[nodiscard]] bool is_bounded() const noexcept;
};

/// Cycles, and `more` as often as it fits: the one has a counter of its own on many PMUs. The calling thread must be on
/// a core of their PMU.
Room find_room(const Event& cycles, const Event& more, const Machine& machine);

} // namespace pmc::doctor
