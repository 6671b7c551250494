#pragma once

#include <cstdint>

/// Two instructions a round. Where the count is to be exact around it.
[[gnu::always_inline]] inline void inline_loop(std::uint64_t rounds) {
#ifdef __aarch64__
    asm volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r"(rounds) : : "cc");
#else
    asm volatile("1: dec %0\n\tjne 1b" : "+r"(rounds) : : "cc");
#endif
}

/// The same as a function: one more, to return.
[[gnu::noinline]] inline void loop(std::uint64_t rounds) {
    inline_loop(rounds);
}
