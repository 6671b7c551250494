#pragma once

#include "event/cpu_table.hpp"

#include <pmc/event.hpp>
#include <pmc/expected.hpp>
#include <pmc/machine.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// From a name to an Event. One file per source, each with one function of the same shape: nothing if the name is not
/// of this source; an Error if it is, but is wrong; else the Event. An Event that exists but can't be counted on this
/// machine (no such PMU, not advertised) has its `unavailable` set.
namespace pmc {

using Resolved = std::optional<Expected<Event>>;

Resolved resolve_generic(std::string_view name, const Machine& machine);    ///< hardware, software and cache events
Resolved resolve_table(std::string_view name, const Machine& machine);      ///< roles of this CPU's table
Resolved resolve_sysfs(std::string_view name, const Machine& machine);      ///< pmu/terms/
Resolved resolve_tracepoint(std::string_view name, const Machine& machine); ///< sys:name
Resolved resolve_raw(std::string_view name, const Machine& machine);        ///< r1a2
Resolved resolve_libpfm4(std::string_view name, const Machine& machine);    ///< loads libpfm4 on first use

/// The event of a name, by the order of docs/design.md (shape first, libpfm4 last). Never a metric.
/// Errors: unknown_name with suggestions, syntax (bad terms).
Expected<Event> resolve_event(std::string_view name, const Machine& machine);

/// The event of a role in a table, on the PMU of one core type.
Expected<Event> resolve_role(const RoleEvent& role, const Machine& machine, const CoreType& core);

/// Sets `event`'s terms on a PMU: type, config…, encoding; `unavailable` when an architected Arm code is not
/// advertised.
Expected<Event> event_of_terms(const Machine& machine, const Pmu& pmu, std::string_view terms);

/// Generic names for `list` and for suggestions: "cycles", "page-faults", "L1-dcache-load-misses".
struct GenericName {
    std::string name;
    std::string_view kind; ///< "hardware event", "software event", "cache event"
    std::string_view description;
};
std::vector<GenericName> generic_names();
std::vector<std::string> tracepoint_names(const Machine& machine);
/// Names as libpfm4 has them ("arm_n1::CPU_CYCLES", …) for this CPU's model, with descriptions. Empty if libpfm4 can't
/// be loaded.
struct Libpfm4Name {
    std::string name, description;
};
std::vector<Libpfm4Name> libpfm4_names(const Machine& machine);

/// "did you mean …": up to three of `known` near to `name` (edit distance, common prefix, hyphen = underscore), nearest
/// first.
std::vector<std::string> suggest(std::string_view name, const std::vector<std::string>& known);

} // namespace pmc
