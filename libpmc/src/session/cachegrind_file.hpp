#pragma once

#include <pmc/expected.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace pmc {

/// What a process did, in valgrind's events ("Ir", "D1mr", …).
using ValgrindTotals = std::map<std::string, std::uint64_t, std::less<>>;

/// The totals of a file that cachegrind wrote: its lines `events:` and `summary:`, whatever stands between them.
/// Errors: format (cut off, not such a file, a number that is none).
Expected<ValgrindTotals> parse_cachegrind_file(std::string_view text);

/// The program that such a file is of, with its arguments, a blank between them; empty if it does not say.
std::string_view command_of_cachegrind_file(std::string_view text);

/// Adds what another process did. False, and nothing is added, where a sum would be too large.
bool add_totals(ValgrindTotals& sum, const ValgrindTotals& more);

} // namespace pmc
