#include <pmc/statistics.hpp>

#include <algorithm>
#include <cmath>

namespace pmc {

double quantile(std::span<const double> sorted, double q) noexcept {
    if (sorted.empty())
        return 0;
    const double place = std::clamp(q, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    const double share = place - static_cast<double>(below);
    // Not low + share × (high - low): between equal numbers it must be that number, to the last digit.
    return share == 0 || sorted[below] == sorted[above] ? sorted[below]
                                                        : std::lerp(sorted[below], sorted[above], share);
}

Interval median_interval(std::span<const double> sorted, double confidence) noexcept {
    const std::size_t n = sorted.size();
    if (n == 0)
        return {};
    // The number of samples below the median is binomial with p = 1/2. The probability of its centre is the product of
    // (2i - 1) / 2i, and the others follow by ratios: no factorial, no logarithm, no underflow at any n.
    double probability = 1;
    for (std::size_t i = 1; i <= (n + 1) / 2; ++i)
        probability *= static_cast<double>(2 * i - 1) / static_cast<double>(2 * i);
    // An odd n has two centres, each as probable as the one of n + 1.
    std::size_t below = n / 2;
    double mass = n % 2 == 0 ? probability : 2 * probability;
    // P(below ≤ B ≤ n - below) is the confidence of the order statistics `below` and n + 1 - below, counted from 1.
    while (mass < confidence && below > 1) {
        probability *= static_cast<double>(below) / static_cast<double>(n - below + 1);
        --below;
        mass += 2 * probability;
    }
    if (below == 0) // of one number
        return {sorted.front(), sorted.back(), 0};
    return {sorted[below - 1], sorted[n - below], std::min(mass, 1.0)};
}

Summary summarize(std::vector<double> numbers) noexcept {
    if (numbers.empty())
        return {};
    std::ranges::sort(numbers);
    return {numbers.size(), numbers.front(), quantile(numbers, 0.5), numbers.back(), median_interval(numbers)};
}

Interval ratio(const Summary& a, const Summary& b) noexcept {
    if (!(a.interval.low >= 0) || !(b.interval.low > 0))
        return {};
    return {a.interval.low / b.interval.high, a.interval.high / b.interval.low,
            std::max(0.0, a.interval.confidence + b.interval.confidence - 1)};
}

} // namespace pmc
