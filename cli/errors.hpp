#pragma once

#include <pmc/error.hpp>

#include <string_view>

namespace cli {

/// "pmcstat: error: …" and, where there is one, "  hint: …": to stderr, whatever the log level.
void print_error(std::string_view message, std::string_view hint = {});
void print_error(const pmc::Error& error);

} // namespace cli
