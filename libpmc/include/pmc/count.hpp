#pragma once

#include <pmc/export.hpp>

#include <cstdint>

namespace pmc {

/// What is known of one count. There is no fourth state: a count that was not taken is never 0.
enum class State : std::uint8_t {
    counted,      ///< a value; see coverage() for the share of the time it was really counted
    not_counted,  ///< opened, but never on the PMU
    not_available ///< could not be opened: there is a Reason
};

/// "counted", "not counted", "not available".
PMC_API const char* to_string(State state) noexcept;

/// raw × enabled ÷ running, exact to the last digit while running == enabled. Unit: that of raw.
/// Without a running time there is nothing to scale: returns 0, so ask Count::has_value() first.
PMC_API double scaled(std::uint64_t raw, std::uint64_t enabled_ns, std::uint64_t running_ns) noexcept;

/// One counter's total or delta, with the times it was enabled and running on the PMU.
///
///     if (count.has_value())
///         use(count.value());          // scaled up when it was multiplexed
class PMC_API Count {
public:
    constexpr Count() noexcept = default;
    constexpr Count(std::uint64_t raw, std::uint64_t enabled_ns, std::uint64_t running_ns, State state) noexcept
        : raw_(raw), enabled_ns_(enabled_ns), running_ns_(running_ns), state_(state) {}
    /// State from the times: running at all is counted.
    constexpr Count(std::uint64_t raw, std::uint64_t enabled_ns, std::uint64_t running_ns) noexcept
        : Count(raw, enabled_ns, running_ns, running_ns > 0 ? State::counted : State::not_counted) {}

    [[nodiscard]] constexpr bool has_value() const noexcept { return state_ == State::counted; }
    [[nodiscard]] constexpr State state() const noexcept { return state_; }
    /// The estimate for the whole time it was enabled; throws pmc::Error when not counted.
    [[nodiscard]] double value() const;
    [[nodiscard]] double value_or(double fallback) const noexcept;
    /// What the counter itself said, not scaled; 0 when not counted.
    [[nodiscard]] constexpr std::uint64_t raw() const noexcept { return raw_; }
    [[nodiscard]] constexpr std::uint64_t enabled_ns() const noexcept { return enabled_ns_; }
    [[nodiscard]] constexpr std::uint64_t running_ns() const noexcept { return running_ns_; }
    /// Share of the enabled time that it was on the PMU, 0 to 1.
    [[nodiscard]] constexpr double coverage() const noexcept {
        if (state_ != State::counted)
            return 0.0;
        return running_ns_ >= enabled_ns_ ? 1.0 : static_cast<double>(running_ns_) / static_cast<double>(enabled_ns_);
    }

private:
    std::uint64_t raw_ = 0;
    std::uint64_t enabled_ns_ = 0;
    std::uint64_t running_ns_ = 0;
    State state_ = State::not_counted;
};

} // namespace pmc
