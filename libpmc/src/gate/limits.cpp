#include "kernel/blanks.hpp"
#include "metric/search.hpp"
#include "table/quote.hpp"

#include <pmc/gate.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace pmc {
namespace {

using kernel::trimmed;

constexpr double most_percent = 1000;

Error syntax(std::string_view text, const std::string& problem) {
    return Error{ErrorKind::syntax, Stage::parse, "the limits " + quoted(text) + " " + problem,
                 "write them like 2%,cycles=1%,time=10%"}
        .with_subject(std::string{text});
}

/// At commas, but for those between the slashes of an event: cpu/event=0xc0,umask=1/=2%.
std::vector<std::string_view> items_of(std::string_view text) {
    std::vector<std::string_view> items;
    bool in_slashes = false;
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        if (at < text.size() && text[at] == '/')
            in_slashes = !in_slashes;
        if (at < text.size() && (text[at] != ',' || in_slashes))
            continue;
        items.push_back(trimmed(text.substr(begin, at - begin)));
        begin = at + 1;
    }
    return items;
}

/// "2%" is 0.02.
Expected<double> parse_share(std::string_view text, std::string_view all) {
    double percent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
    if (error != std::errc{} || !std::isfinite(percent))
        return syntax(all, "have no number where there is " + quoted(text));
    if (trimmed(text.substr(static_cast<std::size_t>(end - text.data()))) != "%")
        return syntax(all, "have no % after the number " + quoted(text));
    if (percent < 0 || std::signbit(percent))
        return syntax(all, "have one below zero: " + quoted(text));
    if (percent > most_percent)
        return syntax(all, "have one above 1000 %, which nothing would ever fail: " + quoted(text));
    return percent / 100;
}

} // namespace

Expected<Limits> Limits::parse(std::string_view text) {
    Limits limits;
    for (const std::string_view item : items_of(text)) {
        if (item.empty())
            return syntax(text, "have an empty part");
        // The last one: the terms of an event have some too.
        const std::size_t sign = item.rfind('=');
        const bool has_name = sign != std::string_view::npos;
        const std::string name{has_name ? trimmed(item.substr(0, sign)) : std::string_view{}};
        if (has_name && name.empty())
            return syntax(text, "have no name before =");
        const Expected<double> limit = parse_share(has_name ? trimmed(item.substr(sign + 1)) : item, text);
        if (!limit)
            return limit.error();
        if (!has_name) {
            if (limits.all)
                return syntax(text, "have two for everything");
            limits.all = *limit;
            continue;
        }
        if (std::ranges::any_of(limits.by_name, [&](const auto& known) { return search::same(known.first, name); }))
            return syntax(text, "have two for " + quoted(name));
        limits.by_name.emplace_back(name, *limit);
    }
    return limits;
}

} // namespace pmc
