#pragma once

#include "kernel/file_tree.hpp"

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

/// Processes and threads as /proc shows them. All of them may be gone a moment later, or already: that is no error.
namespace pmc::kernel {

/// The threads that a process has now, as the kernel lists them: in the order in which they were made, or nearly so.
/// Empty if it is gone. One that is made while the list is read may be missing: read it again until nothing is new.
std::vector<pid_t> threads_of(pid_t process);

/// All processes that this one sees, ascending.
std::vector<pid_t> all_processes();

/// The process that a thread belongs to; empty if it is gone.
std::optional<pid_t> process_of(pid_t tid, const FileTree& tree = FileTree());

/// The name that the kernel has for a thread (at most 15 bytes, any but 0); empty if it is gone.
std::string name_of(pid_t tid, const FileTree& tree = FileTree());

/// The file name of a process's argv[0]; empty if it is gone, or has none as the kernel's own threads.
std::string program_of(pid_t process, const FileTree& tree = FileTree());

/// Ended, but not yet waited for by its parent: nothing can be counted on it any more.
bool is_zombie(pid_t tid, const FileTree& tree = FileTree());

/// Ended, or on its way there, or gone.
bool is_ending(pid_t process);

/// What a process may do, to be compared.
struct Rights {
    std::string users, groups; ///< real, effective, saved
    std::string capabilities;  ///< permitted
    bool is_open = false;      ///< others of its user may look into it

    bool operator==(const Rights&) const = default;
    [[nodiscard]] bool has_capabilities() const { return capabilities.find_first_not_of('0') != std::string::npos; }
};
/// Empty if it is gone.
std::optional<Rights> rights_of(pid_t process);

/// Whether a thread or process that is there is another user's, as its files in /proc show; what may not be traced is
/// root's there.
bool is_foreign(pid_t tid);

/// A descriptor that poll() finds readable when the process has ended. -1 and errno: ESRCH, ENOSYS (before 5.3), …
int open_pidfd(pid_t process) noexcept;

/// The same for one thread. Kernels before 6.9 can't tell its end, only that of a whole process: -1 and EINVAL for
/// all but a process's first thread, whose descriptor then is the process's.
int open_thread_pidfd(pid_t tid) noexcept;

} // namespace pmc::kernel
