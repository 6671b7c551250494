#include "stats/rank_test.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

namespace pmc::stats {
namespace {

/// Beyond these the normal distribution is as good as the exact one, which takes longer and longer.
constexpr std::size_t most_exact_pairs = 10'000; // n × m
constexpr std::size_t most_exact_differences = 100;

/// How many can be trimmed off either end of a statistic of whole numbers whose lowest values have these probabilities.
Trim trim_of(const std::vector<double>& probabilities, double confidence) noexcept {
    // One number and 39 others give 1/40 on either side, which is just enough, and must be so after rounding too.
    const double tail = (1 - confidence) / 2 * (1 + 1e-12);
    double below = 0;
    std::size_t count = 0;
    while (count < probabilities.size() && below + probabilities[count] <= tail)
        below += probabilities[count++];
    if (count > 0)
        return {count, std::max(confidence, 1 - 2 * below)};
    // What lies outside of all is the lowest value, and the highest.
    return {0, std::max(0.0, 1 - 2 * probabilities.front())};
}

double normal_below(double z) noexcept {
    return std::erfc(-z / std::numbers::sqrt2) / 2;
}

/// The z that so much lies below.
double normal_quantile(double share) noexcept {
    double low = -40;
    double high = 40;
    for (int i = 0; i < 100; ++i) {
        const double middle = (low + high) / 2;
        (normal_below(middle) < share ? low : high) = middle;
    }
    return (low + high) / 2;
}

Trim normal_trim(double mean, double deviation, double confidence) noexcept {
    const double z = normal_quantile((1 - confidence) / 2);
    // With the correction for continuity: what is trimmed are the whole numbers below `count`.
    const double count = std::floor(mean + z * deviation + 0.5);
    const double outside = normal_below((count - 0.5 - mean) / deviation);
    return {static_cast<std::size_t>(std::max(0.0, count)), 1 - 2 * outside};
}

/// Doubles in their order, as whole numbers: neighbours differ by 1. Zero is one of two.
std::int64_t place_of(double number) noexcept {
    const auto bits = std::bit_cast<std::int64_t>(number);
    return bits < 0 ? std::numeric_limits<std::int64_t>::min() - bits : bits;
}

double number_at(std::int64_t place) noexcept {
    return std::bit_cast<double>(place < 0 ? std::numeric_limits<std::int64_t>::min() - place : place);
}

/// The smallest number that at least `rank` values (counted from 1) are not above, as `count(number)` counts them: one
/// of the values, to the last bit. It takes 64 counts, and no room for the values.
template <class Count>
double value_at(std::size_t rank, Count count) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    std::int64_t low = place_of(-infinity);
    std::int64_t high = place_of(infinity);
    while (low < high) {
        const std::int64_t middle = std::midpoint(low, high);
        if (count(number_at(middle)) >= rank)
            high = middle;
        else
            low = middle + 1;
    }
    return number_at(low);
}

/// How many differences b[j] - a[i] are not above `most`.
std::size_t differences_up_to(std::span<const double> a, std::span<const double> b, double most) noexcept {
    std::size_t count = 0;
    std::size_t below = 0; // of b
    for (const double subtrahend : a) {
        while (below < b.size() && b[below] - subtrahend <= most)
            ++below;
        count += below;
    }
    return count;
}

/// How many means of two differences, or of one with itself, are not above `most`.
std::size_t means_up_to(std::span<const double> differences, double most) noexcept {
    std::size_t count = 0;
    std::size_t end = differences.size();
    for (std::size_t first = 0; first < end; ++first) {
        while (end > first && std::midpoint(differences[first], differences[end - 1]) > most)
            --end;
        count += end - first;
    }
    return count;
}

/// Of `total` values.
template <class Count>
Shift shift_over(std::size_t total, Trim trim, Count count) {
    const auto value = [&](std::size_t rank) { return value_at(rank, count); };
    Shift shift;
    const double upper = value(total / 2 + 1);
    const double lower = total % 2 == 1 ? upper : value(total / 2);
    // Two values without end have no mean.
    shift.estimate = lower == upper ? upper : std::midpoint(lower, upper);
    const std::size_t first = std::max<std::size_t>(trim.count, 1);
    shift.interval = {value(first), value(total + 1 - first), trim.confidence};
    return shift;
}

} // namespace

Trim mann_whitney_trim(std::size_t n, std::size_t m, double confidence) {
    const std::size_t pairs = n * m;
    if (pairs > most_exact_pairs)
        return normal_trim(static_cast<double>(pairs) / 2,
                           std::sqrt(static_cast<double>(pairs) * static_cast<double>(n + m + 1) / 12), confidence);
    // The ways to get each U are the coefficients of a Gaussian binomial, the product of (1 - q^(m+i)) / (1 - q^i) over
    // i to n: one multiplication and one division of a power series each. Only the lower half is needed, and kept
    // small: each step is divided by what all ways grow by.
    const auto [few, many] = std::minmax(n, m);
    std::vector<double> ways(pairs / 2 + 1, 0.0);
    ways[0] = 1;
    for (std::size_t i = 1; i <= few; ++i) {
        for (std::size_t u = ways.size(); u-- > many + i;)
            ways[u] -= ways[u - (many + i)];
        for (std::size_t u = i; u < ways.size(); ++u)
            ways[u] += ways[u - i];
        const double share = static_cast<double>(i) / static_cast<double>(many + i);
        for (double& way : ways)
            way *= share;
    }
    return trim_of(ways, confidence);
}

Trim signed_rank_trim(std::size_t n, double confidence) {
    const auto count = static_cast<double>(n);
    if (n > most_exact_differences)
        return normal_trim(count * (count + 1) / 4, std::sqrt(count * (count + 1) * (2 * count + 1) / 24), confidence);
    // Each rank is in the sum or not, with 1/2 each.
    std::vector<double> probabilities(n * (n + 1) / 4 + 1, 0.0);
    probabilities[0] = 1;
    for (std::size_t rank = 1; rank <= n; ++rank) {
        for (std::size_t sum = probabilities.size(); sum-- > 0;)
            probabilities[sum] = (probabilities[sum] + (sum >= rank ? probabilities[sum - rank] : 0)) / 2;
    }
    return trim_of(probabilities, confidence);
}

Shift shift_of(std::span<const double> a, std::span<const double> b) {
    return shift_over(a.size() * b.size(), mann_whitney_trim(a.size(), b.size(), standard_confidence),
                      [&](double most) { return differences_up_to(a, b, most); });
}

Shift centre_of(std::span<const double> differences) {
    const std::size_t n = differences.size();
    return shift_over(n * (n + 1) / 2, signed_rank_trim(n, standard_confidence),
                      [&](double most) { return means_up_to(differences, most); });
}

} // namespace pmc::stats
