#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <linux/perf_event.h>
#include <utility>

/// The protocol of the page that the kernel shares with a counter's user (perf_event_mmap_page): how a group's counters
/// are read without a system call. Arithmetic and loads only; the register is read by whatever the caller hands in.
namespace pmc::kernel {

/// One mapped counter of a group.
struct UserCounter {
    const perf_event_mmap_page* page = nullptr;
    std::uint64_t shift = 0; ///< 64 - pmc_width: the width never changes while the page is mapped
};

/// A group's times as its page has them, as of the group's last change, with what brings them up to now.
struct PageTimes {
    std::uint64_t enabled_ns;
    std::uint64_t running_ns;
    std::uint64_t offset; ///< time_offset
    std::uint64_t ticks;  ///< the clock, now
};

/// The clock's ticks in the page's time. The factors are the machine's, so one copy serves all readings.
struct UserClock {
    std::uint32_t mult = 0; ///< 0: the page has no time (KVM guests on x86, arm64 before 5.18)
    std::uint16_t shift = 0;

    /// The time since the page's times were taken. time_cycles and time_mask are left out: all arm64 sees of them is
    /// that a 56-bit counter wraps after years.
    [[nodiscard]] constexpr std::uint64_t since_update(std::uint64_t offset, std::uint64_t ticks) const noexcept {
        if (mult == 0)
            return 0;
        // In two parts, as the product of all bits would not fit.
        const std::uint64_t whole = ticks >> shift;
        const std::uint64_t rest = ticks & ((std::uint64_t{1} << shift) - 1);
        return offset + whole * mult + ((rest * mult) >> shift);
    }
};

/// A register of (64 - shift) bits as a signed number: the page's offset is made for that, so that a counter that
/// wrapped since, or was started just below 0, comes out right.
[[nodiscard]] constexpr std::uint64_t sign_extended(std::uint64_t value, std::uint64_t shift) noexcept {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(value << shift) >> shift);
}

/// The page's lock and index, in one load. Both architectures are little-endian: the index is the upper half.
[[gnu::always_inline]] inline std::uint64_t lock_and_index(const perf_event_mmap_page* page) noexcept {
    static_assert(offsetof(perf_event_mmap_page, index) == offsetof(perf_event_mmap_page, lock) + 4);
    std::uint64_t both;
    std::memcpy(&both, reinterpret_cast<const char*>(page) + offsetof(perf_event_mmap_page, lock), sizeof both);
    return both;
}

/// The hardware's counter plus one, 0 while there is none.
[[nodiscard]] constexpr std::uint64_t index_of(std::uint64_t lock_and_index) noexcept {
    return lock_and_index >> 32;
}

/// The writer of a page is the kernel on the CPU that the reader runs on, so only the compiler must keep the order.
[[gnu::always_inline]] inline void compiler_barrier() noexcept {
    asm volatile("" ::: "memory");
}

/// Calls step(i) for each of a number of counters, while it is true: without a loop for a number that is known when
/// this is compiled, with one for any other up to max_counters.
template <std::size_t... I, class Step>
[[gnu::always_inline]] inline bool for_all(std::index_sequence<I...>, const Step& step) noexcept {
    return (step(I) && ...);
}
template <class Step>
[[gnu::always_inline]] inline bool for_all(std::size_t size, const Step& step) noexcept {
    for (std::size_t i = 0; i < size; ++i)
        if (!step(i))
            return false;
    return true;
}
inline constexpr std::size_t max_counters = 16;
template <std::size_t... I>
constexpr std::size_t room_for(std::index_sequence<I...>) noexcept {
    return sizeof...(I);
}
constexpr std::size_t room_for(std::size_t) noexcept {
    return max_counters;
}

/// Reads all counters of a group, the leader's first, as one set: none of them was moved, stopped or started in
/// between. `size`: a number or an index_sequence. `processor`: what its registers are read by (kernel::Processor).
/// False: one has no hardware counter now, and the page can't tell its count.
template <class Size, class Processor>
[[gnu::always_inline]] inline bool read_group(const UserCounter* counters, Size size, std::uint64_t* counts,
                                              PageTimes& times, const Processor& processor) noexcept {
    // Copies of their own stay in registers, whatever the barriers say of memory.
    std::array<const perf_event_mmap_page*, room_for(Size{})> pages;
    std::array<std::uint64_t, room_for(Size{})> shifts;
    std::array<std::uint64_t, room_for(Size{})> locks;
    const auto take_lock = [&](std::size_t i) __attribute__((always_inline)) {
        pages[i] = counters[i].page;
        shifts[i] = counters[i].shift;
        locks[i] = lock_and_index(pages[i]);
        return true;
    };
    const auto take_count = [&](std::size_t i) __attribute__((always_inline)) {
        std::uint64_t value;
        if (!processor.counter(index_of(locks[i]), value)) [[unlikely]]
            return false;
        counts[i] = static_cast<std::uint64_t>(pages[i]->offset) + sign_extended(value, shifts[i]);
        return true;
    };
    bool unchanged;
    const auto compare_lock = [&](std::size_t i) __attribute__((always_inline)) {
        unchanged = unchanged & (lock_and_index(pages[i]) == locks[i]); // one branch for all
        return true;
    };
    for (;;) {
        compiler_barrier();
        for_all(size, take_lock);
        compiler_barrier();
        if (!for_all(size, take_count)) [[unlikely]]
            return false;
        const perf_event_mmap_page* leader = pages[0];
        times = {leader->time_enabled, leader->time_running, leader->time_offset, processor.ticks()};
        compiler_barrier();
        unchanged = true;
        for_all(size, compare_lock);
        if (unchanged) [[likely]]
            return true;
    }
}

} // namespace pmc::kernel
