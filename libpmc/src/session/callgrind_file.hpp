#pragma once

#include "session/valgrind_totals.hpp"

#include <string_view>

namespace pmc {

/// The totals of a file that callgrind wrote (--combine-dumps=yes): of all its parts, each with its own lines `events:`
/// and `summary:`, in which zeros at the end are left out, and `totals:` where it ends. Not `totals:` is taken, which
/// lacks what was done in a block of code while that was left. Errors: format (cut off, not such a file, a number that
/// is none, a sum that is too large).
Expected<ValgrindTotals> parse_callgrind_file(std::string_view text);

} // namespace pmc
