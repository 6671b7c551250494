#pragma once

#include <pmc/statistics.hpp>

#include <cstddef>
#include <span>

/// Where two series lie apart, by the ranks of their numbers alone: whatever their distribution is. All spans ascend.
namespace pmc::stats {

/// A shift, and between which shifts it lies with at least 95 %. Where there are too few numbers for that: all that
/// there are, with less.
struct Shift {
    double estimate = 0;
    Interval interval{};
};

/// How far b's numbers lie above a's: the median of all differences (Hodges and Lehmann), and those shifts that the
/// two-sided test of Mann and Whitney does not reject. Neither may be empty, nor hold what is no number.
Shift shift_of(std::span<const double> a, std::span<const double> b);

/// Where the centre of differences lies: the median of all pairs' means (Walsh averages), and those that the test of
/// Wilcoxon's signed ranks does not reject. As above.
Shift centre_of(std::span<const double> differences);

/// So many of the smallest and of the largest values (out of a statistic's whole range) are left out of an interval,
/// and what it then holds with.
struct Trim {
    std::size_t count = 0; ///< 0: nothing may be left out
    double confidence = 0;
};
/// Of Mann and Whitney's U of n and m numbers.
Trim mann_whitney_trim(std::size_t n, std::size_t m, double confidence);
/// Of Wilcoxon's signed ranks of n differences.
Trim signed_rank_trim(std::size_t n, double confidence);

} // namespace pmc::stats
