// A program outside the tree, built against the installed library.
#include <pmc/pmc.hpp>

#include <cstdio>
#include <cstring>

int main() {
    const auto counters = pmc::CounterGroup::open({"task-clock"});
    if (!counters) {
        std::fprintf(stderr, "%s\n", counters.error().what());
        return 1;
    }
    const pmc::Reading before = counters->read();
    const pmc::Reading spent = counters->read() - before;
    std::printf("libpmc %s: %.0f ns\n", pmc::version(), spent[counters->ids<1>()[0]].value());
    return std::strcmp(pmc::version(), PMC_EXPECTED_VERSION) == 0 ? 0 : 1;
}
