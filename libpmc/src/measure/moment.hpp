#pragma once

#include <cstdint>

/// Where a thread is at the beginning and the end of a run, so that a disturbed run can be told from others.
namespace pmc {

/// A clock that only goes forward.
std::uint64_t monotonic_ns() noexcept;

/// Where the calling thread is, and how often it had to leave.
struct Whereabouts {
    int cpu = -1;               ///< -1: not known
    std::uint64_t switches = 0; ///< how often it was switched out, willingly or not, since it began

    static Whereabouts now() noexcept;
};

enum class Disturbance : std::uint8_t { none, migrated, switched_out };

/// A thread that migrates is always switched out too: it is told as migrated.
Disturbance disturbance(const Whereabouts& before, const Whereabouts& after) noexcept;

} // namespace pmc
