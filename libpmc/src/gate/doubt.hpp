#pragma once

#include <pmc/result.hpp>
#include <pmc/value_series.hpp>

#include <optional>
#include <string>

namespace pmc {

/// Why a gate can't go by a value.
struct Doubt {
    std::string what; ///< to be read after "is": "not available: no PMU here"
    std::string hint; ///< what to do; may be empty
};

/// A gate goes by what was counted nearly all the time: estimates are of no use to it.
inline constexpr double least_coverage = 0.99;

/// None where it is good enough.
std::optional<Doubt> doubt_of(const ValueSeries& series);

/// How the command of a document failed: "run 3 ended with status 1". Empty if it did not, or was allowed to: what a
/// program counts that does not do its work tells nothing of those that do.
std::string failure_of(const Result& result);

/// Counts repeat where what is counted does, and so does all that a model makes of them; times and rates do so by
/// chance.
bool is_count(const ValueSeries& series) noexcept;

} // namespace pmc
