// First steps with libpmc: count cycles and instructions of a piece of this program.
#include <pmc/pmc.hpp>

#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

namespace {

unsigned work() {
    std::vector<unsigned> numbers(1'000'000);
    std::iota(numbers.begin(), numbers.end(), 1U);
    return std::accumulate(numbers.begin(), numbers.end(), 0U);
}

} // namespace

int main() {
    // open() rather than the constructor: on a machine without a PMU the program goes on without counters.
    const auto counters = pmc::CounterGroup::open({"cycles", "instructions"});
    if (!counters) {
        std::printf("no counters: %s\n", counters.error().what());
        if (!counters.error().hint().empty())
            std::printf("  hint: %s\n", counters.error().hint().c_str());
        std::printf("the work gives %u all the same\n", work());
        return EXIT_SUCCESS;
    }

    const auto [cycles, instructions] = counters->ids<2>();
    const pmc::Reading before = counters->read();
    const unsigned sum = work();
    const pmc::Reading spent = counters->read() - before;

    std::printf("the work gives %u\n", sum);
    std::printf("%.0f instructions, %.0f cycles: %.2f instructions per cycle\n", spent[instructions].value(),
                spent[cycles].value(), spent[instructions].value() / spent[cycles].value());
}
