#pragma once

#include <pmc/command.hpp>
#include <pmc/expected.hpp>
#include <pmc/metric_set.hpp>
#include <pmc/result.hpp>
#include <pmc/target.hpp>

#include <memory>
#include <string>
#include <vector>

namespace pmc {

/// Counts a command from its exec to its end, with all threads and children that it makes; or what a Target says.
///
///     auto session = pmc::Session::start(pmc::MetricSet::standard(), {{"./app", "--fast"}});
///     if (!session) return fail(session.error());          // e.g. kind command: it does not exist
///     const pmc::Result result = session->finish();        // waits
///
/// The command runs as it would without: the caller's environment, files, signal mask and dispositions. It is killed
/// when the calling thread dies, so that no process is left behind.
///
/// Over time: wait for a timer, end_fd() and change_fd(); then interval().
class PMC_API Session {
public:
    /// When counting begins.
    enum class Begin {
        at_once, ///< with the command's exec; or when all counters are open
        later    ///< with enable()
    };

    /// Spawns the command stopped, opens the counters on it (or on the target, which is then counted while the command
    /// runs), and lets it go. Errors: command (error_number() is ENOENT, EACCES…); those of a target; under a model
    /// not_available (there is no valgrind, or it can't run the command).
    static Expected<Session> start(MetricSet set, const Command& command, const Target& target = {},
                                   Begin begin = Begin::at_once);
    /// Opens the counters on what is there. Errors: not_available (nothing of the target is there or may be counted:
    /// the reason says why), misuse (an empty target, CPUs and processes at once, rows that the target has not). What
    /// is missing of a target that is there in part stands in notes().
    static Expected<Session> start(MetricSet set, const Target& target, Begin begin = Begin::at_once);

    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    /// A command that still runs is killed and waited for.
    ~Session();

    /// The command's; -1 without one.
    [[nodiscard]] int pid() const noexcept;
    /// A descriptor that poll() finds readable when the command, or without one any target, has ended; then ask
    /// has_ended(), which says no of a command that somebody traces until they have taken its end: ask at SIGCHLD.
    /// -1: nothing ends by itself (CPUs, cgroups), or it can't be told: then ask now and then.
    [[nodiscard]] int end_fd() const noexcept;
    /// Whether the command has ended; without one, whether all processes and threads have.
    [[nodiscard]] bool has_ended() noexcept;
    /// A descriptor that poll() finds readable when a CPU came or went; then call follow(). -1 without CPUs, or where
    /// the kernel does not tell: then call it now and then.
    [[nodiscard]] int change_fd() const noexcept;
    /// Opens the counters of CPUs that have come back; counts on without those that went. What those counted stays.
    void follow();
    /// Sends a signal to the command; nothing happens if it has ended. False if this process may not: the command has
    /// become another user's.
    bool signal(int number) noexcept;

    /// Counters count from now on, or pause. Times go on.
    void enable() noexcept;
    void disable() noexcept;

    /// Since the start (of counting, if that began later).
    [[nodiscard]] double elapsed_s() const noexcept;
    /// What was counted since the last interval(), or the start: a Sample for each row, in the same order each time.
    /// The raw counts of all intervals add up to those of finish(). Valid until the next call; memory is reused.
    const std::vector<Sample>& interval();
    /// The same since the start.
    [[nodiscard]] std::vector<Sample> totals();
    /// What the user should know by now, a sentence each: "process 123 has ended before it could be counted".
    [[nodiscard]] const std::vector<std::string>& notes() const noexcept;
    /// The document without samples: host, cpu, run, plan, notes.
    [[nodiscard]] Result describe() const;

    /// Waits for the command's end if there is one, reads the counters, and evaluates: describe() with totals().
    [[nodiscard]] Result finish();

private:
    struct State;
    explicit Session(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

} // namespace pmc
