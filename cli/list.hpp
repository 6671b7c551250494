#pragma once

#include "options.hpp"

namespace cli {

/// Metrics, then events, to stdout. Returns pmcstat's exit status: 1 if nothing matches.
int list(const ListOptions& options);

} // namespace cli
