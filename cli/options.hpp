#pragma once

#include "backend.hpp"
#include "report.hpp"
#include "target_options.hpp"
#include "time_options.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cli {

/// `pmcstat [options] [--] [command…]`
struct RunOptions {
    std::optional<std::string> events; ///< -e; none: the standard set
    std::vector<std::string> tables;   ///< --tables
    std::string output;                ///< -o; empty: stderr
    ReportForm form;
    TargetOptions target; ///< empty: the command
    TimeOptions time;
    bool no_multiplex = false; ///< refuse what needs several groups of a PMU
    bool passes = false;       ///< a run of the command for each of them instead
    Backend backend = Backend::hardware;
    std::vector<std::string> command;
};

/// `pmcstat --replay FILE`
struct ReplayOptions {
    std::string file;   ///< "-": stdin
    std::string events; ///< -e; empty: what the recording has
    std::string output; ///< -o; empty: stderr
    ReportForm form;
    std::vector<std::string> tables; ///< --tables
};

/// `pmcstat list [options] [WORD]`
struct ListOptions {
    std::string word;
    std::vector<std::string> tables; ///< --tables
    std::optional<std::string> cpu;  ///< --cpu; none: this machine's
    Format format = Format::text;
};

/// Nothing is left to do: --help or --version was asked for, or the options were wrong.
struct Finished {
    int status = 0;
};

using Options = std::variant<RunOptions, ReplayOptions, ListOptions, Finished>;

/// Reads the command line; prints help, version and usage errors itself. Sets the log level.
Options parse_options(int argc, char** argv);

} // namespace cli
