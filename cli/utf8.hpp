#pragma once

#include <cstddef>
#include <string_view>

namespace cli {

/// The bytes of a character of UTF-8 that begins `text` (not empty); 0 if none does.
std::size_t character_size(std::string_view text);

} // namespace cli
