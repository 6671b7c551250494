#pragma once

#include <cstdint>

/// What user code reads from an x86-64 processor by itself. The other architectures' folders have the same functions.
namespace pmc::kernel {

inline constexpr bool has_user_read = true;

/// The registers that the page protocol needs.
struct Processor {
    /// The counter that a page's `index` names: RDPMC's selector plus one, bit 30 (a fixed counter) included. False for
    /// index 0, which is none. Faults unless the kernel lets this process read (CR4.PCE).
    [[gnu::always_inline]] static bool counter(std::uint64_t index, std::uint64_t& value) noexcept {
        if (index == 0) [[unlikely]]
            return false;
        std::uint32_t low, high;
        asm volatile("rdpmc" : "=a"(low), "=d"(high) : "c"(static_cast<std::uint32_t>(index) - 1));
        value = std::uint64_t{high} << 32 | low;
        return true;
    }

    /// The clock of the page's time fields.
    [[gnu::always_inline]] static std::uint64_t ticks() noexcept {
        std::uint32_t low, high;
        asm volatile("rdtsc" : "=a"(low), "=d"(high));
        return std::uint64_t{high} << 32 | low;
    }
};

/// Other processors see the stores before it before those after it: x86 always keeps their order.
[[gnu::always_inline]] inline void order_stores() noexcept {
    asm volatile("" ::: "memory");
}

/// Different in all threads that live, and never 0.
[[gnu::always_inline]] inline std::uintptr_t thread_pointer() noexcept {
    std::uintptr_t pointer;
    asm("mov %%fs:0, %0" : "=r"(pointer)); // the ABI keeps fs's own address there
    return pointer;
}

} // namespace pmc::kernel
