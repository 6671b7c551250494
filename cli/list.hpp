#pragma once

#include "options.hpp"

#include <pmc/tables.hpp>

namespace cli {

/// Metrics, then events, to stdout. Returns pmcstat's exit status: 1 if nothing matches.
int list(const ListOptions& options, const pmc::Tables& tables);

} // namespace cli
