#pragma once

#include <cstddef>

/// How many calls of operator new this thread has made: the unit tests' own operator counts them.
std::size_t allocations() noexcept;

/// While it lives, this thread has memory for so many more calls of operator new, and none afterwards. One at a time.
class ShortMemory {
public:
    explicit ShortMemory(std::size_t allocations) noexcept;
    ShortMemory(const ShortMemory&) = delete;
    ShortMemory& operator=(const ShortMemory&) = delete;
    ~ShortMemory();

    /// Whether one more was asked for.
    [[nodiscard]] static bool was_short() noexcept;
};
