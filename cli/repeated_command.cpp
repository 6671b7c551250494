#include "repeated_command.hpp"

#include "command.hpp"
#include "counted_run.hpp"
#include "errors.hpp"
#include "file_limit.hpp"
#include "leftovers.hpp"
#include "region_variables.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <optional>
#include <unistd.h>
#include <utility>

namespace cli {
namespace {

using pmc::Expected;
using pmc::Session;

std::string name_of(int signal) {
    const char* const name = sigabbrev_np(signal);
    return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

} // namespace

RepeatedCommand::RepeatedCommand(RunOptions options, const Signals& signals, pmc::MetricSet set, pmc::Target target,
                                 unsigned runs, bool is_silent)
    : options_(std::move(options)),
      signals_(signals),
      target_(std::move(target)),
      is_silent_(is_silent),
      repeats_(std::move(set),
               {.runs = runs, .warmup = options_.repeat.warmup, .allow_failures = options_.repeat.allow_failures}),
      wanted_(runs),
      regions_(options_.repeat.user),
      input_(is_silent ? -1 : lseek(STDIN_FILENO, 0, SEEK_CUR)) {}

void RepeatedCommand::extend(unsigned runs) {
    wanted_ = std::max(wanted_, runs);
    repeats_.extend(wanted_);
}

void RepeatedCommand::keep_up() {
    if (!has_next())
        extend(wanted_ + 1);
}

/// Each run reads what the first one did, where that can be done (a file).
void RepeatedCommand::rewind_input() const noexcept {
    if (input_ >= 0)
        lseek(STDIN_FILENO, input_, SEEK_SET);
}

Expected<Session> RepeatedCommand::start() {
    const std::optional<unsigned long> max_files = raise_file_limit();
    const RegionVariables variables(options_, regions_);
    pmc::Command command = command_of(options_, signals_);
    command.max_files = max_files;
    command.is_silent = is_silent_;
    rewind_input();
    return repeats_.start(command, target_);
}

void RepeatedCommand::run() {
    const Leftovers leftovers;
    Expected<Session> session = start();
    if (!session) {
        print_error(session.error());
        status_ = start_status(session.error());
        is_over_ = true;
        repeats_.end("the command could not be started again");
        return;
    }
    auto [result, outcome, cost] = count_run(*session, options_, signals_, leftovers, regions_, Overhead());
    cost_ = std::move(cost);
    status_of_run_ = options_.repeat.allow_failures ? 0 : result.run.status;
    const int status = result.run.status;
    timed_out_ = outcome.timed_out;
    ended_by_ = outcome.signal;
    if (timed_out_) // before add(), which would say what it made of the status
        repeats_.end("--timeout");
    else if (outcome.signal != 0)
        repeats_.end(name_of(outcome.signal));
    repeats_.add(std::move(result));
    has_run_ = true;
    if (outcome.signal != 0 || timed_out_) {
        is_over_ = true;
        status_of_run_ = status;
        return;
    }
    // The terminal sends Ctrl-C to the command too, but not to one that is yet to start.
    if (const int ending = has_next() ? signals_.take_ending() : 0; ending != 0) {
        ended_by_ = ending;
        is_over_ = true;
        repeats_.end(name_of(ending));
    }
}

Measured RepeatedCommand::measured() const {
    Measured measured;
    measured.command_status = status_of_run_;
    measured.status = status_;
    measured.timed_out = timed_out_;
    measured.ended_by = ended_by_;
    measured.is_reported = !has_run_;
    if (!has_run_)
        return measured;
    measured.result = repeats_.result();
    if (!cost_.empty())
        measured.result.notes.push_back(cost_);
    return measured;
}

} // namespace cli
