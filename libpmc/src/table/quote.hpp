#pragma once

#include <pmc/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

/// What users wrote, shown in messages.
namespace pmc {

/// An Error whose message quotes `text` and points at `offset`. Long texts are cut to the part around the place; bytes
/// that can't be printed are shown as '?'.
Error syntax_error(std::string_view what, std::string_view text, std::size_t offset, std::string hint = {});

/// A name in single quotes for a message: long ones are cut, bytes that can't be printed are shown as '?'.
std::string quoted(std::string_view name);
/// The text with '?' for every byte that can't be printed.
std::string printable(std::string_view text);

} // namespace pmc
