// Google Benchmark with hardware counters: instructions and cycles of an iteration, beside its own columns.
#include <pmc/google_benchmark.hpp>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

namespace {

void sum(benchmark::State& state) {
    std::vector<int> numbers(static_cast<std::size_t>(state.range(0)));
    std::iota(numbers.begin(), numbers.end(), 0);

    // One line: it counts from here to the end of the function. Where there is no PMU, the label says why.
    const pmc::BenchmarkCounters counters{state, "instructions,cycles,ipc"};
    for (auto _ : state)
        benchmark::DoNotOptimize(std::accumulate(numbers.begin(), numbers.end(), 0));
}
BENCHMARK(sum)->Arg(100)->Arg(10'000);

void sort(benchmark::State& state) {
    std::vector<int> sorted(1000);
    std::iota(sorted.begin(), sorted.end(), 0);
    std::mt19937 random{1};

    pmc::BenchmarkCounters counters{state, "instructions,cycles"};
    for (auto _ : state) {
        // What is not to be timed is not to be counted either.
        counters.pause();
        state.PauseTiming();
        std::vector<int> numbers = sorted;
        std::ranges::shuffle(numbers, random);
        state.ResumeTiming();
        counters.resume();

        std::ranges::sort(numbers);
        benchmark::DoNotOptimize(numbers.data());
    }
}
BENCHMARK(sort);

} // namespace

BENCHMARK_MAIN();
