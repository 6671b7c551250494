#pragma once

#include <sys/types.h>
#include <vector>

namespace cli {

/// The processes that a command leaves behind. Made before the command is: what loses its parent from then on becomes
/// pmcstat's child. Only after a signal would be too late: the terminal's Ctrl-C reaches the command first, and its
/// background jobs, which ignore it, would be init's by then.
class Leftovers {
public:
    Leftovers();

    /// Ends them and all below them, when the command has been waited for: by `signal` first; those that are still
    /// there after a second, or become more and more, are stopped, so that none of them can make another one, and
    /// killed. Who could not be ended (another user's) is told. Not what pmcstat had below it before: children of who
    /// became pmcstat, daemons of an earlier run. Warns where /proc does not show them.
    void end(int signal) const;

    /// Takes the status of those that have ended. Not that of the command.
    static void reap(pid_t command) noexcept;

private:
    std::vector<pid_t> others_;
};

} // namespace cli
