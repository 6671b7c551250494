#include "passes_run.hpp"

#include "command.hpp"
#include "counted_run.hpp"
#include "environment.hpp"
#include "errors.hpp"
#include "leftovers.hpp"
#include "region_reports.hpp"

#include <string>
#include <utility>

namespace cli {
namespace {

using pmc::Expected;
using pmc::Passes;
using pmc::Session;

Expected<Session> start(Passes& passes, const RunOptions& options, const Signals& signals,
                        const RegionReports& reports) {
    const EnvironmentVariable report("PMC_REPORT", reports.variable());
    return passes.start(command_of(options, signals));
}

} // namespace

Measured run_passes(Passes& passes, const RunOptions& options, const Signals& signals) {
    const RegionReports reports(options.repeat.user);
    const Overhead overhead;
    std::string cost;
    Measured measured;
    while (passes.has_next()) {
        const Leftovers leftovers;
        Expected<Session> session = start(passes, options, signals, reports);
        if (!session) {
            print_error(session.error());
            measured.status = start_status(session.error());
            break;
        }
        CountedRun run = count_run(*session, options, signals, leftovers, reports, overhead);
        cost = std::move(run.cost);
        passes.add(std::move(run.result));
        measured.timed_out = run.outcome.timed_out;
        measured.ended_by = run.outcome.signal;
        if (run.outcome.signal != 0)
            break; // its own status stands, whatever it made of the signal
        // The terminal sends Ctrl-C to the command too, but not to one that is yet to start.
        const int ending = passes.has_next() ? signals.take_ending() : 0;
        if (ending != 0) {
            measured.status = 128 + ending;
            break;
        }
    }
    measured.result = passes.result();
    measured.command_status = measured.result.run.status;
    measured.is_reported = measured.result.run.argv.empty(); // not even the first run could be started
    if (!cost.empty())
        measured.result.notes.push_back(std::move(cost));
    return measured;
}

} // namespace cli
