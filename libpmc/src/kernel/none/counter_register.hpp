#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>

/// An architecture whose counters user code does not read: libpmc never tries, and all reads are system calls.
namespace pmc::kernel {

inline constexpr bool has_user_read = false;

/// The registers that the page protocol needs.
struct Processor {
    static bool counter(std::uint64_t, std::uint64_t&) noexcept { return false; }

    /// Nanoseconds, for want of an instruction.
    static std::uint64_t ticks() noexcept {
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
    }
};

/// Other processors see the stores before it before those after it.
inline void order_stores() noexcept {
    std::atomic_thread_fence(std::memory_order_release);
}

/// Different in all threads that live, and never 0.
inline std::uintptr_t thread_pointer() noexcept {
    static thread_local char here = 0;
    return reinterpret_cast<std::uintptr_t>(&here);
}

} // namespace pmc::kernel
