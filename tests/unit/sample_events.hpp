#pragma once

#include <pmc/event.hpp>

#include <cstdint>
#include <linux/perf_event.h>
#include <string>

/// Events made by hand, so that these tests need no resolver and no PMU.
namespace sample {

inline pmc::Event event(std::string name, std::string pmu, std::uint32_t type, std::uint64_t config) {
    pmc::Event made;
    made.name = std::move(name);
    made.pmu = std::move(pmu);
    made.type = type;
    made.config = config;
    return made;
}

inline pmc::Event hardware(std::string name, std::uint64_t config) {
    return event(std::move(name), "cpu", PERF_TYPE_HARDWARE, config);
}
inline pmc::Event cycles() {
    return hardware("cycles", PERF_COUNT_HW_CPU_CYCLES);
}
inline pmc::Event instructions() {
    return hardware("instructions", PERF_COUNT_HW_INSTRUCTIONS);
}
inline pmc::Event branches() {
    return hardware("branches", PERF_COUNT_HW_BRANCH_INSTRUCTIONS);
}
inline pmc::Event branch_misses() {
    return hardware("branch-misses", PERF_COUNT_HW_BRANCH_MISSES);
}
/// Some event of the core's PMU, a different one for each number.
inline pmc::Event raw(std::uint64_t number) {
    return event("r" + std::to_string(number), "cpu", PERF_TYPE_RAW, 0x10000 + number);
}

inline pmc::Event software(std::string name, std::uint64_t config) {
    return event(std::move(name), "software", PERF_TYPE_SOFTWARE, config);
}
inline pmc::Event task_clock() {
    return software("task-clock", PERF_COUNT_SW_TASK_CLOCK);
}
inline pmc::Event page_faults() {
    return software("page-faults", PERF_COUNT_SW_PAGE_FAULTS);
}
inline pmc::Event minor_faults() {
    return software("minor-faults", PERF_COUNT_SW_PAGE_FAULTS_MIN);
}
inline pmc::Event context_switches() {
    return software("context-switches", PERF_COUNT_SW_CONTEXT_SWITCHES);
}
/// Counts in one place.
inline pmc::Event energy() {
    pmc::Event made = event("power/energy-pkg/", "power", 9, 2);
    made.cpus = {0};
    return made;
}

} // namespace sample
