#pragma once

#include <pmc/count.hpp>
#include <pmc/reason.hpp>
#include <pmc/statistics.hpp>
#include <pmc/verdict.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pmc {

struct Result;

/// An event, a metric or the time, over the runs of a Measurement.
struct PMC_API MeasuredValue {
    std::string name; ///< "instructions", "ipc", "seconds"
    std::string unit; ///< "insn/cycle", "s", …; empty for a plain count
    std::string core; ///< with several core types: the PMU of those it was counted on; else empty
    State state = State::not_available;
    Reason reason;         ///< why it has no value
    Summary summary{};     ///< over the runs that were not disturbed; meaningless unless state is counted
    double overhead = 0;   ///< what beginning and ending a run takes itself: subtracted from each run. 0 for a metric
    bool is_asked = false; ///< it was named; otherwise a metric needed it
    bool is_event = false; ///< a count, per iteration; a metric is what its formula gives

    [[nodiscard]] bool has_value() const noexcept { return state == State::counted; }
    /// In `unit`, and events and seconds per iteration. They throw Error with the reason when there is no value.
    [[nodiscard]] double min() const { return known().min; }
    [[nodiscard]] double median() const { return known().median; }
    [[nodiscard]] double max() const { return known().max; }
    /// Of the median; of 95 % if its `confidence` says so.
    [[nodiscard]] Interval interval() const { return known().interval; }

private:
    [[nodiscard]] const Summary& known() const;
};

/// How many runs there were, warm-up and calibration apart. Those of several passes are added up.
struct RunCounts {
    std::size_t kept = 0;
    // Disturbed, and left out of every value:
    std::size_t migrated = 0;     ///< to another CPU
    std::size_t switched_out = 0; ///< the thread had to leave its CPU, or slept
    // Of those that were kept:
    std::size_t not_fully_counted = 0; ///< some group was not on the PMU all the time: its values leave the run out

    [[nodiscard]] std::size_t disturbed() const noexcept { return migrated + switched_out; }
};

/// Why there were no more runs.
enum class MeasureEnd : std::uint8_t { tight, budget, max_runs };

/// What measure() found.
class PMC_API Measurement {
public:
    /// Events in the order asked for, with those that metrics needed; metrics; and "seconds", the time, last.
    [[nodiscard]] const std::vector<MeasuredValue>& values() const noexcept { return values_; }
    /// By name; null if there is none. With several core types the first that has a value.
    [[nodiscard]] const MeasuredValue* find(std::string_view name) const noexcept;
    /// By name; throws Error if there is none.
    [[nodiscard]] const MeasuredValue& operator[](std::string_view name) const;
    /// How long an iteration took, in seconds; measured without a PMU too. It has no value if every run was disturbed.
    [[nodiscard]] const MeasuredValue& seconds() const noexcept { return values_.back(); }

    [[nodiscard]] const RunCounts& runs() const noexcept { return runs_; }
    /// Of several passes the last one that did not end well.
    [[nodiscard]] MeasureEnd end() const noexcept { return end_; }

    /// Whether it holds: `name[.min|.median|.max] <=|<|>=|>|== number[unit]`, without a statistic the median; units are
    /// k, M, G (thousands), ns, us, ms, s (of times) and % (of percentages).
    ///
    ///     m.check("instructions.min <= 12000")    m.check("seconds < 1.5ms")    m.check("ipc >= 2")
    ///
    /// A median passes only if its whole interval does, and fails only if none of it passes; between the two it is
    /// inconclusive. What was not counted is unknown; a name that is not there, a unit of another kind and an
    /// assertion that can't be read are invalid: a gate that skips what is unknown must not skip those. Never throws
    /// for what is asked.
    [[nodiscard]] Verdict check(std::string_view text) const;

    /// As a document: the medians in one Sample of scope "measure", and what the runs came to in its statistics.
    [[nodiscard]] Result result() const;

private:
    friend struct MeasurementAccess; // the way to make one
    Measurement() = default;

    std::vector<MeasuredValue> values_;
    RunCounts runs_;
    MeasureEnd end_ = MeasureEnd::tight;
    std::shared_ptr<const Result> result_;
};

} // namespace pmc
