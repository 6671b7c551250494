#include "wrapped.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cli {

std::string wrapped(std::string_view text, std::size_t indent, std::string_view first) {
    constexpr std::size_t columns = 90;
    std::string lines = fmt::format("{:<{}}", first, indent);
    std::size_t column = std::max(indent, first.size());
    bool at_start = true;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (!at_start && column + 1 + word.size() > columns) {
            lines += fmt::format("\n{:{}}", "", indent);
            column = indent;
            at_start = true;
        }
        lines.append(at_start ? "" : " ").append(word);
        column += word.size() + (at_start ? 0 : 1);
        at_start = false;
    }
    return lines + '\n';
}

} // namespace cli
