#pragma once

#include <cstdint>
#include <sys/types.h>
#include <vector>

namespace cli {

/// From now on, processes that a command leaves behind become pmcstat's children, where they can be found, daemons too.
/// To be called before the command starts.
void adopt_leftovers() noexcept;

/// What a command leaves running: the children that pmcstat has adopted since it started, and all below them. What was
/// there before (of the shell that pmcstat took the place of, of an earlier run that ended by itself) is none of it.
class Leftovers {
public:
    /// `command`: a child that has not been waited for.
    explicit Leftovers(pid_t command);

    /// Takes those that have ended, so that they are not there as zombies for as long as the command runs.
    void reap() const noexcept;

    /// Ends them, when the command has been waited for: by `signal` first; those that are still there after a second,
    /// or become more and more, are stopped, so that none of them can make another one, and killed. Returns those that
    /// could not be ended (another user's).
    [[nodiscard]] std::vector<pid_t> end(int signal) const;

private:
    pid_t command_;
    std::uint64_t since_ = 0; ///< when the command was made, in the kernel's ticks
};

} // namespace cli
