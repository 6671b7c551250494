#include "record/terminal.hpp"

#include <algorithm>

namespace pmc::record {
namespace {

/// Of UTF-8: a byte that goes on with a character.
bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

} // namespace

std::string printable(std::string text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        // In UTF-8, 0xc2 0x80 to 0xc2 0x9f are control characters too.
        const bool is_c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        if (byte < 0x20 || byte == 0x7f || is_c1)
            text[i] = '?';
        if (is_c1)
            text[i + 1] = '?';
    }
    return text;
}

std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !continues(c); }));
}

std::string shortened(std::string text, std::size_t most) {
    constexpr std::string_view mark = "...";
    if (width(text) <= most)
        return text;
    std::size_t end = 0;
    for (std::size_t columns = most - mark.size() + 1; end < text.size(); ++end) {
        if (!continues(text[end]) && --columns == 0)
            break;
    }
    return text.substr(0, end).append(mark);
}

std::string_view said_above(const Reason& reason) noexcept {
    switch (reason.cause) {
    case Cause::no_pmu:
    case Cause::no_virtual_pmu:
    case Cause::under_valgrind:
        return "needs hardware counters";
    default: // what the kernel counts itself is not to be had either
        return "see above";
    }
}

} // namespace pmc::record
