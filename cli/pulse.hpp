#pragma once

#include <csignal>
#include <ctime>

namespace cli {

/// Interrupts a system call that blocks (EINTR), every tenth of a second as long as it is there: who writes to a slow
/// reader can look after other things then. Again and again, as a signal that comes just before a call is lost on it.
class Pulse {
public:
    Pulse() noexcept;
    Pulse(const Pulse&) = delete;
    Pulse& operator=(const Pulse&) = delete;
    ~Pulse();

private:
    struct sigaction action_before_ {};
    sigset_t mask_before_{};
    timer_t timer_{};
    bool beats_ = false;
};

} // namespace cli
