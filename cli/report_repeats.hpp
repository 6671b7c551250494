#pragma once

#include <pmc/result.hpp>
#include <pmc/value_series.hpp>

#include <span>
#include <string>

namespace cli {

/// The report for people of a command that ran again and again: what its runs came to, a line for each value that was
/// asked for. `series` are the document's.
std::string repeats_report(const pmc::Result& result, std::span<const pmc::ValueSeries> series, bool verbose);

/// "10 runs + 1 warm-up, all exit 0".
std::string runs_text(const pmc::Result& result);

/// How the command was kept quiet: ", CPU 3, fixed addresses, fixed environment".
std::string quiet_text(const pmc::Result::Run& run);

} // namespace cli
