#include "kernel/system_call.hpp"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pmc::kernel {

int perf_event_open(perf_event_attr* attr, pid_t pid, int cpu, int group_fd, unsigned long flags) noexcept {
    return static_cast<int>(syscall(SYS_perf_event_open, attr, pid, cpu, group_fd, flags));
}

int perf_ioctl(int fd, unsigned long request, unsigned long argument) noexcept {
    return ioctl(fd, request, argument);
}

/// Not read(), nor close() below: they are cancellation points, which a scope must not be (pthread_cancel).
ssize_t perf_read(int fd, void* buffer, std::size_t size) noexcept {
    return syscall(SYS_read, fd, buffer, size);
}

void* perf_mmap(int fd, std::size_t size) noexcept {
    void* page = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
    return page == MAP_FAILED ? nullptr : page;
}

int perf_munmap(void* page, std::size_t size) noexcept {
    return munmap(page, size);
}

int perf_close(int fd) noexcept {
    return static_cast<int>(syscall(SYS_close, fd));
}

} // namespace pmc::kernel
