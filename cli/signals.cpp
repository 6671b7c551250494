#include "signals.hpp"

#include <array>
#include <cerrno>

namespace cli {

Signals::Signals() {
    // With SIGCHLD ignored the kernel would reap the command, and its status would be lost.
    std::signal(SIGCHLD, SIG_DFL);
    sigemptyset(&blocked_);
    // SIGPIPE: a report into a closed pipe must be an error message, not a death.
    for (const int number : std::array{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE, SIGCHLD}) {
        struct sigaction action {};
        sigaction(number, nullptr, &action);
        if (action.sa_handler == SIG_IGN && number != SIGPIPE)
            continue;
        sigaddset(&blocked_, number);
    }
    sigprocmask(SIG_BLOCK, &blocked_, &before_);
    for (int number = 1; number < NSIG; ++number)
        if (sigismember(&blocked_, number) == 1 && sigismember(&before_, number) == 0)
            taken_.push_back(number);
    sigdelset(&blocked_, SIGPIPE); // Blocked, never waited for.
}

Signals::~Signals() {
    sigprocmask(SIG_SETMASK, &before_, nullptr);
}

Signals::Arrival Signals::wait() const noexcept {
    siginfo_t info{};
    while (sigwaitinfo(&blocked_, &info) < 0 && errno == EINTR) {
    }
    return {info.si_signo, info.si_code == SI_KERNEL};
}

} // namespace cli
