#include "pulse.hpp"

namespace cli {
namespace {

/// Of those that end nothing, so that none that is meant to is lost on it.
constexpr int signal_number = SIGURG;

} // namespace

Pulse::Pulse() noexcept {
    struct sigaction action {};
    action.sa_handler = [](int) {}; // without SA_RESTART
    sigaction(signal_number, &action, &action_before_);
    sigset_t own;
    sigemptyset(&own);
    sigaddset(&own, signal_number);
    sigprocmask(SIG_UNBLOCK, &own, &mask_before_);
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = signal_number;
    constexpr timespec tenth{0, 100'000'000};
    constexpr itimerspec again{tenth, tenth};
    beats_ = timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
    if (beats_)
        timer_settime(timer_, 0, &again, nullptr);
}

Pulse::~Pulse() {
    if (beats_)
        timer_delete(timer_); // with its signal, if one is under way
    sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    sigaction(signal_number, &action_before_, nullptr);
}

} // namespace cli
