#pragma once

#include <pmc/machine.hpp>

#include <span>
#include <string_view>

/// What events/<arch>/<cpu>.json and events/generic.json say, compiled in by events/generate.py: plain data, nothing to
/// parse or construct at start-up.
namespace pmc {

/// A role ("llc_misses") and the event that plays it on one CPU.
struct RoleEvent {
    std::string_view role;
    std::string_view pmu;     ///< the PMU's sysfs name; empty: the core's
    std::string_view terms;   ///< "event=0x37", raw terms: the truth. Empty when `generic` is set
    std::string_view generic; ///< a generic kernel name ("cycles"); only in generic.json
    std::string_view only;    ///< the vendor it is meant for ("GenuineIntel"); empty: any
    std::string_view pfm;     ///< libpfm4's name for it, that tests compare; may be empty
    std::string_view sysfs;   ///< the kernel's alias to prefer where present; may be empty
    std::string_view on;      ///< "fixed0", "metric", "0-3", or empty: any counter
    std::string_view quality; ///< exact, approx, proxy
    std::string_view scope;   ///< task, l3, die, package
    std::string_view counts;  ///< one sentence: what exactly it counts on this CPU
};

struct Constant {
    std::string_view name;
    double value;
};

struct CpuTable {
    std::string_view id;                     ///< "neoverse-n1"
    std::string_view title;                  ///< "Arm Neoverse N1"
    std::span<const std::string_view> match; ///< "midr-41-d0c", "GenuineIntel-6-8F", "?" one hexadecimal digit
    std::string_view pfm;                    ///< libpfm4's PMU prefix; may be empty
    unsigned width = 0;                      ///< issue slots per cycle; 0: not known
    CounterBudget counters;                  ///< all 0: not known
    std::span<const Constant> constants;
    std::span<const RoleEvent> events;
    std::string_view core_pmu; ///< the core PMU it is meant for ("cpu_core", on hybrid CPUs); empty: any

    /// The role's event, or null.
    [[nodiscard]] const RoleEvent* find(std::string_view role) const noexcept;
};

/// All compiled-in tables, the generic one last.
std::span<const CpuTable> cpu_tables() noexcept;
/// The table of a CPU id; the generic one if there is none.
const CpuTable& table_for(std::string_view cpu_id) noexcept;
const CpuTable& generic_table() noexcept;
/// perf's notation, in any case: a pattern of three parts ignores the stepping, of one part all but the vendor; "?" is
/// one hexadecimal digit; midr-41-d0c ignores variant and revision.
bool cpu_id_matches(std::string_view pattern, std::string_view cpu_id) noexcept;
/// A role of this CPU: its table's, else the generic one's. Null if neither has it (or it is for another vendor).
const RoleEvent* find_role(std::string_view role, std::string_view cpu_id) noexcept;

/// The same over given tables, the generic one last.
const CpuTable& table_for(std::string_view cpu_id, std::span<const CpuTable> tables) noexcept;
const CpuTable& generic_table(std::span<const CpuTable> tables) noexcept;
const RoleEvent* find_role(std::string_view role, std::string_view cpu_id, std::span<const CpuTable> tables) noexcept;

} // namespace pmc
