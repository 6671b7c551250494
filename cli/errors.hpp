#pragma once

#include <pmc/error.hpp>

#include <string>
#include <string_view>

namespace cli {

/// "pmcstat: error: …" and, where there is one, "  hint: …": to stderr, whatever the log level.
void print_error(std::string_view message, std::string_view hint = {});
void print_error(const pmc::Error& error);

/// Its lines as record::printable() has them: names of processes and the like are other people's.
std::string printable_lines(std::string_view text);

/// What the user asked for has no meaning.
pmc::Error misuse(std::string message, std::string hint = "see pmcstat --help");

} // namespace cli
