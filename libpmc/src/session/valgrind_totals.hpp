#pragma once

#include <pmc/error.hpp>
#include <pmc/expected.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pmc {

/// What a process did, in valgrind's events ("Ir", "D1mr", …).
using ValgrindTotals = std::map<std::string, std::uint64_t, std::less<>>;

/// Of two lines of words, the events' names and their numbers; a number that is not there is 0. Errors: format.
Expected<ValgrindTotals> make_totals(std::string_view names_line, std::string_view numbers_line);

/// Adds what another process did. False, and nothing is added, where a sum would be too large.
bool add_totals(ValgrindTotals& sum, const ValgrindTotals& more);

// For who reads valgrind's files.

/// format: valgrind's counts can't be read.
Error bad_file(std::string what);
/// The last line of a text; empty if it does not end with a newline: it was cut off.
std::string_view last_line(std::string_view text);
/// The rest of the first line that begins with `key`; nothing if there is none that ends with a newline.
std::optional<std::string_view> line_of(std::string_view text, std::string_view key);
/// The program that a file is of, with its arguments, a blank between them; empty if it does not say.
std::string_view command_in(std::string_view text);
/// None if there are more than any tool has.
std::vector<std::string_view> words_of(std::string_view line);

} // namespace pmc
