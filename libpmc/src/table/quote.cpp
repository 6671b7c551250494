#include "table/quote.hpp"

#include <algorithm>

namespace pmc {

std::string printable(std::string_view text) {
    std::string shown(text);
    std::ranges::replace_if(
        shown, [](char c) { return c < ' ' || c > '~'; }, '?');
    return shown;
}

std::string quoted(std::string_view name) {
    constexpr std::size_t longest = 80;
    if (name.size() <= longest)
        return "'" + printable(name) + "'";
    return "'" + printable(name.substr(0, longest)) + "...'";
}

Error syntax_error(std::string_view what, std::string_view text, std::size_t offset, std::string hint) {
    constexpr std::string_view cut = "...";
    constexpr std::size_t context = 36; // bytes of a long text shown on each side of the place
    offset = std::min(offset, text.size());
    const std::size_t begin = offset > context + cut.size() ? offset - context : 0;
    const std::size_t end = text.size() - offset > context + cut.size() ? offset + context : text.size();

    std::string message = printable(what) + "\n  ";
    std::size_t column = offset - begin;
    if (begin > 0) {
        message += cut;
        column += cut.size();
    }
    message += printable(text.substr(begin, end - begin));
    if (end < text.size())
        message += cut;
    message += "\n  " + std::string(column, ' ') + "^";
    return {ErrorKind::syntax, Stage::parse, std::move(message), std::move(hint)};
}

} // namespace pmc
