#pragma once

#include "kernel/unique_fd.hpp"

#include <pmc/event.hpp>
#include <pmc/machine.hpp>

#include <cstddef>
#include <linux/perf_event.h>
#include <string>
#include <sys/types.h>
#include <vector>

/// From an Event to a file descriptor, with the ladder of retries in one place.
namespace pmc {

struct OpenRequest {
    pid_t pid = 0;           ///< 0: the calling thread; -1: all threads (with cpu)
    int cpu = -1;            ///< -1: wherever it runs
    bool cgroup = false;     ///< pid is a cgroup's descriptor
    int group_fd = -1;       ///< the leader, or -1
    std::size_t members = 0; ///< of the group so far, for messages
    Mode mode = Mode::user;  ///< for events without one of their own
    bool disabled = false;
    bool inherit = false;
    bool enable_on_exec = false;
    bool user_access = false; ///< the counter shall be readable in user mode, if the PMU must be asked for that
};

struct Opened {
    kernel::UniqueFd fd; ///< invalid on failure
    int error = 0;
    bool user_access = false;       ///< it was opened with a request for user access
    Reason reason;                  ///< on failure
    std::vector<std::string> tried; ///< "user+kernel: EACCES", …
};

/// The words before the counts in a group's read, as make_attr's read_format has it: nr, enabled, running.
inline constexpr std::size_t group_header = 3;

/// The attr for an event: read_format is group | total times, CLOEXEC is set by open_event.
perf_event_attr make_attr(const Event& event, const OpenRequest& request) noexcept;

/// Opens one event. None is opened under valgrind. User access is tried for 64 bits, for what the counter has, and not
/// at all. EINTR is retried; E2BIG is retried with the kernel's own attr size; EOPNOTSUPP with exclude_guest.
/// Never falls from one mode to another: the mode is decided once, by permitted_mode().
Opened open_event(const Event& event, const OpenRequest& request, const Machine& machine);

/// What this process may count: user+kernel, or user where the kernel is forbidden (asked by opening a software event),
/// or the Reason why perf_event_open is not to be had at all. Cached for the process's life (but not in tests: see
/// reset_permitted_mode).
struct Permission {
    Mode mode = Mode::user_kernel;
    Reason denied; ///< set: nothing can be opened
};
const Permission& permitted_mode(const Machine& machine);
void reset_permitted_mode() noexcept;

/// Whether the events open as one group on the calling thread, tried for real and closed again. Cached by encoding. The
/// leader is opened enabled: arm64 (6.1) leaves a disabled leader out of its count when it checks whether a group fits.
/// Empty: openable; else the Reason of the first event that is not.
Reason probe(const std::vector<Event>& events, Mode mode, const Machine& machine);
void reset_probe_cache() noexcept;

} // namespace pmc
