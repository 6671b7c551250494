#pragma once

#include <pmc/machine.hpp>
#include <pmc/reason.hpp>

#include <string>
#include <string_view>

namespace pmc {

/// The remedy of a cause that needs no facts of the machine; empty for those where nothing is to be done, or where it
/// depends on the machine (Machine::why knows).
std::string_view usual_remedy(Cause cause) noexcept;

/// Whether it takes every hardware counter from this machine or user, not one event.
bool concerns_all_counters(Cause cause) noexcept;

/// "EACCES"; the number itself where it has no name.
std::string errno_name(int error);

/// A reason with its cause's usual remedy. With an `error`, its name is appended to the evidence: "… (errno ENOENT)".
Reason make_reason(Cause cause, std::string evidence, int error = 0);
/// The same with a remedy that depends on the machine.
Reason reason_of(Cause cause, int error, std::string evidence, std::string remedy);

/// What is short of counters, which the NMI watchdog may have.
Reason counters_held(const Machine& machine, Cause cause, std::string evidence, int error = 0);

/// Whether the kernel lists no PMU at all, not even its software events: sysfs is not mounted, or could not be read.
/// What there is then shows only when it is opened.
bool hides_pmus(const Machine& machine);

/// Why `what` is not known, of which a path that every /proc or /sys has would tell; none if that can be read.
Reason why_not_listed(const Machine& machine, std::string_view what, std::string_view path);

} // namespace pmc
