#pragma once

#include "options.hpp"

#include <pmc/expected.hpp>
#include <pmc/machine.hpp>
#include <pmc/metric_set.hpp>
#include <pmc/tables.hpp>

#include <optional>
#include <string>

namespace cli {

/// What is to be counted, as a list: -e with what else the command line names (--assert, --explain); none: the standard
/// set. Errors: unknown_name.
pmc::Expected<std::optional<std::string>> asked_list(const RunOptions& options, const pmc::Machine& machine,
                                                     const pmc::Tables& tables);

/// The list (or the standard set), made ready. Errors: those of MetricSet::parse and of the tables.
pmc::Expected<pmc::MetricSet> what_to_count(const RunOptions& options);

} // namespace cli
