#pragma once

#include "options.hpp"

#include <pmc/error.hpp>

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// What the command lines of all subcommands have in common.
namespace cli {

std::string version_line();

void add_tables(CLI::App& app, std::vector<std::string>& files);
void add_log_level(CLI::App& app, std::string& level);
void add_events(CLI::App& app, std::vector<std::string>& lists);
void add_help(CLI::App& app);

/// One line, and a hint.
Finished usage_error(std::string_view what, std::string_view hint = "see pmcstat --help");
Finished usage_error(const pmc::Error& error);

/// Lets CLI11 parse, then asks `make` for the options. `level`: what add_log_level() reads.
Options parse_words(CLI::App& app, std::vector<std::string> arguments, const std::string& level,
                    const std::function<Options()>& make);

} // namespace cli
