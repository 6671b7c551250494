#pragma once

#include <pmc/measurement.hpp>

#include <cstddef>
#include <string>
#include <vector>

/// What all runs say of one value.
namespace pmc {

class Series {
public:
    /// Names, and what is known without a single run.
    explicit Series(MeasuredValue declared) : value_(std::move(declared)) {}

    [[nodiscard]] const MeasuredValue& declared() const noexcept { return value_; }
    [[nodiscard]] std::size_t size() const noexcept { return numbers_.size(); }
    void add(double number) { numbers_.push_back(number); }
    void set_overhead(double overhead) { value_.overhead = overhead; }
    /// Why a run left no value.
    void lose(State state, const Reason& reason);

    /// Whether the median is known with 95 % to be within this share of itself.
    [[nodiscard]] bool is_tight(double tightness) const;
    /// `runs` are those of the pass that should have left values. Too few values, for want of undisturbed runs, are no
    /// value.
    [[nodiscard]] MeasuredValue finish(const RunCounts& runs) &&;

private:
    MeasuredValue value_;
    std::vector<double> numbers_;
};

} // namespace pmc
