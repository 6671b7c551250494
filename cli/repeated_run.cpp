#include "repeated_run.hpp"

#include "repeated_command.hpp"

#include <pmc/statistics.hpp>

#include <algorithm>
#include <vector>

namespace cli {
namespace {

/// How many runs there are each time somebody looks whether they suffice. Each look at numbers that scatter is a chance
/// to be wrong, so there are two of those at most: after the runs that were asked for, and after the most there may be.
/// The one before is for counts that repeat, of which 3 are as good as 10.
std::vector<unsigned> looks(const RunOptions& options) {
    const unsigned runs =
        options.repeat.runs.value_or(std::min(usual_runs, options.gate.max_runs.value_or(usual_runs)));
    const unsigned usual_most = std::max(3 * runs, static_cast<unsigned>(pmc::fewest_samples));
    const unsigned most = options.gate.max_runs.value_or(options.gate.has_gate() ? usual_most : runs);
    std::vector<unsigned> at;
    if (!options.repeat.runs && runs > pmc::fewest_repeats)
        at.push_back(pmc::fewest_repeats);
    at.push_back(runs);
    if (most > runs)
        at.push_back(most);
    return at;
}

} // namespace

Measured run_repeatedly(const RunOptions& options, const Signals& signals, const pmc::MetricSet& set,
                        const pmc::Target& target, const Gate& gate) {
    const std::vector<unsigned> at = looks(options);
    RepeatedCommand command(options, signals, set, target, at.front());
    for (const unsigned runs : at) {
        command.extend(runs);
        while (command.has_next())
            command.run();
        if (command.has_failed() || runs == at.back())
            break;
        const pmc::Result result = command.measured().result;
        const bool is_first_of_three = runs == pmc::fewest_repeats && !options.repeat.runs;
        if (is_first_of_three ? !gate.wants_usual_runs(result) : !gate.wants_more(result))
            break;
    }
    return command.measured();
}

} // namespace cli
