#pragma once

#include "counting.hpp"
#include "leftovers.hpp"
#include "options.hpp"
#include "overhead.hpp"
#include "region_reports.hpp"
#include "signals.hpp"

#include <pmc/result.hpp>
#include <pmc/session.hpp>

#include <string>

namespace cli {

/// One run of a command that runs several times: counted as a whole, with its regions.
struct CountedRun {
    pmc::Result result;
    Counting::Outcome outcome;
    std::string cost; ///< a sentence, where it was asked for
};

/// Waits for its end, and ends what it left behind if it was told to end. `overhead`: since when the cost is told.
CountedRun count_run(pmc::Session& session, const RunOptions& options, const Signals& signals,
                     const Leftovers& leftovers, const RegionReports& regions, const Overhead& overhead);

} // namespace cli
