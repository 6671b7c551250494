#pragma once

#include <pmc/result.hpp>

#include <cstddef>
#include <string>

namespace cli {

/// The report for people: a line per metric with its value and what it is made of, then events, time, and hints. Of
/// several rows (CPUs, threads, intervals) a table, as far as it is not wider than `columns`.
std::string text_report(const pmc::Result& result, bool verbose, int columns = 100);

/// One sample among others in the same lines, below a title of its own, without hints.
std::string block_text(const pmc::Result& result, const pmc::Sample& sample, bool timed);

} // namespace cli
