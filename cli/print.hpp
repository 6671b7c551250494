#pragma once

#include <string>
#include <string_view>

namespace cli {

/// Writes to stdout. The exit status: 0, or that of a failure, which is told ("cannot write the list to stdout").
int print(const std::string& text, std::string_view what);

} // namespace cli
