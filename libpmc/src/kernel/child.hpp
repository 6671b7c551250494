#pragma once

#include <pmc/command.hpp>
#include <pmc/expected.hpp>

#include <optional>
#include <string>
#include <sys/resource.h>
#include <sys/types.h>
#include <vector>

namespace pmc::kernel {

/// A child process that is spawned stopped before its exec, so that counters can be attached to it. Killed and reaped
/// by the destructor if it still runs, and killed by the kernel when the thread that spawned it ends (so keep that
/// thread alive).
class Child {
public:
    /// Forks; the child waits. Errors: command.
    static Expected<Child> spawn(const Command& command);

    Child(Child&& other) noexcept;
    Child& operator=(Child&& other) noexcept;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Readable by poll() when the child has ended. -1 where the kernel has no pidfds (before 5.3, some sandboxes):
    /// then the caller must learn of the end from SIGCHLD, or just call wait(), which works all the same.
    [[nodiscard]] int pidfd() const noexcept { return pidfd_; }

    /// Lets the child exec and returns once it has. On failure the child is reaped, and the Error (kind command)
    /// carries exec's errno. A child that a signal ended before its exec is no failure here: wait() tells.
    Expected<bool> release();
    /// kill(); nothing happens once the child was reaped. False if this process may not send it one.
    bool signal(int number) noexcept;

    struct End {
        int status = 0; ///< exit status; 128+N if signal N ended it; -1 if this program ignores SIGCHLD and so loses it
        rusage usage{};
    };
    /// Waits for the end and reaps; the same End again once that is done. A child that was not released is made to
    /// exit.
    End wait() noexcept;

private:
    /// What errors tell of.
    struct Asked {
        std::string name;                    ///< argv[0]
        std::vector<std::string> candidates; ///< the paths that it may be found at
        std::optional<int> cpu;
        std::optional<User> user; ///< none: the caller
    };
    Child(pid_t pid, int pidfd, int channel, Asked asked) noexcept;
    void close_channel() noexcept;
    void destroy() noexcept;

    pid_t pid_ = -1;
    int pidfd_ = -1;
    int channel_ = -1; ///< a socket to the child until its exec: a byte there, errno or EOF back
    Asked asked_;
    bool reaped_ = false;
    End end_;
};

} // namespace pmc::kernel
