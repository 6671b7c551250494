#include "session/callgrind_file.hpp"

#include <optional>

namespace pmc {
namespace {

constexpr std::string_view events_key = "events:";
constexpr std::string_view summary_key = "summary:";
constexpr std::string_view totals_key = "totals:";

} // namespace

Expected<ValgrindTotals> parse_callgrind_file(std::string_view text) {
    if (!last_line(text).starts_with(totals_key))
        return bad_file("it ends without totals");
    ValgrindTotals sum;
    std::optional<std::string_view> events;
    bool has_summary = false;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1); // there is one: the last line is whole
        if (line.starts_with(events_key))
            events = line.substr(events_key.size());
        if (!line.starts_with(summary_key))
            continue;
        if (!events)
            return bad_file("there is no line of events");
        const Expected<ValgrindTotals> part = make_totals(*events, line.substr(summary_key.size()));
        if (!part)
            return part.error();
        if (!add_totals(sum, *part))
            return bad_file("the sum of its parts is too large");
        has_summary = true;
    }
    if (!has_summary)
        return bad_file("there is no summary");
    return sum;
}

} // namespace pmc
