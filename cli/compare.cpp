#include "compare.hpp"

#include "asked.hpp"
#include "comparison_report.hpp"
#include "errors.hpp"
#include "leftovers.hpp"
#include "output.hpp"
#include "print.hpp"
#include "recorded.hpp"
#include "repeated_command.hpp"
#include "repeated_run.hpp"
#include "signals.hpp"
#include "status.hpp"
#include "turns.hpp"
#include "words.hpp"

#include <pmc/gate.hpp>

#include <cstddef>
#include <deque>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cli {
namespace {

using pmc::Difference;
using pmc::Error;
using pmc::Expected;
using pmc::Result;

std::string in_words(const Difference& difference) {
    const auto known = [](const std::string& text) { return text.empty() ? std::string("unknown") : text; };
    return fmt::format("{}: {} and {}", difference.what, known(difference.then), known(difference.now));
}

/// What each has to do with the first. Errors: not_available (their numbers mean different things).
Expected<bool> compare_sides(ComparisonReport& report) {
    const ComparisonReport::Side& first = report.sides.front();
    for (std::size_t i = 1; i < report.sides.size(); ++i) {
        ComparisonReport::Side& side = report.sides[i];
        for (const Difference& difference : pmc::differences(side.result, first.result)) {
            if (difference.is_hard)
                return Error(pmc::ErrorKind::not_available, pmc::Stage::document,
                             fmt::format("{} can't be compared with {}: they differ in {}", side.label, first.label,
                                         in_words(difference)),
                             "record both on one machine, with the same options");
            report.notes.push_back(
                fmt::format("{} and {} differ in {}", side_name(0), side_name(i), in_words(difference)));
        }
        side.changes = pmc::compare(first.result, side.result, report.is_paired);
    }
    return true;
}

Expected<ComparisonReport> recorded(const std::vector<std::string>& files) {
    ComparisonReport report;
    report.is_paired = false;
    for (const std::string& file : files) {
        Expected<Result> result = read_result(file, "give --results files that pmcstat --format json wrote");
        if (!result)
            return result.error();
        report.sides.push_back({file_name(file), *std::move(result)});
    }
    return report;
}

/// A command, and how often it is run.
Expected<std::vector<std::string>> argv_of(const CompareOptions& options, const std::string& command) {
    if (options.shell)
        return std::vector<std::string>{"/bin/sh", "-c", command};
    return words_of(command);
}

struct Ran {
    ComparisonReport report;
    int status = 0; ///< other than 0: of the command that failed, or pmcstat's own
};

Expected<Ran> run(const CompareOptions& options) {
    RunOptions each = options.run;
    std::vector<std::vector<std::string>> argvs;
    for (const std::string& command : options.commands) {
        Expected<std::vector<std::string>> argv = argv_of(options, command);
        if (!argv)
            return argv.error();
        argvs.push_back(*std::move(argv));
    }
    const Expected<pmc::MetricSet> set = what_to_count(each);
    if (!set)
        return set.error();
    adopt_leftovers();
    const Signals signals;
    std::deque<RepeatedCommand> commands;
    for (std::vector<std::string>& argv : argvs) {
        each.command = std::move(argv);
        commands.emplace_back(each, signals, *set, pmc::Target{}, options.run.repeat.runs.value_or(usual_runs), true);
    }
    run_in_turns(commands);
    Ran ran;
    bool is_whole = true;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        Measured measured = commands[i].measured();
        if (const int status = measured.exit_status(); status != 0 || measured.ended_by != 0)
            ran.status = status != 0 ? status : 128 + measured.ended_by;
        const std::optional<Result::Repeats>& repeats = measured.result.repeats;
        if (repeats && !repeats->ended.empty())
            ran.report.notes.push_back(fmt::format("{}: {}", side_name(i), repeats->ended));
        is_whole = is_whole && !measured.is_reported;
        ran.report.sides.push_back({options.commands[i], std::move(measured.result)});
    }
    if (is_whole)
        return ran;
    // Nothing of one of them was run, so there is nothing to compare; an error that was printed has no note.
    for (const std::string& note : ran.report.notes)
        print_error(note);
    ran.report.sides.clear();
    return ran;
}

std::string report_of(const ComparisonReport& report, CompareOptions::Format format) {
    switch (format) {
    case CompareOptions::Format::json:
        return compare_json(report);
    case CompareOptions::Format::markdown:
        return compare_markdown(report);
    case CompareOptions::Format::text:
        break;
    }
    return compare_text(report);
}

Expected<Ran> compared(const CompareOptions& options) {
    Expected<Ran> ran = [&]() -> Expected<Ran> {
        if (options.recorded.empty())
            return run(options);
        Expected<ComparisonReport> report = recorded(options.recorded);
        if (!report)
            return report.error();
        return Ran{*std::move(report)};
    }();
    if (!ran || ran->report.sides.empty())
        return ran;
    if (const Expected<bool> comparable = compare_sides(ran->report); !comparable)
        return comparable.error();
    return ran;
}

int failed(const Error& error) {
    print_error(error);
    return status::failed;
}

} // namespace

int compare(const CompareOptions& options) {
    std::optional<Output> output;
    if (!options.run.output.empty()) {
        Expected<Output> opened = Output::open(options.run.output);
        if (!opened)
            return failed(opened.error());
        output.emplace(*std::move(opened));
    }
    const Expected<Ran> ran = compared(options);
    if (!ran)
        return failed(ran.error());
    if (ran->report.sides.empty())
        return ran->status;
    const std::string text = report_of(ran->report, options.format);
    if (output) {
        if (const Expected<bool> written = output->write(text); !written)
            return failed(written.error());
    } else if (const int unprinted = print(text, "comparison"); unprinted != 0) {
        return unprinted;
    }
    return ran->status;
}

} // namespace cli
