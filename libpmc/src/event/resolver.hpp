#pragma once

#include "table/tables_state.hpp"

#include <pmc/event.hpp>
#include <pmc/expected.hpp>
#include <pmc/machine.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// From a name to an Event. One file per source, each with one function of the same shape: nothing if the name is not
/// of this source; an Error if it is, but is wrong; else the Event. An Event that exists but can't be counted on this
/// machine (no such PMU, not advertised) has its `unavailable` set.
namespace pmc {

using Resolved = std::optional<Expected<Event>>;

// Without a core type, those that need one are of the machine's main one (machine/core_type.hpp).
Resolved resolve_generic(std::string_view name, const Machine& machine); ///< hardware, software and cache events
Resolved resolve_generic(std::string_view name, const Machine& machine, const CoreType& core);
/// Roles of the core type's table.
Resolved resolve_table(std::string_view name, const Machine& machine, const Tables& tables);
Resolved resolve_table(std::string_view name, const Machine& machine, const Tables& tables, const CoreType& core);
/// The kernel's generic names, in valgrind's events; nothing unless the machine is a model.
Resolved resolve_model(std::string_view name, const Machine& machine);
Resolved resolve_sysfs(std::string_view name, const Machine& machine);      ///< pmu/terms/
Resolved resolve_tracepoint(std::string_view name, const Machine& machine); ///< sys:name
Resolved resolve_raw(std::string_view name, const Machine& machine);        ///< r1a2
Resolved resolve_raw(std::string_view name, const Machine& machine, const CoreType& core);
/// Loads libpfm4 on first use.
Resolved resolve_libpfm4(std::string_view name, const Machine& machine, const Tables& tables);

/// The event of a name without its mode modifier, by the order of docs/design.md (shape first, libpfm4 last). Never a
/// metric. `core`: the core type of what names none; null for the main one. has_mode is set only where libpfm4's own
/// notation fixed a mode ("X:Y:u=1"). Errors: unknown_name with suggestions, also out of `also_known` (the metrics'
/// ids); syntax (bad terms).
Expected<Event> resolve_event(std::string_view name, const Machine& machine, const Tables& tables,
                              const std::vector<std::string>& also_known = {}, const CoreType* core = nullptr);

/// The event of a role in a table, on the PMU of one core type.
Expected<Event> resolve_role(const RoleEvent& role, const Machine& machine, const CoreType& core);

/// The event of terms on a PMU: type, config…, encoding, CPUs. A term may be the name of an event of the PMU's own
/// ("cache-misses,umask=0x1"), which brings its scale and unit; what is written out overrides what it stands for.
/// `unavailable` is set when an architected Arm code is not advertised. Errors: syntax, pointing at the term.
Expected<Event> event_of_terms(const Machine& machine, const Pmu& pmu, std::string_view terms);

/// A PMU of Armv8 or later that does not list an architected event code opens it all the same, and counts 0 for ever.
/// The Reason for such a code; empty for any other PMU or code.
Reason not_advertised(const Machine& machine, const Pmu& pmu, std::uint64_t config);

/// The PMU of this name; or all units of one that has several: "uncore_imc" stands for uncore_imc_0, uncore_imc_1, …
/// (their formats are the same).
std::vector<const Pmu*> units_of(const Machine& machine, std::string_view name);

/// The PMU of a core type, or null.
const Pmu* core_pmu(const Machine& machine, const CoreType& core);

/// The one notation for an event that has no terms: "hardware/config=0x1/", "cpu/config=0x1b7,config1=0x3/".
std::string config_encoding(std::string_view pmu, std::uint64_t config, std::uint64_t config1 = 0,
                            std::uint64_t config2 = 0);

/// "0x1f".
std::string hexadecimal(std::uint64_t number);

/// Generic names for `list` and for suggestions: "cycles", "page-faults", "L1-dcache-load-misses".
struct GenericName {
    std::string name;
    std::string_view kind; ///< "hardware event", "software event", "cache event"
    std::string description;
};
std::vector<GenericName> generic_names();
std::vector<std::string> tracepoint_names(const Machine& machine);
/// Why there are none of those names, where tracefs can't be read; else empty.
Reason why_no_tracepoints(const Machine& machine);
/// Names as libpfm4 has them ("arm_n1::CPU_CYCLES", …) for this CPU's model, with descriptions. Empty if libpfm4 can't
/// be loaded.
struct Libpfm4Name {
    std::string name, description;
};
std::vector<Libpfm4Name> libpfm4_names(const Machine& machine, const Tables& tables);
/// Whether libpfm4 could be loaded (it is, by this call).
bool has_libpfm4();
/// What there is to say where it is not.
std::string_view why_no_libpfm4();

/// "did you mean …": up to three of `known` near to `name` (edit distance, common prefix, hyphen = underscore), nearest
/// first.
std::vector<std::string> suggest(std::string_view name, const std::vector<std::string>& known);

} // namespace pmc
