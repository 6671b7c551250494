#pragma once

#include <pmc/command.hpp>
#include <pmc/expected.hpp>

#include <sys/resource.h>
#include <sys/types.h>

namespace pmc::kernel {

/// A child process that is spawned stopped before its exec, so that counters can be attached to it. Killed and reaped
/// by the destructor if it still runs.
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
    /// Readable by poll() when the child has ended.
    [[nodiscard]] int pidfd() const noexcept { return pidfd_; }

    /// Lets the child exec and returns once it has. On failure the child is reaped, and the Error (kind command)
    /// carries exec's errno.
    Expected<bool> release();
    /// kill(); nothing happens once the child was reaped.
    void signal(int number) noexcept;

    struct End {
        int status = 0; ///< exit status, 128+N if signal N ended it
        rusage usage{};
    };
    /// Waits for the end and reaps.
    End wait() noexcept;

private:
    Child(pid_t pid, int pidfd, int go_fd, int exec_fd, std::string name) noexcept;
    void destroy() noexcept;
    pid_t pid_ = -1;
    int pidfd_ = -1;
    int go_fd_ = -1;   ///< writing a byte releases the child; closing it makes the child exit
    int exec_fd_ = -1; ///< close-on-exec in the child: EOF is success, four bytes are errno
    std::string name_;
    bool reaped_ = false;
};

} // namespace pmc::kernel
