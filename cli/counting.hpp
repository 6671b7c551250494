#pragma once

#include "control.hpp"
#include "interval_report.hpp"
#include "signals.hpp"
#include "time_options.hpp"
#include "waiter.hpp"

#include <pmc/error.hpp>
#include <pmc/session.hpp>

#include <optional>
#include <vector>

namespace cli {

/// Counts until the end: that of the command, of all that is counted, or the one that the user sets by a signal, a time
/// or a number of intervals.
class Counting {
public:
    struct Outcome {
        int signal = 0;         ///< the last one that was meant to end it, or 0
        bool timed_out = false; ///< --timeout was reached
        int intervals = 0;
        std::optional<std::vector<pmc::Sample>> totals{}; ///< if counting ended before the command did
        std::optional<pmc::Error> output_error{};         ///< an interval could not be written
    };

    /// `control`, `report`: may be null.
    Counting(pmc::Session& session, const TimeOptions& time, const Signals& signals, Control* control,
             IntervalReport* report);

    Outcome run();

    /// For whoever writes an interval, and waits: takes signals and the time limit meanwhile. Whether a signal was
    /// meant to end pmcstat.
    bool is_told_to_end();

private:
    [[nodiscard]] bool has_command() const noexcept { return session_.pid() > 0; }
    void watch_all();
    /// For the rest of the run: of a command it tells as well.
    void leave_end_to_sigchld();
    void begin();
    /// The terminal reaches who is in its foreground group by then: the command is not, as long as it is not there.
    enum class Command { is_new, runs };
    /// The last one that was meant to end it, or 0.
    int handle_signals(Command command);
    void handle_control();
    void time_out();
    /// Warns, once, if it may not be sent.
    void pass_on(int number);
    void tick();
    void put_interval();
    /// The counters stand still from now on; what comes after is no part of the report.
    void stop();

    pmc::Session& session_;
    const TimeOptions& time_;
    const Signals& signals_;
    Control* control_;
    IntervalReport* report_;
    Waiter waiter_;
    std::optional<Ticks> ticks_; ///< nothing before counting began, or without intervals
    bool has_begun_ = false;
    bool has_stopped_ = false;
    bool is_done_ = false;
    bool is_end_by_sigchld_ = false; ///< not by a descriptor
    bool is_out_of_reach_ = false;
    Outcome outcome_;
};

} // namespace cli
