#include "stats/rank_test.hpp"

#include <pmc/statistics.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace pmc {
namespace {

using Numbers = std::span<const double>;

bool all_zero(Numbers numbers) noexcept {
    return std::ranges::all_of(numbers, [](double number) { return number == 0; });
}

/// There is a ratio of these to those before, be it 0.
bool has_ratio(Numbers numbers, Numbers before) noexcept {
    return std::ranges::all_of(numbers, [](double number) { return std::isfinite(number) && number >= 0; }) &&
           std::ranges::all_of(before, [](double number) { return std::isfinite(number) && number > 0; });
}

/// ratio() is one of these intervals: it is nothing at all of numbers below zero, which is not "no change".
bool has_ratio(const Interval& interval, const Interval& before) noexcept {
    return interval.low >= 0 && before.low > 0;
}

/// Ascending logarithms: of 0 minus infinity, which is below all others and is less of them by 100 %.
std::vector<double> sorted_logarithms(Numbers numbers) {
    std::vector<double> logarithms;
    logarithms.reserve(numbers.size());
    for (const double number : numbers)
        logarithms.push_back(std::log(number));
    std::ranges::sort(logarithms);
    return logarithms;
}

Interval as_changes(const Interval& of_logarithms) noexcept {
    return {std::expm1(of_logarithms.low), std::expm1(of_logarithms.high), of_logarithms.confidence};
}

Change without_ratio() noexcept {
    Change change;
    change.is_defined = false;
    return change;
}

Change::Basis basis_of(const Interval& interval) noexcept {
    return interval.confidence >= standard_confidence ? Change::Basis::ranks : Change::Basis::too_few;
}

bool all_zero(const Summary& summary) noexcept {
    return summary.min == 0 && summary.max == 0;
}

Change change_of(const stats::Shift& shift) noexcept {
    return {std::expm1(shift.estimate), as_changes(shift.interval), basis_of(shift.interval)};
}

/// From zero to zero.
Change no_change(double confidence) noexcept {
    const Interval interval{0, 0, confidence};
    return {0, interval, basis_of(interval)};
}

/// Of counts that repeat: between the lowest of b over the highest of a, and the highest over the lowest.
Change with_extremes(Change change, const Summary& a, const Summary& b) noexcept {
    change.basis = Change::Basis::repeats;
    if (!all_zero(a)) {
        change.interval.low = b.min / a.max - 1;
        change.interval.high = b.max / a.min - 1;
    }
    return change;
}

/// `trim` and `shift` are those of the test.
template <class Shift>
Change compare_by(Numbers a, Numbers b, bool is_count, const stats::Trim& trim, Shift shift) {
    Change change;
    if (all_zero(a) && all_zero(b))
        change = no_change(trim.confidence);
    else if (has_ratio(b, a))
        change = change_of(shift());
    else
        return without_ratio();
    const Summary of_a = summarize({a.begin(), a.end()});
    const Summary of_b = summarize({b.begin(), b.end()});
    return is_count && repeats(of_a) && repeats(of_b) ? with_extremes(change, of_a, of_b) : change;
}

} // namespace

bool repeats(const Summary& summary) noexcept {
    return summary.samples >= fewest_repeats && summary.min >= 0 && std::isfinite(summary.max) &&
           summary.max - summary.min <= repeats_within * summary.median;
}

Change compare(Numbers a, Numbers b, bool is_count) {
    if (a.empty() || b.empty())
        return without_ratio();
    return compare_by(a, b, is_count, stats::mann_whitney_trim(a.size(), b.size(), standard_confidence),
                      [&] { return stats::shift_of(sorted_logarithms(a), sorted_logarithms(b)); });
}

Change compare_pairs(Numbers a, Numbers b, bool is_count) {
    const std::size_t pairs = std::min(a.size(), b.size());
    if (pairs == 0)
        return without_ratio();
    a = a.first(pairs);
    b = b.first(pairs);
    return compare_by(a, b, is_count, stats::signed_rank_trim(pairs, standard_confidence), [&] {
        std::vector<double> differences;
        differences.reserve(pairs);
        for (std::size_t i = 0; i < pairs; ++i)
            differences.push_back(std::log(b[i]) - std::log(a[i]));
        std::ranges::sort(differences);
        return stats::centre_of(differences);
    });
}

Change compare(const Summary& a, const Summary& b, bool is_count) {
    if (a.samples == 0 || b.samples == 0)
        return without_ratio();
    Change change;
    if (all_zero(a) && all_zero(b)) {
        change = no_change(std::min(a.interval.confidence, b.interval.confidence));
    } else if (a.min > 0 && b.min >= 0 && std::isfinite(a.max) && std::isfinite(b.max) &&
               has_ratio(b.interval, a.interval)) {
        change.change = b.median / a.median - 1;
        change.interval = ratio(b, a);
        change.interval.low -= 1;
        change.interval.high -= 1;
        // That one of two such intervals misses its median takes 1 in 10 at most; that the ratio's does by that, less.
        const bool enough = std::min(a.interval.confidence, b.interval.confidence) >= standard_confidence;
        change.basis = enough ? Change::Basis::ranks : Change::Basis::too_few;
    } else {
        return without_ratio();
    }
    return is_count && repeats(a) && repeats(b) ? with_extremes(change, a, b) : change;
}

} // namespace pmc
