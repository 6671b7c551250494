#pragma once

#include "kernel/user_page.hpp"

#include <pmc/reading.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pmc {

/// Says which group a Reading is of, by its address: one per group that was opened, never freed, so that no later
/// group can be mistaken for an earlier one.
struct ReadingLayout {
    std::size_t size;
    kernel::UserClock clock;   ///< of its user reads
    bool shared;               ///< by groups whose readings are never compared
    const ReadingLayout* next; ///< all layouts are in one list: leaked on purpose, but reachable
};

/// The layout of a group that was just opened.
const ReadingLayout* make_layout(std::size_t size, kernel::UserClock clock = {});
/// The one of all groups like this whose readings nobody is given.
const ReadingLayout* shared_layout(std::size_t size, kernel::UserClock clock);

/// The way into a Reading, for what fills one.
struct ReadingAccess {
    using Head = Reading::Head;

    /// Nothing of it is set, to spare the reader who sets it all.
    static Reading unfilled() noexcept { return Reading{Reading::Unfilled{}}; }

    /// A user read: the place for its counts, and the rest once they are there.
    static std::uint64_t* counts(Reading& reading) noexcept { return reading.raw_.data(); }
    [[gnu::always_inline]] static void finish(Reading& reading, const Head& head,
                                              const kernel::PageTimes& times) noexcept {
        reading.head_ = head;
        reading.enabled_ns_ = times.enabled_ns;
        reading.running_ns_ = times.running_ns;
        reading.clock_offset_ = times.offset;
        reading.clock_ticks_ = times.ticks;
    }
    /// The same from counts that are elsewhere.
    [[gnu::always_inline]] static Reading make(const Head& head, const kernel::PageTimes& times,
                                               const std::uint64_t* counts, std::size_t size) noexcept {
        Reading reading{Reading::Unfilled{}};
        finish(reading, head, times);
        std::copy_n(counts, size, reading.raw_.begin());
        return reading;
    }

    static void fill(Reading& reading, const ReadingLayout* layout, std::span<const std::uint64_t> raw,
                     std::uint64_t enabled_ns, std::uint64_t running_ns, State state) noexcept {
        const std::size_t size = std::min(raw.size(), Reading::capacity);
        reading.head_ = {.layout = layout, .size = static_cast<std::uint32_t>(size), .state = state, .ticking = false};
        reading.enabled_ns_ = enabled_ns;
        reading.running_ns_ = running_ns;
        reading.clock_offset_ = 0;
        reading.clock_ticks_ = 0;
        std::copy_n(raw.begin(), size, reading.raw_.begin());
    }

    static Reading make(const ReadingLayout* layout, std::span<const std::uint64_t> raw, std::uint64_t enabled_ns,
                        std::uint64_t running_ns, State state) noexcept {
        Reading reading;
        fill(reading, layout, raw, enabled_ns, running_ns, state);
        return reading;
    }
    static const ReadingLayout* layout(const Reading& reading) noexcept { return reading.head_.layout; }
};

} // namespace pmc
