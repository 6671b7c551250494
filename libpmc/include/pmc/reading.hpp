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

    constexpr Reading() noexcept = default;

    /// Number of counters.
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    /// One counter; an id out of range is *not counted*.
    [[nodiscard]] Count operator[](CounterId id) const noexcept {
        return id.index < size_ ? Count{raw_[id.index], enabled_ns_, running_ns_, state_} : Count{};
    }
    [[nodiscard]] constexpr State state() const noexcept { return state_; }
    [[nodiscard]] constexpr std::uint64_t enabled_ns() const noexcept { return enabled_ns_; }
    [[nodiscard]] constexpr std::uint64_t running_ns() const noexcept { return running_ns_; }

    /// The counts between two snapshots of the same group. Snapshots of different groups, and a pair whose counts went
    /// backwards, give a reading that is *not counted*: raw counts are subtracted, scaled totals never.
    friend PMC_API Reading operator-(const Reading& later, const Reading& earlier) noexcept;

private:
    friend class CounterGroup;
    friend struct ReadingAccess; // the unit tests' and the readers' way to fill one

    std::array<std::uint64_t, capacity> raw_{};
    std::uint64_t enabled_ns_ = 0;
    std::uint64_t running_ns_ = 0;
    const ReadingLayout* layout_ = nullptr;
    std::uint32_t size_ = 0;
    State state_ = State::not_counted;
};

} // namespace pmc
