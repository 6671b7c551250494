#pragma once

#include <cstdint>

/// What user code reads from an arm64 processor by itself. The other architectures' folders have the same functions.
namespace pmc::kernel {

inline constexpr bool has_user_read = true;

/// The registers that the page protocol needs.
struct Processor {
    /// The counter that a page's `index` names: 1 to 31 are the event counters 0 to 30, 32 the cycle counter. False for
    /// index 0, which is none. Traps (SIGILL) unless the kernel lets this thread read.
    [[gnu::always_inline]] static bool counter(std::uint64_t index, std::uint64_t& value) noexcept {
        // MRS has the register's number within the instruction, so there is one for each: a jump into the list of them,
        // whose first entry leads out.
        std::uint64_t at;
#ifdef __ARM_FEATURE_BTI_DEFAULT
        asm goto("adr %0, 1f\n\t"
                 "add %0, %0, %1, lsl #4\n\t"
                 "br %0\n"
                 "1:\n\t"
                 "bti j\n\t"
                 "b %l2\n\t"
                 "nop\n\t"
                 "nop\n\t"
                 ".irp counter, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n\t"
                 "bti j\n\t"
                 "mrs %0, pmevcntr\\counter\\()_el0\n\t"
                 "b 2f\n\t"
                 "nop\n\t"
                 ".endr\n\t"
                 "bti j\n\t"
                 "mrs %0, pmccntr_el0\n"
                 "2:"
                 : "=&r"(at)
                 : "r"(index)
                 :
                 : none);
#else
        asm goto("adr %0, 1f\n\t"
                 "add %0, %0, %1, lsl #3\n\t"
                 "br %0\n"
                 "1:\n\t"
                 "b %l2\n\t"
                 "nop\n\t"
                 ".irp counter, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n\t"
                 "mrs %0, pmevcntr\\counter\\()_el0\n\t"
                 "b 2f\n\t"
                 ".endr\n\t"
                 "mrs %0, pmccntr_el0\n"
                 "2:"
                 : "=&r"(at)
                 : "r"(index)
                 :
                 : none);
#endif
        value = at;
        return true;
    none:
        return false;
    }

    /// The clock of the page's time fields.
    [[gnu::always_inline]] static std::uint64_t ticks() noexcept {
        std::uint64_t ticks;
        asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
        return ticks;
    }
};

/// Other processors see the stores before it before those after it.
[[gnu::always_inline]] inline void order_stores() noexcept {
    asm volatile("dmb ishst" ::: "memory");
}

/// Different in all threads that live, and never 0.
[[gnu::always_inline]] inline std::uintptr_t thread_pointer() noexcept {
    std::uintptr_t pointer;
    asm("mrs %0, tpidr_el0" : "=r"(pointer));
    return pointer;
}

} // namespace pmc::kernel
