#pragma once

#include <pmc/machine.hpp>

#include <string_view>
#include <utility>
#include <vector>

/// What events/<arch>/<cpu>.json and events/generic.json say.
namespace pmc {

/// A role ("llc_misses") and the event that plays it on one CPU.
struct RoleEvent {
    std::string_view role;
    std::string_view pmu;     ///< the PMU's sysfs name, without the number of a unit; empty: the core's
    std::string_view terms;   ///< "event=0x37", raw terms: the truth. Empty when `generic` is set
    std::string_view generic; ///< a generic kernel name ("cycles"); only in generic.json
    std::string_view only;    ///< the vendor it is meant for ("GenuineIntel"); empty: any
    std::string_view pfm;     ///< libpfm4's name for it, that tests compare; may be empty
    std::string_view sysfs;   ///< the kernel's alias to prefer where present; may be empty
    double scale = 1.0;       ///< value = count × scale, in `unit`; an alias brings its own
    std::string_view unit;    ///< "B", or empty for a plain number
    std::string_view on; ///< the counters it can be on: "fixed0,any", "metric", "pair", "0-3"; empty: any generic one
    std::string_view quality = "exact"; ///< exact, approx, proxy
    std::string_view scope = "task";    ///< task, l3, die, package
    std::string_view counts;            ///< one sentence: what exactly it counts on this CPU
};

struct Constant {
    std::string_view name;
    double value;
};

/// What one of the kernel's own names hides on the CPUs of one vendor.
struct KernelName {
    std::string_view name;   ///< "cache-misses"
    std::string_view vendor; ///< "AuthenticAMD"; "midr" for Arm
    std::string_view counts; ///< one sentence
};

struct CpuTable {
    std::string_view id;                 ///< "neoverse-n1"
    std::string_view title;              ///< "Arm Neoverse N1"
    std::vector<std::string_view> match; ///< "midr-41-d0c", "GenuineIntel-6-8F", "?" one hexadecimal digit
    std::string_view core_pmu;           ///< the core PMU it is meant for ("cpu_core", on hybrid CPUs); empty: any
    std::string_view pfm;                ///< libpfm4's PMU prefix; may be empty
    std::string_view formats;            ///< the id of the format files of its PMUs
    unsigned width = 0;                  ///< issue slots per cycle; 0: not known
    CounterBudget counters;              ///< all 0: not known
    unsigned generic_alone = 0;          ///< generic counters where the core's second thread is off; 0: the same
    std::vector<Constant> constants;
    std::vector<RoleEvent> events;
    std::vector<KernelName> names; ///< of the generic table
    std::vector<std::string_view>
        without; ///< roles that this CPU is known not to have: no fall-back stands in for them

    /// The role's event, or null.
    [[nodiscard]] const RoleEvent* find(std::string_view role) const noexcept;
    /// The role's event that is meant for this CPU, or null.
    [[nodiscard]] const RoleEvent* find_for(std::string_view role, std::string_view cpu_id) const noexcept;
    [[nodiscard]] bool matches(std::string_view cpu_id, std::string_view pmu) const noexcept;
};

/// The format files of a CPU's PMUs, as sysfs has them.
struct PmuFormats {
    std::string_view name; ///< "core", "amd_l3"
    unsigned type = 0;
    std::string_view cpumask;
    std::vector<std::pair<std::string_view, std::string_view>> fields; ///< "umask", "config:8-15"
    struct Alias {
        std::string_view name, terms, scale, unit;
    };
    std::vector<Alias> events;
};

struct Formats {
    std::string_view id;
    std::vector<PmuFormats> pmus;
};

/// perf's notation, in any case: a pattern of three parts ignores the stepping, of one part all but the vendor; "?" is
/// one hexadecimal digit; midr-41-d0c ignores variant and revision.
bool cpu_id_matches(std::string_view pattern, std::string_view cpu_id) noexcept;

} // namespace pmc
