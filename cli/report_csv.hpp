#pragma once

#include <pmc/result.hpp>

#include <span>
#include <string>

namespace cli {

/// A table for spreadsheets and scripts, quoted as RFC 4180 has it: a header row, then a row for every event and every
/// metric of every sample. What has no value has an empty one, with its state and reason. A row is a line, and no text
/// in it has what a terminal would obey.
///
/// The columns:
///  - run, scope, id, comm (the name of a thread or process), cgroup, cpus (how many are in the row; empty where it is
///    not about CPUs), summary (true, or false), start_s, end_s: of the sample;
///  - kind (event, metric), name, core (the PMU, with several core types), value, unit;
///  - raw, enabled_ns, running_ns: of events;
///  - coverage, state, quality and source (of metrics; an event is measured), reason.
std::string csv_header();
std::string csv_rows(std::span<const pmc::Sample> samples);

/// The header and all rows.
std::string csv_report(const pmc::Result& result);

} // namespace cli
