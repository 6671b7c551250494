// What a Scope costs: dormant; on a thread that has its counters; with many regions; where there are many threads.
#include "meter.hpp"

#include <pmc/region.hpp>
#include <pmc/result.hpp>

#include <array>
#include <barrier>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using bench::Meter;

namespace {

// Linked with the shared library its rows are other ones.
#ifdef PMC_BENCH_SHARED
constexpr std::string_view suffix = ", shared library";
#else
constexpr std::string_view suffix = "";
#endif

void print(std::string_view what, double cost) {
    bench::print((std::string(what) += suffix).c_str(), cost);
}

template <std::size_t I>
constexpr std::array<char, 4> name = {'r', static_cast<char>('0' + I / 10), static_cast<char>('0' + I % 10), '\0'};

template <class Numbers>
struct Regions;
template <std::size_t... I>
struct Regions<std::index_sequence<I...>> {
    static constinit inline pmc::Region all[] = {pmc::Region{name<I>.data()}...};
};
constexpr int many = 64;
constexpr auto& regions = Regions<std::make_index_sequence<many>>::all;

double cost_of_one(const Meter& meter) {
    return meter.cost([](int) { const pmc::Scope scope{regions[0]}; });
}

/// In turn; finding the next one is not the scope's cost.
double cost_of_many(const Meter& meter) {
    return meter.cost([](int round) { const pmc::Scope scope{regions[round % many]}; },
                      [](int round) { bench::keep(regions[round % many]); });
}

/// On one more thread than `others`, all of which have their counters and are alive.
double cost_beside(std::size_t others) {
    std::barrier<> all_measured(static_cast<std::ptrdiff_t>(others + 1));
    std::barrier<> done(static_cast<std::ptrdiff_t>(others + 1));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < others; ++i)
        threads.emplace_back([&] {
            { const pmc::Scope scope{regions[0]}; }
            all_measured.arrive_and_wait();
            done.arrive_and_wait();
        });
    double cost = 0;
    std::thread last([&] {
        all_measured.arrive_and_wait();
        const Meter meter;
        cost = cost_of_one(meter);
        done.arrive_and_wait();
    });
    last.join();
    for (std::thread& thread : threads)
        thread.join();
    return cost;
}

/// As many counters in one group as asked for, all of which the lab has.
std::string list_of(std::size_t size) {
    constexpr std::array<std::string_view, 6> names = {
        "cycles",         "instructions",   "stalled-cycles-frontend", "stalled-cycles-backend",
        "instructions:k", "instructions:uk"};
    std::string list;
    for (std::size_t i = 0; i < size; ++i)
        (list += i == 0 ? "{" : ",") += names[i];
    return list + "}";
}

/// A scope that did not count would be cheap.
void check(const pmc::Result& result, std::size_t size) {
    for (const pmc::Sample& sample : result.samples) {
        std::size_t counted = 0;
        for (const pmc::EventCount& event : sample.events)
            counted += event.has_value() && event.count.coverage() == 1.0 ? 1 : 0;
        if (counted == size && sample.region->uncounted == 0 && sample.region->dropped == 0)
            continue;
        std::fprintf(stderr, "%s", pmc::region_text(result).c_str());
        std::exit(1);
    }
}

} // namespace

int main(int argc, char** argv) {
    const std::size_t size = bench::size_of(argc, argv);
    unsetenv("PMC_EVENTS");
    unsetenv("PMC_REPORT");
    const bool by_system_call = std::getenv("PMC_READ") != nullptr;
    if (!by_system_call) {
        const Meter meter;
        print("Scope, dormant", cost_of_one(meter));
    }
    pmc::enable(list_of(size));
    {
        const Meter meter;
        print(by_system_call ? "Scope, system call" : "Scope", cost_of_one(meter));
        if (!by_system_call)
            print("Scope, 64 regions in turn", cost_of_many(meter));
    }
    if (!by_system_call)
        print("Scope, on the 100th thread", cost_beside(99));
    check(pmc::report(), size);
}
