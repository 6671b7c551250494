#pragma once

#include "options.hpp"

namespace cli {

/// `pmcstat compare`: the exit status.
int compare(const CompareOptions& options);

} // namespace cli
