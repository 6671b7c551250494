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

std::string_view no_counters_text(Cause cause) noexcept {
    switch (cause) {
    case Cause::paranoid:
    case Cause::blocked:
        return "counting is forbidden"; // the kernel's own counts, too
    case Cause::no_perf_in_kernel:
        return "this kernel can't count";
    case Cause::under_valgrind:
        return "can't be counted under valgrind";
    default:
        return "needs hardware counters";
    }
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

} // namespace pmc::record
