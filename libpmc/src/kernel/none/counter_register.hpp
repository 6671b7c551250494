#pragma once

#include <cstdint>

/// An architecture whose counters user code does not read: libpmc never tries, and all reads are system calls.
namespace pmc::kernel {

inline constexpr bool has_user_read = false;

/// The registers that the page protocol needs.
struct Processor {
    static bool counter(std::uint64_t, std::uint64_t&) noexcept { return false; }

    static std::uint64_t ticks() noexcept { return 0; }
};

/// Different in all threads that live, and never 0.
inline std::uintptr_t thread_pointer() noexcept {
    static thread_local char here = 0;
    return reinterpret_cast<std::uintptr_t>(&here);
}

inline bool under_valgrind() noexcept {
    return false;
}

} // namespace pmc::kernel
