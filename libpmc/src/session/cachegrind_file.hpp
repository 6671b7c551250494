#pragma once

#include "session/valgrind_totals.hpp"

#include <string_view>

namespace pmc {

/// The totals of a file that cachegrind wrote: its lines `events:` and `summary:`, whatever stands between them.
/// Errors: format (cut off, not such a file, a number that is none).
Expected<ValgrindTotals> parse_cachegrind_file(std::string_view text);

} // namespace pmc
