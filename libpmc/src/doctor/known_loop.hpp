#pragma once

#include <cstdint>

/// A loop whose instructions are known: no compiler has a say in it.
namespace pmc::doctor {

#if defined(__x86_64__)
inline constexpr std::uint64_t instructions_a_round = 2;
[[gnu::always_inline]] inline void known_loop(std::uint64_t rounds) noexcept {
    asm volatile("1: dec %0\n\tjne 1b" : "+r"(rounds) : : "cc");
}
#elif defined(__aarch64__)
inline constexpr std::uint64_t instructions_a_round = 2;
[[gnu::always_inline]] inline void known_loop(std::uint64_t rounds) noexcept {
    asm volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r"(rounds) : : "cc");
}
#else
inline constexpr std::uint64_t instructions_a_round = 0; ///< not known here
inline void known_loop(std::uint64_t rounds) noexcept {
    for (; rounds != 0; --rounds)
        asm volatile("");
}
#endif

} // namespace pmc::doctor
