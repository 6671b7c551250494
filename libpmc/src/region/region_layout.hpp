#pragma once

#include "kernel/user_page.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// How a thread's counts lie in memory, as words of 64 bits: a snapshot of all its groups, and what is summed of the
/// snapshots' differences. Arithmetic only.
namespace pmc {

/// The words of a snapshot: the clock's ticks first; then for each group its enabled and its running time, each less
/// what the clock had come to at the ticks; the ticks that it counted without the kernel telling its times; its
/// counters. So one clock reading serves all groups, a reading that had its times from a page and one that had them
/// from the kernel are of one kind, and differences may be summed before they are turned into nanoseconds. All
/// arithmetic is modulo 2^64.
struct RegionLayout {
    struct Group {
        std::size_t enabled = 0; ///< a word's number, as are those after it
        std::size_t size = 0;    ///< counters

        [[nodiscard]] std::size_t running() const noexcept { return enabled + 1; }
        /// Where pages have no clock (KVM guests on x86, arm64 before 5.18) the times stand still as long as the group
        /// keeps its counters: a scope between two such readings was counted in full, for so many ticks.
        [[nodiscard]] std::size_t untimed() const noexcept { return enabled + 2; }
        [[nodiscard]] std::size_t count(std::size_t i) const noexcept { return enabled + header + i; }
    };
    static constexpr std::size_t header = 3;
    static constexpr std::size_t max_groups = 48; ///< as many as a frame has bits for

    /// `sizes`: the number of counters of each group.
    explicit RegionLayout(std::span<const std::size_t> sizes) {
        for (const std::size_t size : sizes) {
            groups.push_back({words, size});
            words += header + size;
        }
    }

    std::vector<Group> groups;
    std::size_t words = 1;
};

using SharedWord = std::atomic_ref<std::uint64_t>; ///< written by one thread, read by another

/// Adds to a word that this thread alone writes.
[[gnu::always_inline]] inline void add_to(std::uint64_t& word, std::uint64_t more) noexcept {
    const SharedWord shared{word};
    shared.store(shared.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

/// What a region came to on one thread, or on all. Three sums of snapshots' differences follow it (of `words` words
/// each), and after them, for each group, the number of calls that it did not count.
struct RegionSums {
    /// Twice the number of calls; odd while its thread is changing what follows, so that others can tell a copy that is
    /// of one moment.
    std::uint64_t sequence;
    std::uint64_t threads;
    std::uint64_t openings;
    std::uint64_t uncounted;
    std::uint64_t dropped;

    [[nodiscard]] std::uint64_t calls() const noexcept { return sequence / 2; }
    /// Of all calls.
    std::uint64_t* total() noexcept { return reinterpret_cast<std::uint64_t*>(this + 1); }
    /// Of the calls of regions directly within it.
    std::uint64_t* nested(std::size_t words) noexcept { return total() + words; }
    /// Of the calls within a call of the same region.
    std::uint64_t* inner(std::size_t words) noexcept { return total() + 2 * words; }
    std::uint64_t* uncounted_by_group(std::size_t words) noexcept { return total() + 3 * words; }

    static constexpr std::size_t bytes(std::size_t words, std::size_t groups) noexcept {
        return sizeof(RegionSums) + (3 * words + groups) * sizeof(std::uint64_t);
    }
};

/// A difference in which a group has no part: its times come to nothing once the clock's are added.
inline void clear_group(std::uint64_t* difference, const RegionLayout::Group& group, kernel::UserClock clock) noexcept {
    const std::uint64_t nothing = 0 - clock.since_update(0, difference[0]);
    difference[group.enabled] = nothing;
    difference[group.running()] = nothing;
    difference[group.untimed()] = 0;
    for (std::size_t i = 0; i < group.size; ++i)
        difference[group.count(i)] = 0;
}

} // namespace pmc
