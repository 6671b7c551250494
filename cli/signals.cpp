#include "signals.hpp"

#include <array>
#include <cerrno>
#include <ctime>

namespace cli {
namespace {

/// The kernel also sends what an alarm() set before our exec brings, and that comes to us alone.
bool is_from_terminal(const siginfo_t& info) noexcept {
    return info.si_code == SI_KERNEL &&
           (info.si_signo == SIGINT || info.si_signo == SIGQUIT || info.si_signo == SIGHUP);
}

} // namespace

Signals::Signals() {
    // With SIGCHLD ignored the kernel would reap the command, and its status would be lost.
    std::signal(SIGCHLD, SIG_DFL);
    sigemptyset(&blocked_);
    for (const int number : std::array{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD}) {
        struct sigaction action {};
        sigaction(number, nullptr, &action);
        if (action.sa_handler != SIG_IGN)
            sigaddset(&blocked_, number);
    }
    // A report into a closed pipe, or beyond the limit of a file's size, must be an error message, not a death.
    sigaddset(&blocked_, SIGPIPE);
    sigaddset(&blocked_, SIGXFSZ);
    sigprocmask(SIG_BLOCK, &blocked_, &before_);
    for (int number = 1; number < NSIG; ++number)
        if (sigismember(&blocked_, number) == 1 && sigismember(&before_, number) == 0)
            taken_.push_back(number);
    // Blocked, never waited for.
    sigdelset(&blocked_, SIGPIPE);
    sigdelset(&blocked_, SIGXFSZ);
}

Signals::~Signals() {
    sigset_t taken;
    sigemptyset(&taken);
    for (const int number : taken_)
        sigaddset(&taken, number);
    constexpr timespec at_once{0, 0};
    while (sigtimedwait(&taken, nullptr, &at_once) > 0 || errno == EINTR) {
    }
    sigprocmask(SIG_SETMASK, &before_, nullptr);
}

Signals::Arrival Signals::wait() const noexcept {
    siginfo_t info{};
    while (sigwaitinfo(&blocked_, &info) < 0 && errno == EINTR) {
    }
    return {info.si_signo, is_from_terminal(info)};
}

std::optional<Signals::Arrival> Signals::poll() const noexcept {
    constexpr timespec at_once{0, 0};
    siginfo_t info{};
    int number = 0;
    while ((number = sigtimedwait(&blocked_, &info, &at_once)) < 0 && errno == EINTR) {
    }
    return number > 0 ? std::optional(Arrival{number, is_from_terminal(info)}) : std::nullopt;
}

} // namespace cli
