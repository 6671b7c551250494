// A program that counts itself with the library while its threads come and go: a Session's samples every millisecond,
// and a region that each of its threads passes through. usage: soaked_library INTERVALS
// Says "interval" for each on standard output.
#include "coming_and_going.hpp"

#include <pmc/region.hpp>
#include <pmc/result.hpp>
#include <pmc/session.hpp>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace {

constexpr std::string_view events = "cycles,instructions,page-faults";
constinit pmc::Region life{"life"};

/// Whether there was a sample at each interval, and the region with its calls now and then.
bool count(pmc::Session& session, unsigned long intervals) {
    auto due = std::chrono::steady_clock::now();
    for (unsigned long i = 0; i < intervals; ++i) {
        std::this_thread::sleep_until(due += std::chrono::milliseconds(1));
        if (session.interval().empty() || (i % 1000 == 999 && pmc::report().samples.empty()))
            return false;
        std::puts("interval");
        std::fflush(stdout);
    }
    return true;
}

} // namespace

int main(int argc, char** argv) {
    const unsigned long intervals = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000;
    pmc::enable(events);
    pmc::Expected<pmc::Session> session =
        pmc::Session::start(pmc::MetricSet::parse(events).value(), pmc::Target{.pids = {getpid()}});
    if (!session) {
        std::fprintf(stderr, "%s\n", session.error().what());
        return 1;
    }
    std::atomic<bool> over = false;
    std::thread worker([&] {
        bench::come_and_go(over, [] {
            const pmc::Scope scope{life};
            std::this_thread::yield();
        });
    });
    const bool was_counted = count(*session, intervals);
    over = true;
    worker.join();
    return was_counted ? 0 : 1;
}
