#pragma once

#include "options.hpp"

#include <string>
#include <vector>

namespace cli {

/// The words of `pmcstat [options] [--] [command…]` and `pmcstat --replay FILE`, checked against each other.
Options parse_run(std::vector<std::string> arguments);

} // namespace cli
