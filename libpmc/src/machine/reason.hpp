#pragma once

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

} // namespace pmc
