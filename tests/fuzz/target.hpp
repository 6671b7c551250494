#pragma once

#include <cstddef>
#include <string_view>

/// What each fuzzer is made of: take() is called with one text after the other, and must come back from all of them.
namespace fuzz {

void take(std::string_view text);

/// What holds for every text: where it does not, that is a find.
void expect(bool holds, const char* what);

/// Takes the first line off the text: the others are then about something else.
std::string_view first_line(std::string_view& text) noexcept;

} // namespace fuzz
