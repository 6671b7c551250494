#include "one_run.hpp"

#include "command.hpp"
#include "errors.hpp"
#include "file_limit.hpp"
#include "leftovers.hpp"
#include "log.hpp"
#include "overhead.hpp"
#include "region_variables.hpp"
#include "status.hpp"

#include <string>
#include <utility>
#include <vector>

namespace cli {
namespace {

using pmc::Expected;
using pmc::Sample;
using pmc::Session;

/// The samples of the moment when counting ended, and the regions that the command had by its own end.
std::vector<Sample> with_regions(std::vector<Sample> totals, std::vector<Sample>& samples) {
    for (Sample& sample : samples)
        if (sample.region)
            totals.push_back(std::move(sample));
    return totals;
}

int status_without_command(const Counting::Outcome& outcome) {
    return outcome.output_error ? status::failed : outcome.signal != 0 ? 128 + outcome.signal : 0;
}

} // namespace

OneRun::OneRun(const RunOptions& options, const Signals& signals, Output& output, Control* control)
    : options_(options), signals_(signals), output_(output), control_(control) {
    // Under a model the program's own clock, and so its regions' time, is valgrind's.
    if (has_command() && options.backend != Backend::model)
        regions_.emplace(options_.repeat.user);
}

Expected<Session> OneRun::start(pmc::MetricSet set, const pmc::Target& target) {
    const std::optional<unsigned long> max_files = raise_file_limit();
    const bool at_once = options_.time.delay_ms.value_or(0) == 0;
    const Session::Begin begin = at_once ? Session::Begin::at_once : Session::Begin::later;
    if (!has_command())
        return Session::start(std::move(set), target, begin);
    std::optional<RegionVariables> variables;
    if (regions_)
        variables.emplace(options_, *regions_);
    pmc::Command command = command_of(options_, signals_);
    command.max_files = max_files;
    return Session::start(std::move(set), command, target, begin);
}

Measured OneRun::count(pmc::MetricSet set, const pmc::Target& target) {
    std::optional<Leftovers> leftovers;
    if (has_command())
        leftovers.emplace();
    Expected<Session> session = start(std::move(set), target);
    if (!session) {
        print_error(session.error());
        return {.status = start_status(session.error()), .is_reported = true};
    }
    // Text and JSON have the notes in them.
    const bool tells_apart = options_.form.format != Format::text && options_.form.format != Format::json;
    const auto warn_of = [tells_apart](const std::vector<std::string>& notes, std::size_t from) {
        for (std::size_t i = from; tells_apart && i < notes.size(); ++i)
            log().warn("{}", printable_lines(notes[i]));
    };
    const std::size_t told = session->notes().size();
    warn_of(session->notes(), 0);
    if (options_.time.interval_ms)
        report_.emplace(session->describe(), options_.form, options_.time, output_);
    const Overhead overhead;
    Counting counting(*session, options_.time, signals_, control_, report_ ? &*report_ : nullptr);
    output_.ask([&counting] { return counting.is_told_to_end(); });
    Counting::Outcome outcome = counting.run();
    output_.ask([&signals = signals_] { return signals.take_ending() != 0; });
    std::string cost = options_.time.self_overhead ? overhead.sentence(outcome.intervals) : std::string();

    Measured measured{.result = session->finish(), .timed_out = outcome.timed_out, .ended_by = outcome.signal};
    warn_of(measured.result.notes, told);
    if (leftovers) {
        if (outcome.signal != 0)
            leftovers->end(outcome.signal);
        if (regions_)
            regions_->collect(measured.result);
        measured.command_status = measured.result.run.status;
        measured.status = outcome.output_error ? status::failed : 0;
    } else {
        measured.status = status_without_command(outcome);
    }
    if (tells_apart && !cost.empty())
        log().warn("{}", cost);
    else if (!cost.empty())
        measured.result.notes.push_back(std::move(cost));
    if (outcome.totals)
        measured.result.samples = with_regions(std::move(*outcome.totals), measured.result.samples);
    if (report_)
        end_intervals(outcome, measured);
    return measured;
}

void OneRun::end_intervals(const Counting::Outcome& outcome, Measured& measured) {
    measured.is_reported = true;
    if (outcome.output_error)
        return;
    // Where no interval came about, the totals say why.
    if (!options_.time.summary && outcome.intervals > 0 && !report_->takes_totals())
        std::erase_if(measured.result.samples, [](const Sample& sample) { return !sample.region; });
    for (Sample& sample : measured.result.samples)
        sample.summary = !sample.region && !report_->takes_totals();
    if (const Expected<bool> written = report_->end(std::move(measured.result)); !written) {
        print_error(written.error());
        measured.status = status::failed;
    }
}

} // namespace cli
