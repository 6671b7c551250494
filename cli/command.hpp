#pragma once

#include "options.hpp"
#include "signals.hpp"

#include <pmc/command.hpp>

namespace cli {

/// The command as the command line has it, with a fixed environment made of what there is now.
pmc::Command command_of(const RunOptions& options, const Signals& signals);

} // namespace cli
