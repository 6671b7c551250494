#include "counting.hpp"

#include "errors.hpp"
#include "leftovers.hpp"
#include "log.hpp"

#include <csignal>
#include <unistd.h>

namespace cli {
namespace {

constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t look_again = 100 * millisecond;

/// Whether the command has the signal already. Not if it left our process group, which is all that a terminal reaches.
bool has_it(const Signals::Arrival& arrival, int pid) noexcept {
    return arrival.from_terminal && getpgid(pid) == getpgrp();
}

} // namespace

Counting::Counting(pmc::Session& session, const TimeOptions& time, const Signals& signals, Control* control,
                   IntervalReport* report)
    : session_(session), time_(time), signals_(signals), control_(control), report_(report) {}

void Counting::watch_all() {
    waiter_.watch(Waiter::signals, signals_.fd());
    waiter_.watch(Waiter::end, session_.end_fd());
    is_end_by_sigchld_ = has_command() && session_.end_fd() < 0;
    waiter_.watch(Waiter::cpus, session_.change_fd());
    waiter_.watch(Waiter::control, control_ == nullptr ? -1 : control_->fd());
    // SIGCHLD tells of a command; of others' processes, and of CPUs, not every kernel does.
    if (!has_command() && session_.end_fd() < 0 && session_.change_fd() < 0)
        waiter_.set(Waiter::look, now_ns() + look_again);
}

void Counting::leave_end_to_sigchld() {
    is_end_by_sigchld_ = true;
    waiter_.watch(Waiter::end, -1);
}

Counting::Outcome Counting::run() {
    const std::int64_t start = now_ns();
    watch_all();
    handle_signals(Command::is_new);
    if (time_.timeout_ms)
        waiter_.set(Waiter::timeout, start + *time_.timeout_ms * millisecond);
    const int delay_ms = time_.delay_ms.value_or(0);
    if (delay_ms == 0)
        begin();
    else if (delay_ms > 0)
        waiter_.set(Waiter::delay, start + delay_ms * millisecond);
    while (!is_done_) {
        const Waiter::Woken woken = waiter_.wait();
        if (woken.readable[Waiter::cpus])
            session_.follow();
        if (woken.readable[Waiter::signals])
            handle_signals(Command::runs);
        if (woken.readable[Waiter::end]) {
            if (session_.has_ended())
                break; // the last interval is that until the end
            // Its tracer, if it has one, hears of the end before its parent does, while this stays readable.
            if (has_command())
                leave_end_to_sigchld();
        }
        if (woken.readable[Waiter::control])
            handle_control();
        if (woken.due[Waiter::delay] && !has_begun_ && !has_stopped_) {
            session_.enable();
            begin();
        }
        if (woken.due[Waiter::interval])
            tick();
        if (woken.due[Waiter::timeout])
            time_out();
        if (woken.due[Waiter::look]) {
            session_.follow();
            is_done_ = is_done_ || session_.has_ended();
            waiter_.set(Waiter::look, now_ns() + look_again);
        }
    }
    if (!has_stopped_ && report_ != nullptr)
        stop();
    return std::move(outcome_);
}

void Counting::begin() {
    has_begun_ = true;
    if (report_ == nullptr)
        return;
    // Of the moment when the library's clock began, so that intervals end at round times.
    const auto since_ns = static_cast<std::int64_t>(session_.elapsed_s() * 1e9);
    ticks_.emplace(now_ns() - since_ns, *time_.interval_ms * millisecond);
    waiter_.set(Waiter::interval, ticks_->next());
}

int Counting::handle_signals(Command command) {
    int ending = 0;
    while (const std::optional<Signals::Arrival> arrival = signals_.poll()) {
        const int number = arrival->number;
        const bool ends = Signals::is_ending(number) || (Signals::is_alarm(number) && !has_command());
        if (number == SIGCHLD) {
            if (has_command())
                Leftovers::reap(session_.pid());
            if (has_command() && is_end_by_sigchld_)
                is_done_ = is_done_ || session_.has_ended();
        } else if (has_command()) {
            // A new command that has it already has ended by it, or ignores it: once more does no harm.
            const bool is_due = command == Command::is_new || !has_it(*arrival, session_.pid());
            log().debug("signal {} ({})", number, is_due ? "passed on" : "from the terminal");
            if (is_due)
                pass_on(number);
        } else if (!ends) {
            log().info("signal {} is for a command, and there is none", number);
        }
        ending = ends ? number : ending;
    }
    if (ending == 0)
        return ending;
    outcome_.signal = ending;
    is_done_ = is_done_ || !has_command();
    return ending;
}

bool Counting::is_told_to_end() {
    const bool is_timeout = waiter_.take(Waiter::timeout);
    if (is_timeout)
        time_out();
    return handle_signals(Command::runs) != 0 || is_timeout;
}

void Counting::handle_control() {
    for (const Control::Command command : control_->read()) {
        log().debug("control: command {}", static_cast<int>(command));
        if (!has_stopped_ && command == Control::Command::enable) {
            session_.enable();
            if (!has_begun_)
                begin();
        } else if (!has_stopped_ && command == Control::Command::disable) {
            session_.disable();
        } else if (!has_stopped_ && command == Control::Command::stop) {
            stop();
        }
        control_->acknowledge();
    }
    waiter_.watch(Waiter::control, control_->fd());
}

void Counting::time_out() {
    outcome_.timed_out = true;
    if (!has_command()) {
        is_done_ = true;
        return;
    }
    outcome_.signal = SIGTERM;
    pass_on(SIGTERM);
    pass_on(SIGCONT); // one that stands still would hear of it when somebody continues it
}

void Counting::pass_on(int number) {
    if (session_.signal(number) || is_out_of_reach_)
        return;
    is_out_of_reach_ = true;
    log().warn("signal {} did not reach the command, which is another user's: it ends by itself (hint: give pmcstat "
               "CAP_KILL)",
               number);
}

void Counting::tick() {
    if (has_stopped_)
        return;
    const bool is_last = time_.count && outcome_.intervals + 1 == *time_.count;
    if (is_last)
        session_.disable(); // so that the totals are those of the intervals
    put_interval();
    ticks_->pass(now_ns());
    if (is_last || outcome_.output_error)
        stop();
    else
        waiter_.set(Waiter::interval, ticks_->next());
}

void Counting::put_interval() {
    std::vector<pmc::Sample> totals;
    if (report_->takes_totals())
        totals = session_.totals();
    const std::vector<pmc::Sample>& samples = report_->takes_totals() ? totals : session_.interval();
    if (samples.empty() || samples.front().end_s <= samples.front().start_s)
        return;
    ++outcome_.intervals;
    const pmc::Expected<bool> written = report_->add(samples);
    if (written)
        return;
    print_error(written.error()); // now: the command may run for long
    outcome_.output_error = written.error();
}

void Counting::stop() {
    has_stopped_ = true;
    is_done_ = is_done_ || !has_command();
    waiter_.clear(Waiter::interval);
    session_.disable(); // so that the last interval and the totals are of one moment
    const bool in_interval = ticks_ && !outcome_.output_error && (!time_.count || outcome_.intervals < *time_.count);
    if (in_interval)
        put_interval();
    outcome_.totals = session_.totals();
}

} // namespace cli
