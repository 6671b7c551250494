// What PAPI asks for the same: PAPI_read twice, and PAPI_start with PAPI_stop.
#include "meter.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <papi.h>

using bench::Meter;

namespace {

void must(int status, const char* what) {
    if (status == PAPI_OK)
        return;
    std::fprintf(stderr, "%s: %s\n", what, PAPI_strerror(status));
    std::exit(1);
}

/// All of them count in the lab.
constexpr std::array events = {"perf::CYCLES",
                               "perf::INSTRUCTIONS",
                               "perf::STALLED-CYCLES-FRONTEND",
                               "perf::STALLED-CYCLES-BACKEND",
                               "perf::INSTRUCTIONS:k=1:u=0",
                               "perf::INSTRUCTIONS:k=1:u=1"};

} // namespace

int main(int argc, char** argv) {
    const std::size_t size = bench::size_of(argc, argv);
    if (PAPI_library_init(PAPI_VER_CURRENT) != PAPI_VER_CURRENT) {
        std::fputs("PAPI_library_init: another version\n", stderr);
        return 1;
    }
    int set = PAPI_NULL;
    must(PAPI_create_eventset(&set), "PAPI_create_eventset");
    for (std::size_t i = 0; i < size; ++i)
        must(PAPI_add_named_event(set, events[i]), events[i]);
    std::array<long long, events.size()> before{};
    std::array<long long, events.size()> after{};
    const Meter meter;
    const double start_stop = meter.cost([&](int) {
        PAPI_start(set);
        PAPI_stop(set, after.data());
        bench::keep(after);
    });
    must(PAPI_start(set), "PAPI_start");
    const double two_reads = meter.cost([&](int) {
        PAPI_read(set, before.data());
        bench::keep(before);
        PAPI_read(set, after.data());
        bench::keep(after);
    });
    must(PAPI_stop(set, after.data()), "PAPI_stop");
    if (after[0] == 0 || after[1] == 0) {
        std::fputs("PAPI counted nothing\n", stderr);
        return 1;
    }
    bench::print("PAPI_read twice", two_reads);
    bench::print("PAPI_start, PAPI_stop", start_stop);
}
