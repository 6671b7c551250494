#pragma once

#include <cstdint>

/// What the gate_… examples guard: a hash of a text, byte by byte. A few instructions for each byte; who makes it
/// slower is told by a failing test, on any machine that can count. (Short: where others are busy too, a body that
/// takes longer than the scheduler's slice is switched out in every run, and what is left to judge is nothing.)
inline std::uint64_t hash_of(const char* text, std::uint64_t length) {
    std::uint64_t hash = 14695981039346656037u;
    for (std::uint64_t i = 0; i < length; ++i) {
        hash ^= static_cast<unsigned char>(text[i]);
        hash *= 1099511628211u;
    }
    return hash;
}
