#include "target.hpp"

#include "session/cachegrind_file.hpp"
#include "session/callgrind_file.hpp"

#include <algorithm>

/// The files that valgrind's tools write: a killed one leaves anything.
namespace fuzz {

using namespace pmc;

void take(std::string_view text) {
    (void)command_in(text);
    for (const Expected<ValgrindTotals>& totals : {parse_cachegrind_file(text), parse_callgrind_file(text)}) {
        if (!totals) {
            expect(totals.error().kind() == ErrorKind::format, "what is no such file is an error of form");
            continue;
        }
        expect(!totals->empty(), "a file has totals");
        ValgrindTotals sum = *totals;
        if (add_totals(sum, *totals))
            expect(std::ranges::all_of(sum, [&](const auto& one) { return one.second == 2 * totals->at(one.first); }),
                   "a sum is one");
        else
            expect(sum == *totals, "a sum that is too large changes nothing");
    }
}

} // namespace fuzz
