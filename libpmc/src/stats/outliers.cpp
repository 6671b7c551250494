#include <pmc/statistics.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <vector>

namespace pmc {
namespace {

using Numbers = std::span<const double>;

/// What is no number has no place among the others.
std::vector<double> sorted_numbers(Numbers numbers) {
    std::vector<double> sorted;
    sorted.reserve(numbers.size());
    std::ranges::copy_if(numbers, std::back_inserter(sorted), [](double number) { return !std::isnan(number); });
    std::ranges::sort(sorted);
    return sorted;
}

template <class Predicate>
std::vector<std::size_t> places_where(Numbers numbers, Predicate is_far) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (is_far(numbers[i]))
            places.push_back(i);
    }
    return places;
}

} // namespace

std::vector<std::size_t> outliers(Numbers numbers) {
    const std::vector<double> sorted = sorted_numbers(numbers);
    const double first = quantile(sorted, 0.25);
    const double third = quantile(sorted, 0.75);
    const double reach = 3 * (third - first);
    return places_where(numbers, [&](double number) { return number < first - reach || number > third + reach; });
}

std::vector<std::size_t> far_above(Numbers numbers, double least) {
    const std::vector<double> sorted = sorted_numbers(numbers);
    const double median = quantile(sorted, 0.5);
    std::vector<double> deviations;
    deviations.reserve(sorted.size());
    for (const double number : sorted)
        deviations.push_back(std::abs(number - median));
    std::ranges::sort(deviations);
    const double reach = 5 * quantile(deviations, 0.5);
    return places_where(numbers, [&](double number) { return number - median > reach && number - median >= least; });
}

} // namespace pmc
