#pragma once

#include <pmc/expected.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Numbers as the command line has them.
namespace cli {

/// A whole number, all of `text` and from `least` to `most`; nothing else. What is wrong with it is told by name:
/// "-I: abc is no number".
pmc::Expected<int> whole_number(std::string_view option, std::string_view text, int least, int most);

/// The elements of lists that were given one after the other, each separated by commas. Errors: misuse (an empty one).
pmc::Expected<std::vector<std::string>> elements(std::string_view option, const std::vector<std::string>& lists);

/// Whole numbers that are at least `least`, each once, in the order given.
pmc::Expected<std::vector<int>> number_list(std::string_view option, const std::vector<std::string>& lists, int least);

/// Numbers and ranges as the kernel writes them ("0,2-4"), ascending, each once.
pmc::Expected<std::vector<int>> cpu_list(std::string_view option, const std::vector<std::string>& lists);

} // namespace cli
