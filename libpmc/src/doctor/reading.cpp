#include "doctor/finding.hpp"
#include "doctor/subject.hpp"
#include "kernel/clock.hpp"

#include <pmc/counter_group.hpp>
#include <pmc/do_not_optimize.hpp>

#include <algorithm>
#include <cstdio>
#include <limits>

namespace pmc::doctor {
namespace {

/// Of one reading; the fastest of some batches, as anything may come between.
double cost_ns(const CounterGroup& group) {
    constexpr int batches = 20;
    constexpr int readings = 500;
    std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
    for (int batch = 0; batch < batches; ++batch) {
        const std::uint64_t begin = kernel::clock_ns(CLOCK_MONOTONIC);
        for (int i = 0; i < readings; ++i)
            do_not_optimize(group.read());
        least = std::min(least, kernel::clock_ns(CLOCK_MONOTONIC) - begin);
    }
    return static_cast<double>(least) / readings;
}

std::string nanoseconds(double ns) {
    char text[32];
    std::snprintf(text, sizeof text, "%.0f ns", ns);
    return text;
}

Finding user_read(const Subject& subject) {
    constexpr Check check{"user_read", "reading without a system call"};
    if (!subject.is_live)
        return untried(check);
    kernel::CpuVisit visit;
    go_to_main_core(visit, subject.machine);
    const Expected<CounterGroup> group = CounterGroup::open({"cycles", "instructions"});
    if (!group)
        return make_finding(check, Health::unknown, "not tried: cycles and instructions don't count here");
    const double cost = cost_ns(*group);
    Finding finding;
    if (group->read_path() == ReadPath::user_read)
        finding = make_finding(check, Health::ok, "a reading of two counters takes " + nanoseconds(cost));
    else
        finding = make_finding(check, group->read_path_reason(),
                               "a reading of two counters takes a system call, " + nanoseconds(cost) +
                                   "; pmcstat is not concerned, but regions and measure() are",
                               Health::limited);
    finding.value = cost;
    finding.unit = "ns";
    return finding;
}

} // namespace

Findings examine_reading(const Subject& subject) {
    return {user_read(subject)};
}

} // namespace pmc::doctor
