#pragma once

#include <string_view>

/// The notations that the tables' texts are written in; events/README.md describes them.
namespace pmc::notation {

bool is_identifier(std::string_view text) noexcept;   ///< "llc_misses"
bool is_table_id(std::string_view text) noexcept;     ///< "neoverse-n1"
bool is_cpu_pattern(std::string_view text) noexcept;  ///< "GenuineIntel-6-8F", "AuthenticAMD-25-1?", "midr-41-d0c"
bool is_terms(std::string_view text) noexcept;        ///< "event=0x2e,umask=0x41"
bool is_counter_list(std::string_view text) noexcept; ///< "fixed1,any", "0-3", "metric", "pair"
/// A number that formulas have without a table: "seconds", "group_seconds", "width".
bool is_builtin_value(std::string_view text) noexcept;
/// Such a number, or a function: "min", "max".
bool is_builtin(std::string_view text) noexcept;
/// "page_faults": what the kernel calls one of its events, with underscores.
bool is_kernel_event(std::string_view text) noexcept;

/// "amd_l3/event=0x4,umask=0x1/" in its parts; without the slashes all of it is terms, of the core's PMU.
struct PmuTerms {
    std::string_view pmu, terms;
};
PmuTerms split_pmu(std::string_view text) noexcept;

} // namespace pmc::notation
