// A metric of one's own: a name and a formula in the list of what to count. Here it tells memory that is fresh from
// memory that was used before. Formulas are made of roles (docs/tables.md), and of any event `in backquotes`.
//
// The same list works for `pmcstat -e`, and in PMC_EVENTS, which goes before what the program asks for. A metric for
// many programs is better kept in a file of tables: docs/tables.md.
#include <pmc/error.hpp>
#include <pmc/region.hpp>
#include <pmc/result.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace {

constinit pmc::Region fresh{"fresh memory"};
constinit pmc::Region reused{"used memory"};

constexpr std::size_t size = 64U << 20;
constexpr std::size_t page = 4096;

/// Writes to each page once.
void touch(char* memory, char value) {
    for (std::size_t at = 0; at < size; at += page)
        const_cast<volatile char*>(memory)[at] = value;
}

void print(const pmc::Sample& sample) {
    std::printf("%s\n", sample.id.c_str());
    for (const pmc::MetricValue& metric : sample.metrics) {
        if (metric.has_value())
            std::printf("  %-15s %.3f %s\n", metric.id.c_str(), metric.value(), metric.unit.c_str());
        else // never a 0: the reason stands in its place
            std::printf("  %-15s %s\n", metric.id.c_str(), metric.reason.evidence.c_str());
    }
}

} // namespace

int main() {
    try {
        // The first is the kernel's to count and there on every machine, the second needs a PMU. task_clock is in ns.
        pmc::enable("faults_per_ms = 1e6 * page_faults / task_clock, cycles_per_insn = cycles / instructions");
    } catch (const pmc::Error& error) {
        std::fprintf(stderr, "%s\n  hint: %s\n", error.what(), error.hint().c_str());
        return EXIT_FAILURE;
    }

    const auto memory = std::unique_ptr<char, decltype(&std::free)>(static_cast<char*>(std::malloc(size)), &std::free);
    if (memory == nullptr)
        return EXIT_FAILURE;
    {
        const pmc::Scope scope{fresh};
        touch(memory.get(), 1);
    }
    {
        const pmc::Scope scope{reused};
        touch(memory.get(), 2);
    }

    // A sample of scope "region_self" would be the region without those nested within it.
    for (const pmc::Sample& sample : pmc::report().samples)
        if (sample.scope == "region")
            print(sample);
}
