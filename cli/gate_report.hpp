#pragma once

#include <pmc/check.hpp>

#include <span>
#include <string>

namespace cli {

/// A line for each check, what to do, and in the end how many there are of each outcome: the last lines of a report.
std::string gate_text(std::span<const pmc::Check> checks);

/// pmcstat's exit status, where the command's own is 0. What is invalid is a mistake in the gate, and comes before all
/// that it found.
int gate_status(std::span<const pmc::Check> checks);

/// "cycles", "region parse: cycles": what a check is of.
std::string check_subject(const pmc::Check& check);
/// What was found; and what was asked for, if that does not say so.
std::string check_message(const pmc::Check& check);

} // namespace cli
