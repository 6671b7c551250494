#include "counter/open_event.hpp"
#include "kernel/unique_fd.hpp"
#include "metric/metric_set_state.hpp"
#include "record/describe.hpp"
#include "session/append_run.hpp"

#include <pmc/repeats.hpp>
#include <pmc/statistics.hpp>
#include <pmc/value_series.hpp>

#include <algorithm>
#include <cstddef>
#include <linux/perf_event.h>
#include <utility>
#include <vector>

namespace pmc {
namespace {

/// What is different about the runs that failed, as a sentence; empty if nothing is.
std::string varying_status(const std::vector<Result::Run>& runs) {
    std::vector<std::pair<int, unsigned>> times; // of each status, in the order of their first run
    for (const Result::Run& run : runs) {
        const auto known = std::ranges::find(times, run.status, &std::pair<int, unsigned>::first);
        if (known == times.end())
            times.emplace_back(run.status, 1U);
        else
            ++known->second;
    }
    if (times.size() < 2)
        return {};
    std::string text = "the command's status varies:";
    for (const auto& [status, runs_with_it] : times)
        text += (text.back() == ':' ? " " : ", ") + std::to_string(status) + " in " + std::to_string(runs_with_it) +
                (runs_with_it == 1 ? " run" : " runs");
    return text;
}

/// A stopped counter of each software event. The kernel (6.1 to 6.18, x86) patches its own code on all CPUs when the
/// first counter of such an event is opened, and again when the last one is closed, which costs as much as all else
/// that a short run does: one that stays open between the runs spares them that.
std::shared_ptr<const void> switch_on(const MetricSet& set) {
    auto counters = std::make_shared<std::vector<kernel::UniqueFd>>();
    OpenRequest stopped;
    stopped.disabled = true;
    stopped.mode = set.mode();
    for (const Event& event : set.events())
        if (event.type == PERF_TYPE_SOFTWARE && !event.unavailable)
            counters->push_back(open_event(event, stopped, set.state().machine).fd);
    return counters;
}

} // namespace

Repeats::Repeats(MetricSet set, Options options)
    : set_(std::move(set)), switched_on_(switch_on(set_)), options_(options) {
    if (options_.runs == 0)
        throw Error(ErrorKind::misuse, Stage::open, "no runs: there would be nothing to tell", "ask for 1 or more");
}

unsigned Repeats::counting() const noexcept {
    return static_cast<unsigned>(std::ranges::count_if(
        result_.runs, [](const Result::Run& run) { return !run.warmup && run.disturbed.empty(); }));
}

bool Repeats::has_next() const {
    if (!ended_.empty())
        return false;
    const unsigned most = options_.warmup + 2 * options_.runs; // every run that counts may be replaced once
    return result_.runs.size() < options_.warmup || (counting() < options_.runs && result_.runs.size() < most);
}

Expected<Session> Repeats::start(const Command& command, const Target& target) {
    return Session::start(set_, command, target);
}

void Repeats::add(Result run) {
    const std::size_t number = result_.runs.size();
    run.run.warmup = number < options_.warmup;
    const int status = run.run.status;
    append_run(result_, std::move(run));
    Result::Run& last = result_.runs.back();
    was_cut_ = !ended_.empty();
    if (was_cut_) {
        last.disturbed = "cut short: " + ended_;
    } else if (status != 0 && !options_.allow_failures) {
        last.disturbed = "ended with status " + std::to_string(status);
        end("run " + std::to_string(number) + ' ' + last.disturbed);
    }
    const bool may_be_last = result_.runs.size() >= options_.warmup + options_.runs || !ended_.empty();
    if (may_be_last) // before that nobody needs to know
        mark_disturbed();
}

/// Which runs are unlike the others is known better with each run: it is asked anew.
void Repeats::mark_disturbed() {
    std::vector<Result::Run*> runs;
    std::vector<double> switches;
    for (Result::Run& run : result_.runs) {
        const bool is_cut = was_cut_ && &run == &result_.runs.back();
        if (run.warmup || is_cut || (run.status != 0 && !options_.allow_failures))
            continue;
        run.disturbed = run.cpu && run.migrations > 0 ? "migrated though pinned" : "";
        if (!run.disturbed.empty())
            continue;
        runs.push_back(&run);
        switches.push_back(static_cast<double>(run.involuntary_switches));
    }
    // Of fewer runs nobody can say what is usual; and a few switches more are no disturbance.
    constexpr std::size_t fewest_to_compare = 5;
    constexpr double least_switches = 20;
    if (runs.size() < fewest_to_compare)
        return;
    const double usual = summarize(switches).median;
    for (const std::size_t which : far_above(switches, least_switches))
        runs[which]->disturbed = "taken off its CPU " + std::to_string(runs[which]->involuntary_switches) +
                                 " times, the others " + std::to_string(static_cast<long long>(usual));
}

void Repeats::extend(unsigned runs) {
    options_.runs = std::max(options_.runs, runs);
}

void Repeats::end(std::string why) {
    if (!ended_.empty())
        return;
    ended_ = std::move(why);
    mark_disturbed();
}

Result Repeats::result() const {
    Result result = result_;
    Result::Repeats repeats;
    repeats.runs = counting();
    repeats.ended = ended_;
    repeats.allow_failures = options_.allow_failures;
    for (const Result::Run& run : result.runs) {
        const bool failed = run.status != 0;
        repeats.failed += failed ? 1U : 0U;
        repeats.warmup += run.warmup ? 1U : 0U;
        repeats.disturbed += !run.disturbed.empty() && (!failed || options_.allow_failures) ? 1U : 0U;
    }
    if (std::string varies = varying_status(result.runs); !varies.empty())
        result.notes.push_back(std::move(varies));
    if (ended_.empty() && !has_next() && repeats.runs < options_.runs)
        repeats.ended = "as many runs were disturbed as were asked for";
    result.repeats = std::move(repeats);
    describe_clocking(set_.state().machine, result.host);
    result.statistics = statistics_of(result);
    return result;
}

} // namespace pmc
