#pragma once

#include <pmc/export.hpp>
#include <pmc/reason.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pmc {

/// Where the meaning of an event's name came from.
enum class EventSource { generic, software, cache, table, libpfm4, sysfs, tracepoint, raw };

/// "generic", "software", …
PMC_API std::string_view to_string(EventSource source) noexcept;

/// Which privilege levels count.
enum class Mode : std::uint8_t { user, kernel, user_kernel };

/// "user", "kernel", "user+kernel".
PMC_API std::string_view to_string(Mode mode) noexcept;

/// One resolved event: all that perf_event_open needs to know of it, and how it came about.
struct Event {
    std::string name;     ///< as asked for, modifiers included: "cycles:u", "llc_misses"
    std::string encoding; ///< in the kernel's terms: "armv8_pmuv3/event=0x8/", "software/config=0x1/"
    std::string pmu;      ///< the PMU's sysfs name; "software" and "tracepoint" for those two
    std::uint32_t type = 0;
    std::uint64_t config = 0;
    std::uint64_t config1 = 0;
    std::uint64_t config2 = 0;
    bool has_mode = false;         ///< a modifier fixed the mode; otherwise the set's mode applies
    Mode mode = Mode::user_kernel; ///< meaningful only with has_mode
    double scale = 1.0;            ///< sysfs .scale: value = raw × scale, in `unit`
    std::string unit;              ///< "ns", "Joules", … or empty for a plain number
    std::string counters;          ///< the counters that it can be on ("fixed0,any", "0-3"); empty: any generic one
    std::vector<int> cpus;         ///< non-empty: the PMU counts in one place, opened on these CPUs only (its cpumask)
    /// One unit of a PMU that has several (uncore_imc_1, …), and where it is opened.
    struct Unit {
        std::uint32_t type = 0;
        std::vector<int> cpus{};
    };
    std::vector<Unit> more_units{}; ///< its PMU's other units: counted too, and summed
    EventSource source = EventSource::generic;
    std::string core;        ///< on machines with several core types: the PMU of those it counts on; else empty
    std::string description; ///< one sentence; may be empty
    Reason unavailable;      ///< set when it is known without asking the kernel that it can't be counted here

    /// Software events need no counter of a PMU: they never take part in multiplexing.
    [[nodiscard]] bool is_software() const noexcept { return type == 1; }
};

} // namespace pmc
