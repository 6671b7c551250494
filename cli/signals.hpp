#pragma once

#include <csignal>
#include <optional>
#include <vector>

namespace cli {

/// Takes the signals that would end pmcstat while it counts, so that they reach the command and the report is still
/// printed. Ignored signals stay ignored (nohup).
class Signals {
public:
    Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    /// What still comes at the end concerns a command that has ended: it is dropped, and pmcstat ends with its status.
    ~Signals();

    /// What is blocked here for pmcstat's own sake; the command must not inherit it.
    [[nodiscard]] const std::vector<int>& taken() const noexcept { return taken_; }

    struct Arrival {
        int number = 0;
        bool from_terminal = false; ///< the terminal sent it to the whole foreground group: the command has it already
    };
    /// A descriptor that poll() finds readable when a signal has come; SIGCHLD is one of them.
    [[nodiscard]] int fd() const noexcept { return fd_; }
    /// The next signal that has come already.
    [[nodiscard]] std::optional<Arrival> poll() const noexcept;

    /// Takes what has come while no command was running: the last one that was meant to end one, or 0.
    [[nodiscard]] int take_ending() const noexcept;

    /// Whether a signal is meant to end what it is sent to.
    static bool is_ending(int number) noexcept;
    /// A timer's, set before our exec perhaps: whether it ends anything is the command's matter.
    static bool is_alarm(int number) noexcept;

private:
    sigset_t before_{};
    sigset_t blocked_{};
    std::vector<int> taken_;
    int fd_ = -1;
};

} // namespace cli
