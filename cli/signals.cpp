#include "signals.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <sys/signalfd.h>
#include <unistd.h>

namespace cli {
namespace {

/// The kernel also sends what an alarm() set before our exec brings, and that comes to us alone; as does a terminal's
/// hangup to the leader of its session (ssh -t, docker run -t), whose end would tell the others.
bool is_from_terminal(const siginfo_t& info) noexcept {
    const bool is_to_all =
        info.si_signo == SIGINT || info.si_signo == SIGQUIT || (info.si_signo == SIGHUP && getsid(0) != getpid());
    return info.si_code == SI_KERNEL && is_to_all;
}

/// What ends a process that does nothing about it, and is neither a fault of its own nor beyond its reach.
bool ends_by_default(int number) noexcept {
    constexpr std::array named = {SIGHUP,  SIGINT,  SIGQUIT,   SIGTERM, SIGUSR1, SIGUSR2,
                                  SIGALRM, SIGXCPU, SIGVTALRM, SIGPROF, SIGIO,   SIGPWR};
#ifdef SIGSTKFLT
    if (number == SIGSTKFLT)
        return true;
#endif
    return std::ranges::find(named, number) != named.end() || (number >= SIGRTMIN && number <= SIGRTMAX);
}

} // namespace

Signals::Signals() {
    // With SIGCHLD ignored the kernel would reap the command, and its status would be lost.
    std::signal(SIGCHLD, SIG_DFL);
    sigemptyset(&blocked_);
    for (int number = 1; number < NSIG; ++number) {
        if (number != SIGCHLD && !ends_by_default(number))
            continue;
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
    // Only tells that one is there: sigtimedwait() takes it.
    fd_ = signalfd(-1, &blocked_, SFD_CLOEXEC | SFD_NONBLOCK);
}

Signals::~Signals() {
    if (fd_ >= 0)
        close(fd_);
    sigset_t taken;
    sigemptyset(&taken);
    for (const int number : taken_)
        sigaddset(&taken, number);
    constexpr timespec at_once{0, 0};
    while (sigtimedwait(&taken, nullptr, &at_once) > 0 || errno == EINTR) {
    }
    sigprocmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<Signals::Arrival> Signals::poll() const noexcept {
    constexpr timespec at_once{0, 0};
    siginfo_t info{};
    int number = 0;
    while ((number = sigtimedwait(&blocked_, &info, &at_once)) < 0 && errno == EINTR) {
    }
    return number > 0 ? std::optional(Arrival{number, is_from_terminal(info)}) : std::nullopt;
}

int Signals::take_ending() const noexcept {
    int ending = 0;
    while (const std::optional<Arrival> arrival = poll())
        ending = is_ending(arrival->number) ? arrival->number : ending;
    return ending;
}

bool Signals::is_alarm(int number) noexcept {
    return number == SIGALRM || number == SIGVTALRM || number == SIGPROF;
}

bool Signals::is_ending(int number) noexcept {
    return number != SIGCHLD && number != SIGUSR1 && number != SIGUSR2 && !is_alarm(number);
}

} // namespace cli
