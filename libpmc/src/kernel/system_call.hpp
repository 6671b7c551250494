#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <linux/perf_event.h>
#include <sys/types.h>

/// Every system call by which libpmc counts. This is the seam where tests inject faults: system_call.cpp makes the real
/// calls, tests/unit/fake_kernel.cpp is linked in its place. No virtual call, nothing on the measured path. All return
/// what the kernel does: -1 and errno on failure.
namespace pmc::kernel {

int perf_event_open(perf_event_attr* attr, pid_t pid, int cpu, int group_fd, unsigned long flags) noexcept;
int perf_ioctl(int fd, unsigned long request, unsigned long argument) noexcept;
ssize_t perf_read(int fd, void* buffer, std::size_t size) noexcept;
void* perf_mmap(int fd, std::size_t size) noexcept; ///< nullptr on failure
int perf_munmap(void* page, std::size_t size) noexcept;
int perf_close(int fd) noexcept;

/// perf_read(), as often as it is interrupted: a supervisor of system calls (a sandbox, a debugger) may do that.
inline ssize_t perf_read_whole(int fd, void* buffer, std::size_t size) noexcept {
    for (;;)
        if (const ssize_t got = perf_read(fd, buffer, size); got >= 0 || errno != EINTR)
            return got;
}

} // namespace pmc::kernel
