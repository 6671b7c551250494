#pragma once

#include <pmc/tables.hpp>

#include <string>
#include <vector>

namespace cli {

/// What libpmc and PMC_TABLES bring, with the files of --tables over it, the last one uppermost.
pmc::Expected<pmc::Tables> load_tables(const std::vector<std::string>& files);

} // namespace cli
