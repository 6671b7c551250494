#pragma once

#include "measured.hpp"
#include "options.hpp"
#include "region_reports.hpp"
#include "signals.hpp"

#include <pmc/metric_set.hpp>
#include <pmc/repeats.hpp>
#include <pmc/target.hpp>

#include <optional>
#include <string>
#include <sys/types.h>

namespace cli {

/// A command that is counted again and again: what the library's Repeats does, with the signals, the time limit and the
/// standard input of a terminal's program.
class RepeatedCommand {
public:
    /// A silent command's input is empty, and its output goes nowhere.
    RepeatedCommand(RunOptions options, const Signals& signals, pmc::MetricSet set, pmc::Target target, unsigned runs,
                    bool is_silent = false);

    /// Whether there is a run to come, as far as the runs so far say.
    [[nodiscard]] bool has_next() const { return !is_over_ && repeats_.has_next(); }
    /// One run more than there would be, where there would be none: beside another command's.
    void keep_up();
    /// The next run. Prints what went wrong.
    void run();
    void extend(unsigned runs);
    /// All runs so far.
    [[nodiscard]] Measured measured() const;
    /// Whether a run failed, was interrupted or could not be started: what there is, is not what was asked for.
    [[nodiscard]] bool has_failed() const noexcept { return is_over_ || status_of_run_ != 0; }

private:
    void rewind_input() const noexcept;
    pmc::Expected<pmc::Session> start();

    RunOptions options_;
    const Signals& signals_;
    pmc::Target target_;
    bool is_silent_;
    pmc::Repeats repeats_;
    unsigned wanted_; ///< runs that count
    RegionReports regions_;
    off_t input_ = -1;     ///< where the standard input was at first; -1: it can't be read again
    bool is_over_ = false; ///< whatever has_next() of repeats_ says
    bool timed_out_ = false;
    int ended_by_ = 0;
    bool has_run_ = false;
    int status_ = 0;        ///< pmcstat's own
    int status_of_run_ = 0; ///< of the last run, where a failure counts
    std::string cost_;
};

} // namespace cli
