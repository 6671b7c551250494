// One region that many threads pass through: its report is of all of them, those that ended included.
//
//     PMC_EVENTS=cycles,instructions PMC_REPORT=- ./threads     # measures, and reports on standard error at the end
//     ./threads                                                 # costs next to nothing
#include <pmc/region.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <numeric>
#include <span>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t workers = 4;
constexpr std::size_t chunk = 10'000;

/// Static, and without a cost at the start of the program. The name is the one in the report.
constinit pmc::Region sum_chunk{"sum_chunk"};

std::uint64_t sum(std::span<const std::uint32_t> numbers) {
    const pmc::Scope scope{sum_chunk}; // ends with the block, however it is left
    return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
}

/// Every `workers`th chunk, from the first one on.
void work(std::span<const std::uint32_t> numbers, std::size_t first, std::uint64_t& total) {
    // Opens this thread's counters now. Without it the first scope would, and its time would have that in it.
    pmc::attach_thread();
    for (std::size_t at = first * chunk; at < numbers.size(); at += workers * chunk)
        total += sum(numbers.subspan(at, chunk));
}

} // namespace

int main() {
    std::vector<std::uint32_t> numbers(100 * chunk);
    std::iota(numbers.begin(), numbers.end(), 0U);

    std::vector<std::uint64_t> totals(workers);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < workers; ++i)
        threads.emplace_back(work, std::span{numbers}, i, std::ref(totals[i]));
    for (std::thread& thread : threads)
        thread.join();

    const auto total = std::accumulate(totals.begin(), totals.end(), std::uint64_t{0});
    std::printf("the sum is %llu\n", static_cast<unsigned long long>(total));
    if (!pmc::is_measuring())
        std::puts("nobody measured; try PMC_EVENTS=cycles,instructions PMC_REPORT=-");
}
