#pragma once

#include "printable.hpp"

#include <pmc/tables.hpp>

#include <doctest/doctest.h>
#include <string>
#include <string_view>

/// Documents of a user, as the tests write them: with ' for ", which JSON wants.
namespace pmc::test {

inline std::string json(std::string text) {
    for (char& c : text)
        c = c == '\'' ? '"' : c;
    return text;
}

inline Expected<Tables> over_builtin(std::string_view text) {
    return Tables::builtin().with_document(json(std::string(text)), "mine.json");
}

inline Tables tables(std::string_view text) {
    Expected<Tables> tables = over_builtin(text);
    INFO(std::string(text));
    if (!tables)
        FAIL(tables.error().what());
    return *tables;
}

/// The document must be refused in one printable line with a hint; the message without the file's name.
inline std::string refusal(std::string_view text) {
    const Expected<Tables> tables = over_builtin(text);
    CAPTURE(std::string(text.substr(0, 300)));
    if (tables) {
        FAIL_CHECK("was taken");
        return {};
    }
    const std::string message = tables.error().message();
    CAPTURE(message);
    CHECK(tables.error().kind() == ErrorKind::format);
    CHECK(tables.error().subject() == "mine.json");
    CHECK(message.starts_with("mine.json: "));
    CHECK(message.find('\n') == std::string::npos);
    CHECK(message.size() < 500);
    CHECK(is_printable(message));
    CHECK_FALSE(tables.error().hint().empty());
    CHECK(tables.error().hint().find('\n') == std::string::npos);
    return message.substr(std::string("mine.json: ").size());
}

/// The place comes first, then what is wrong there.
inline void check_refusal(std::string_view text, std::string_view place, std::string_view what) {
    const std::string message = refusal(text);
    CAPTURE(message);
    CHECK(message.starts_with(place));
    CHECK(message.find(what, place.size()) != std::string::npos);
}

} // namespace pmc::test
