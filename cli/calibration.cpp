#include "calibration.hpp"

#include "number.hpp"
#include "repeated_command.hpp"
#include "repeated_run.hpp"
#include "turns.hpp"

#include <pmc/gate.hpp>

#include <deque>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>

namespace cli {
namespace {

/// "smallest change that 10 pairs of runs can tell from none, in 19 of 20 cases: cycles 1.3 %, time 4.2 %".
std::string smallest_changes(const pmc::Result& a, const pmc::Result& b) {
    std::string text;
    for (const pmc::Comparison& comparison : pmc::compare(a, b, true)) {
        if (!comparison.a.is_asked || !comparison.change)
            continue;
        const std::optional<double> smallest = pmc::smallest_change(*comparison.change);
        if (smallest)
            text += fmt::format("{}{} {:.2g} %", text.empty() ? "" : ", ", comparison.a.name, *smallest * 100);
    }
    if (text.empty())
        return "no change can be told from none: nothing was counted in runs enough";
    return fmt::format("the smallest change that {} pairs of runs can tell from none, in 19 of 20 cases: {}",
                       a.repeats ? a.repeats->runs : 0, text);
}

} // namespace

Measured calibrate(const RunOptions& options, const Signals& signals, const pmc::MetricSet& set,
                   const pmc::Target& target) {
    const unsigned runs = options.repeat.runs.value_or(usual_runs);
    std::deque<RepeatedCommand> commands;
    for (int side = 0; side < 2; ++side)
        commands.emplace_back(options, signals, set, target, runs);
    run_in_turns(commands);
    Measured measured = commands.front().measured();
    const Measured other = commands.back().measured();
    if (commands.back().has_failed()) {
        measured.status = other.status;
        measured.command_status = other.command_status;
        measured.timed_out = other.timed_out;
        measured.ended_by = other.ended_by;
    } else if (!commands.front().has_failed()) {
        measured.result.notes.push_back(smallest_changes(measured.result, other.result));
    }
    return measured;
}

} // namespace cli
