#include "metric/same_event.hpp"

#include <linux/perf_event.h>

namespace pmc {
namespace {

bool same_mode(const Event& a, const Event& b) noexcept {
    return a.has_mode == b.has_mode && (!a.has_mode || a.mode == b.mode);
}

bool same_encoding(const Event& a, const Event& b) {
    if (a.unavailable || b.unavailable) // what could not be resolved has no code
        return a.unavailable.cause == b.unavailable.cause && a.name == b.name;
    return a.type == b.type && a.config == b.config && a.config1 == b.config1 && a.config2 == b.config2;
}

} // namespace

std::string_view fixed_name(const Candidate& candidate) noexcept {
    const Event& event = candidate.event;
    if (candidate.role != nullptr && candidate.role->quality == "exact") {
        for (const std::string_view name : {"cycles", "instructions"}) {
            if (candidate.role->role == name)
                return name;
        }
    }
    if (event.type != PERF_TYPE_HARDWARE)
        return {};
    switch (event.config & 0xffff'ffff) { // the upper half is the PMU's type on hybrid CPUs
    case PERF_COUNT_HW_CPU_CYCLES:
        return "cycles";
    case PERF_COUNT_HW_INSTRUCTIONS:
        return "instructions";
    default:
        return {};
    }
}

bool is_same_event(const Event& a, std::string_view fixed_a, const Event& b, std::string_view fixed_b) {
    if (a.core != b.core || !same_mode(a, b))
        return false;
    const bool same_fixed =
        !fixed_a.empty() && fixed_a == fixed_b && a.pmu == b.pmu && !a.unavailable && !b.unavailable;
    return same_fixed || same_encoding(a, b);
}

} // namespace pmc
