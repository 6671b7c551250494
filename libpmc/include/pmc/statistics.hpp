#pragma once

#include <pmc/export.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Statistics that assume nothing about how the numbers are distributed: run times and counts are skewed, with a tail
/// to the right, and a mean with a standard deviation describes them badly.
namespace pmc {

/// Where a number lies, with the probability that it does.
struct Interval {
    double low = 0;
    double high = 0;
    double confidence = 0; ///< 0 to 1
};

/// What some numbers are like. The interval is that of the median.
struct Summary {
    std::size_t samples = 0;
    double min = 0;
    double median = 0;
    double max = 0;
    Interval interval{}; ///< at least 95 %, if there are 6 numbers or more; else from min to max, with less confidence
};

/// The confidence that intervals are made for.
inline constexpr double standard_confidence = 0.95;
/// The fewest numbers of which an interval has that.
inline constexpr std::size_t fewest_samples = 6;

/// The number below which the share `q` (0 to 1) of them lies, interpolated between neighbours (Hyndman and Fan's type
/// 7: R's default, Python's method='inclusive'). `sorted` ascends; 0 if there is none.
PMC_API double quantile(std::span<const double> sorted, double q) noexcept;

/// The median's confidence interval: the closest pair of order statistics, as far from the one end as from the other,
/// between which the median lies with at least this probability, whatever the distribution. What the probability is
/// comes from the binomial distribution of p = 1/2. Where there are too few numbers: all of them, and what that gives.
PMC_API Interval median_interval(std::span<const double> sorted, double confidence = standard_confidence) noexcept;

/// All of that; the numbers may be in any order.
PMC_API Summary summarize(std::vector<double> numbers) noexcept;

/// How many times b's median a's is: from the lowest to the highest ratio that both intervals allow. Its confidence is
/// what is left after both have had their chance to be wrong: 90 % of two of 95 %. Of positive numbers; no confidence
/// if they are not.
PMC_API Interval ratio(const Summary& a, const Summary& b) noexcept;

/// The fewest runs of which counts that repeat are believed.
inline constexpr std::size_t fewest_repeats = 3;
/// How closely such counts must repeat: (max - min) / median.
inline constexpr double repeats_within = 1e-4;
/// Whether numbers repeat so closely, in so many runs, that they need no statistics.
PMC_API bool repeats(const Summary& summary) noexcept;

/// How a value changed from some runs to others: b's over a's, less one.
struct Change {
    /// What the interval is made of.
    enum class Basis : std::uint8_t {
        too_few, ///< nothing can be said: the interval is all that the runs allow
        ranks,   ///< of the runs' ranks: at least 95 %, whatever the distribution
        repeats  ///< counts that repeat to within 0.01 % in 3 runs or more, of each: what the extremes allow
    };
    double change = 0;   ///< 0.05 is 5 % more. The median of all pairs' ratios (Hodges and Lehmann), less one
    Interval interval{}; ///< of it
    Basis basis = Basis::too_few;
    bool is_defined = true; ///< false: from zero to something, numbers below zero, or none at all: there is no ratio
};

/// Of runs that have nothing to do with each other (recorded earlier). The interval holds the shifts that the test of
/// Mann and Whitney does not reject. `is_count`: whether numbers that repeat mean anything.
PMC_API Change compare(std::span<const double> a, std::span<const double> b, bool is_count);
/// Of runs made side by side, a[i] beside b[i] in turns (ABBA), so that drift is in both. The shifts that Wilcoxon's
/// signed ranks do not reject. Equal lengths.
PMC_API Change compare_pairs(std::span<const double> a, std::span<const double> b, bool is_count);
/// Of two summaries (the runs themselves are not known): what both intervals allow, which is wider than ranks would be.
PMC_API Change compare(const Summary& a, const Summary& b, bool is_count);

/// The places of numbers that are far from the others: outside of Tukey's outer fences (3 times the quartiles'
/// distance).
PMC_API std::vector<std::size_t> outliers(std::span<const double> numbers);

/// The places of numbers far above the others: more than 5 median absolute deviations over the median, and at least
/// `least` over it.
PMC_API std::vector<std::size_t> far_above(std::span<const double> numbers, double least);

} // namespace pmc
