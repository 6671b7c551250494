#pragma once

#include <pmc/result.hpp>

#include <string>

namespace cli {

/// The report for people: a line per metric with its value and what it is made of, then events, time, and hints.
std::string text_report(const pmc::Result& result, bool verbose);

} // namespace cli
