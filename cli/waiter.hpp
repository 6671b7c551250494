#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <poll.h>

namespace cli {

/// CLOCK_MONOTONIC.
std::int64_t now_ns() noexcept;

/// The one place where pmcstat waits while it counts: for descriptors and for points in time.
class Waiter {
public:
    enum Source : std::size_t { signals, end, cpus, control, sources };
    /// Absolute, so that what comes late makes nothing after it late.
    enum Alarm : std::size_t { interval, delay, timeout, look, alarms };

    struct Woken {
        std::array<bool, sources> readable{}; ///< also: closed at the other side
        std::array<bool, alarms> due{};
    };

    Waiter() noexcept;
    /// -1: no longer.
    void watch(Source source, int fd) noexcept { fds_[source].fd = fd; }
    /// In now_ns().
    void set(Alarm alarm, std::int64_t at_ns) noexcept { alarms_[alarm] = at_ns; }
    void clear(Alarm alarm) noexcept { alarms_[alarm].reset(); }

    /// Without waiting: whether it is due. Then it is cleared.
    bool take(Alarm alarm) noexcept;

    /// Until something is readable or due. Alarms that were due are cleared.
    Woken wait() noexcept;

private:
    std::array<pollfd, sources> fds_;
    std::array<std::optional<std::int64_t>, alarms> alarms_{};
};

/// Points in time at equal distances.
class Ticks {
public:
    Ticks(std::int64_t start_ns, std::int64_t period_ns) noexcept : next_(start_ns + period_ns), period_(period_ns) {}
    [[nodiscard]] std::int64_t next() const noexcept { return next_; }
    /// To the first that lies ahead: those that were missed are gone.
    void pass(std::int64_t now_ns) noexcept {
        if (now_ns >= next_)
            next_ += ((now_ns - next_) / period_ + 1) * period_;
    }

private:
    std::int64_t next_;
    std::int64_t period_;
};

} // namespace cli
