#pragma once

#include <pmc/command.hpp>
#include <pmc/expected.hpp>
#include <pmc/metric_set.hpp>
#include <pmc/result.hpp>

#include <memory>

namespace pmc {

/// Counts a command, from its exec to its end, with all threads and children that it makes.
///
///     auto session = pmc::Session::start(pmc::MetricSet::standard(), {{"./app", "--fast"}});
///     if (!session) return fail(session.error());          // e.g. kind command: it does not exist
///     const pmc::Result result = session->finish();        // waits
///
/// The command runs as it would without: the caller's environment, files, signal mask and dispositions. It is killed
/// when the calling thread dies, so that no process is left behind.
class PMC_API Session {
public:
    /// Spawns the command stopped, opens the counters, and lets it go. Errors: command (error_number() is ENOENT,
    /// EACCES…).
    static Expected<Session> start(MetricSet set, const Command& command);

    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    /// A command that still runs is killed and waited for.
    ~Session();

    [[nodiscard]] int pid() const noexcept;
    /// A descriptor that poll() finds readable when the command has ended.
    [[nodiscard]] int end_fd() const noexcept;
    /// Sends a signal to the command; nothing happens if it has ended.
    void signal(int number) noexcept;
    /// Waits for the end, reads and closes the counters, and evaluates.
    [[nodiscard]] Result finish();

private:
    struct State;
    explicit Session(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

} // namespace pmc
