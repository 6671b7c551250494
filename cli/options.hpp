#pragma once

#include "backend.hpp"
#include "gate_options.hpp"
#include "repeat_options.hpp"
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
    RepeatOptions repeat;
    GateOptions gate;
    bool no_multiplex = false; ///< refuse what needs several groups of a PMU
    bool passes = false;       ///< a run of the command for each of them instead
    Backend backend = Backend::hardware;
    std::vector<std::string> command;

    /// Whether the command is to run several times for the sake of what is told of it.
    [[nodiscard]] bool repeats() const noexcept {
        return repeat.runs || repeat.calibrate || !gate.baseline.empty() || !gate.save_baseline.empty();
    }
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

/// `pmcstat gate --input FILE`
struct GateDocumentOptions {
    std::string input;  ///< "-": stdin
    std::string region; ///< the one row to be judged; empty: all
    std::string output; ///< -o; empty: stdout
    bool as_json = false;
    GateOptions gate;
};

/// `pmcstat compare [options] 'A' 'B'…`, or `compare --results a.json b.json…`
struct CompareOptions {
    enum class Format { text, json, markdown };
    RunOptions run; ///< its command is empty
    std::vector<std::string> commands;
    std::vector<std::string> recorded; ///< files
    bool shell = false;
    Format format = Format::text;
};

/// `pmcstat doctor`
struct DoctorOptions {
    bool self_test = false;
    std::string capture;             ///< a file; empty: nothing is captured
    std::vector<std::string> tables; ///< --tables
    bool as_json = false;
};

/// Nothing is left to do: --help or --version was asked for, or the options were wrong.
struct Finished {
    int status = 0;
};

using Options =
    std::variant<RunOptions, ReplayOptions, ListOptions, GateDocumentOptions, CompareOptions, DoctorOptions, Finished>;

/// Reads the command line; prints help, version and usage errors itself. Sets the log level.
Options parse_options(int argc, char** argv);

} // namespace cli
