#pragma once

#include "options.hpp"

namespace cli {

/// Reports a recorded run again. Returns pmcstat's exit status: 0 when the report was given, whatever the command's
/// was.
int replay(const ReplayOptions& options);

} // namespace cli
