#pragma once

#include "measured.hpp"
#include "options.hpp"
#include "signals.hpp"

#include <pmc/passes.hpp>

namespace cli {

/// Runs the command once per part. Prints what went wrong.
Measured run_passes(pmc::Passes& passes, const RunOptions& options, const Signals& signals);

} // namespace cli
