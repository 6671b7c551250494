#pragma once

#include "options.hpp"

namespace cli {

/// Runs the command, counts it, reports. Returns pmcstat's exit status.
int run(const RunOptions& options);

} // namespace cli
