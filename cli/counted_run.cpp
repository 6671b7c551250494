#include "counted_run.hpp"

namespace cli {

CountedRun count_run(pmc::Session& session, const RunOptions& options, const Signals& signals,
                     const Leftovers& leftovers, const RegionReports& regions, const Overhead& overhead) {
    CountedRun run;
    run.outcome = Counting(session, options.time, signals, nullptr, nullptr).run();
    if (options.time.self_overhead) // while the counters are open
        run.cost = overhead.sentence(0);
    run.result = session.finish();
    if (run.outcome.signal != 0)
        leftovers.end(run.outcome.signal);
    regions.collect(run.result);
    return run;
}

} // namespace cli
