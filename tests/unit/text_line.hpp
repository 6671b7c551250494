#pragma once

#include <doctest/doctest.h>

#include <string>

/// The line of a report that has `with` in it.
inline std::string line_with(const std::string& text, const std::string& with) {
    CAPTURE(text);
    CAPTURE(with);
    const std::size_t at = text.find(with);
    REQUIRE(at != std::string::npos);
    const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
    return text.substr(begin, text.find('\n', at) - begin);
}
