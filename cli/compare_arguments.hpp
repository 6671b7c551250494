#pragma once

#include "options.hpp"

#include <string>
#include <vector>

namespace cli {

/// The words of `pmcstat compare [options] 'A' 'B'…`, checked against each other.
Options parse_compare(std::vector<std::string> arguments);

} // namespace cli
