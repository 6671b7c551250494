#pragma once

#include <pmc/count.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace pmc {

/// Names one counter of a group: the result of CounterGroup::ids(). An index, so that no string is met in measured
/// code.
struct CounterId {
    std::uint32_t index = 0;
};

/// What a CounterGroup's readings have in common. Interned: made once for a group that was opened, never freed.
struct ReadingLayout;

/// A snapshot of a group's counters, or the difference of two. Trivially copyable.
///
///     const pmc::Reading before = counters.read();
///     work();
///     const pmc::Reading spent = counters.read() - before;
///     spent[instructions].value();
class PMC_API Reading {
public:
    static constexpr std::size_t capacity = 16;

    constexpr Reading() noexcept
        : head_{nullptr, 0, State::not_counted, false},
          enabled_ns_(0),
          running_ns_(0),
          clock_offset_(0),
          clock_ticks_(0),
          raw_{} {}

    /// Number of counters.
    [[nodiscard]] constexpr std::size_t size() const noexcept { return head_.size; }
    /// One counter; an id out of range is *not counted*.
    [[nodiscard]] Count operator[](CounterId id) const noexcept {
        return id.index < head_.size ? Count{raw_[id.index], enabled_ns(), running_ns(), head_.state} : Count{};
    }
    [[nodiscard]] constexpr State state() const noexcept { return head_.state; }
    /// How long the group was enabled, as far as its thread was on a CPU: the time that it could have counted.
    [[nodiscard]] std::uint64_t enabled_ns() const noexcept {
        return enabled_ns_ + (head_.ticking ? since_update() : 0);
    }
    /// How long of that it was on the PMU.
    [[nodiscard]] std::uint64_t running_ns() const noexcept {
        return running_ns_ + (head_.ticking ? since_update() : 0);
    }

    /// The counts between two snapshots of the same group. Snapshots of different groups, and a pair whose counts went
    /// backwards, give a reading that is *not counted*: raw counts are subtracted, scaled totals never.
    friend PMC_API Reading operator-(const Reading& later, const Reading& earlier) noexcept;

private:
    friend class CounterGroup;
    friend struct ReadingAccess; // the unit tests' and the readers' way to fill one

    /// What is the same in all snapshots that are taken the same way, copied as one.
    struct Head {
        const ReadingLayout* layout;
        std::uint32_t size;
        State state;
        bool ticking; ///< the times are those of the group's last change: since_update() is to be added
    };
    struct Unfilled {};
    // NOLINTNEXTLINE(*-member-init): who asked for it sets what counts, and no reader pays for more
    explicit Reading(Unfilled) noexcept {}
    [[nodiscard]] std::uint64_t since_update() const noexcept;

    Head head_;
    std::uint64_t enabled_ns_;
    std::uint64_t running_ns_;
    // The clock is read with the counters, but turned into time only when somebody wants to know it.
    std::uint64_t clock_offset_;
    std::uint64_t clock_ticks_;
    std::array<std::uint64_t, capacity> raw_;
};

} // namespace pmc
