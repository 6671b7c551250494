#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cli {

/// `text` in lines that begin at column `indent`; `first` stands before the first of them.
std::string wrapped(std::string_view text, std::size_t indent, std::string_view first = {});

} // namespace cli
