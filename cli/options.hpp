#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cli {

enum class Format { text, json };

/// `pmcstat [options] [--] command…`
struct RunOptions {
    std::optional<std::string> events; ///< -e; none: the standard set
    std::string output;                ///< -o; empty: stderr
    Format format = Format::text;
    bool verbose = false;
    bool inherit = true;       ///< not -i
    bool no_multiplex = false; ///< refuse what needs several groups of a PMU
    bool passes = false;       ///< a run of the command for each of them instead
    std::vector<std::string> command;
};

/// `pmcstat list [WORD]`
struct ListOptions {
    std::string word;
};

/// Nothing is left to do: --help or --version was asked for, or the options were wrong.
struct Finished {
    int status = 0;
};

using Options = std::variant<RunOptions, ListOptions, Finished>;

/// Reads the command line; prints help, version and usage errors itself. Sets the log level.
Options parse_options(int argc, char** argv);

} // namespace cli
