#pragma once

#include "options.hpp"

#include <pmc/expected.hpp>
#include <pmc/metric_set.hpp>

namespace cli {

/// What is to be counted: -e with what else the command line names (--assert, --explain), or the standard set; made
/// ready. Errors: unknown_name and others of MetricSet::parse, those of the tables.
pmc::Expected<pmc::MetricSet> what_to_count(const RunOptions& options);

} // namespace cli
