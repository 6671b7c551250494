#include "measure/moment.hpp"

#include "kernel/clock.hpp"

#include <sched.h>
#include <sys/resource.h>

namespace pmc {

std::uint64_t monotonic_ns() noexcept {
    return kernel::clock_ns(CLOCK_MONOTONIC);
}

Whereabouts Whereabouts::now() noexcept {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return {sched_getcpu(), static_cast<std::uint64_t>(usage.ru_nvcsw) + static_cast<std::uint64_t>(usage.ru_nivcsw)};
}

Disturbance disturbance(const Whereabouts& before, const Whereabouts& after) noexcept {
    if (before.cpu != after.cpu)
        return Disturbance::migrated;
    // There and back is a migration too, but all that shows of it are the switches.
    return before.switches != after.switches ? Disturbance::switched_out : Disturbance::none;
}

} // namespace pmc
