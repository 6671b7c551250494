#pragma once

#include <string>
#include <vector>

namespace pmc::kernel {

/// Where a command may be: itself if it has a slash, else in each folder of PATH. Done by hand because execvp gives
/// what is no program to /bin/sh, which would then be measured, and because it is done before the fork.
std::vector<std::string> search_path(const std::string& name);

} // namespace pmc::kernel
