#include "record/terminal.hpp"

#include <algorithm>
#include <array>

namespace pmc::record {
namespace {

/// Of UTF-8: a byte that goes on with a character.
bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

/// Characters beyond ASCII that a terminal obeys: C1, and what turns the order of letters or breaks a line.
constexpr std::array<std::string_view, 14> obeyed{"\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b",
                                                  "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"};

/// The bytes of what must not reach a terminal that `text` begins with.
std::size_t size_of_control(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x20 || byte(0) == 0x7f)
        return 1;
    if (byte(0) < 0x80)
        return 0;
    if (byte(0) == 0xc2 && text.size() > 1 && byte(1) < 0xa0)
        return 2;
    const auto* const found =
        std::ranges::find_if(obeyed, [text](std::string_view control) { return text.starts_with(control); });
    return found == obeyed.end() ? 0 : found->size();
}

} // namespace

std::string printable(std::string text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t size = size_of_control(std::string_view(text).substr(i));
        text.replace(i, size, size, '?');
        i += std::max<std::size_t>(size, 1);
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
