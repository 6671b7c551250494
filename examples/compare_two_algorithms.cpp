// Which of two ways is better, and by how much? Measures both, and says how sure it is of the ratio.
#include <pmc/measure.hpp>

#include <algorithm>
#include <cstdio>
#include <random>
#include <vector>

namespace {

std::vector<int> shuffled_numbers() {
    std::vector<int> numbers(1000);
    std::mt19937 random{1}; // the same numbers in every run: what differs is the algorithm
    std::ranges::generate(numbers, [&] { return static_cast<int>(random() % 1'000'000); });
    return numbers;
}

void print_ratio(const pmc::MeasuredValue& heap, const pmc::MeasuredValue& sort) {
    if (!heap.has_value() || !sort.has_value()) {
        // Never a 0 in place of a count that was not taken: the reason, and what to do about it.
        const pmc::Reason& why = heap.has_value() ? sort.reason : heap.reason;
        std::printf("%-12s  unknown: %s\n", heap.name.c_str(), why.evidence.c_str());
        return;
    }
    const pmc::Interval ratio = pmc::ratio(heap.summary, sort.summary);
    std::printf("%-12s  heap %.4g, sort %.4g: the heap takes %.2f to %.2f times as much (%.0f %% sure)\n",
                heap.name.c_str(), heap.median(), sort.median(), ratio.low, ratio.high, ratio.confidence * 100);
}

} // namespace

int main() {
    const std::vector<int> input = shuffled_numbers();
    const auto copy = [&] { return input; }; // the setup: a fresh copy for every run, not counted

    const pmc::MeasureOptions options{.events = "instructions,cycles", .budget_s = 0.5};
    const pmc::Measurement heap = pmc::measure(options, copy, [](std::vector<int>& numbers) {
        std::ranges::make_heap(numbers);
        std::ranges::sort_heap(numbers);
    });
    const pmc::Measurement sort =
        pmc::measure(options, copy, [](std::vector<int>& numbers) { std::ranges::sort(numbers); });

    for (const char* name : {"instructions", "cycles", "seconds"})
        print_ratio(heap[name], sort[name]);
    std::printf("%zu and %zu runs; %zu and %zu more were disturbed, and left out\n", heap.runs().kept, sort.runs().kept,
                heap.runs().disturbed(), sort.runs().disturbed());
}
