#pragma once

#include "interval_report.hpp"
#include "measured.hpp"
#include "options.hpp"
#include "output.hpp"
#include "region_reports.hpp"
#include "signals.hpp"

#include <pmc/metric_set.hpp>
#include <pmc/session.hpp>
#include <pmc/target.hpp>

#include <optional>

namespace cli {

/// Counts once: a command, or a target with or without a command beside it; in intervals or as a whole.
class OneRun {
public:
    /// `control` may be null.
    OneRun(const RunOptions& options, const Signals& signals, Output& output, Control* control);

    /// Prints what went wrong.
    Measured count(pmc::MetricSet set, const pmc::Target& target);

private:
    [[nodiscard]] bool has_command() const noexcept { return !options_.command.empty(); }
    pmc::Expected<pmc::Session> start(pmc::MetricSet set, const pmc::Target& target);
    void end_intervals(const Counting::Outcome& outcome, Measured& measured);

    const RunOptions& options_;
    const Signals& signals_;
    Output& output_;
    Control* control_;
    std::optional<RegionReports> regions_; ///< of a command
    std::optional<IntervalReport> report_;
};

} // namespace cli
