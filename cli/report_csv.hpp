#pragma once

#include <pmc/result.hpp>

#include <string>

namespace cli {

/// A table for spreadsheets and scripts, quoted as RFC 4180 has it: a header row, then a row for every event and every
/// metric of every sample. What has no value has an empty one, with its state and reason.
std::string csv_report(const pmc::Result& result);

} // namespace cli
