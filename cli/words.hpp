#pragma once

#include <pmc/expected.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// A command line's words as a shell takes them apart, with its quotes and backslashes, but without all else that it
/// would do: $NAME, *, |, > are letters like any other. Errors: misuse (a quote that is not closed, no words).
pmc::Expected<std::vector<std::string>> words_of(std::string_view line);

} // namespace cli
