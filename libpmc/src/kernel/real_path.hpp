#pragma once

#include <string>

namespace pmc::kernel {

/// The path of the same file without links, "." and ".."; empty, and errno, if there is none or it can't be known.
std::string real_path(const std::string& path);

} // namespace pmc::kernel
