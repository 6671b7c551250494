#pragma once

#include <cstdint>
#include <ctime>
#include <sys/time.h>

namespace pmc::kernel {

/// What a clock of clock_gettime() says.
inline std::uint64_t clock_ns(clockid_t clock) noexcept {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

/// The times of getrusage().
inline double seconds(const timeval& time) noexcept {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

} // namespace pmc::kernel
