#include <pmc/statistics.hpp>

#include <cstddef>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

/// What compare() and compare_pairs() make of series on standard input, for change.py: a line "runs N M number…" or
/// "pairs N N number…" each, answered by "change low high confidence".
namespace {

std::vector<double> read_numbers(std::size_t count) {
    std::vector<double> numbers(count);
    for (double& number : numbers)
        std::cin >> number;
    return numbers;
}

} // namespace

int main() {
    std::string how;
    std::size_t n = 0;
    std::size_t m = 0;
    while (std::cin >> how >> n >> m) {
        const std::vector<double> a = read_numbers(n);
        const std::vector<double> b = read_numbers(m);
        const pmc::Change change = how == "pairs" ? pmc::compare_pairs(a, b, false) : pmc::compare(a, b, false);
        std::printf("%.17g %.17g %.17g %.17g\n", change.change, change.interval.low, change.interval.high,
                    change.interval.confidence);
    }
    return std::cin.eof() ? 0 : 1;
}
