#include "rival.hpp"

#include <doctest/doctest.h>

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

Rival::Rival(pid_t thread, int cpu, int counters) {
    for (int i = 0; i < counters; ++i) {
        perf_event_attr attr{};
        attr.size = sizeof attr;
        attr.type = PERF_TYPE_HARDWARE;
        attr.config = i == 0 ? PERF_COUNT_HW_CPU_CYCLES : PERF_COUNT_HW_INSTRUCTIONS;
        attr.pinned = 1;
        const int fd = static_cast<int>(syscall(SYS_perf_event_open, &attr, thread, cpu, -1, PERF_FLAG_FD_CLOEXEC));
        REQUIRE(fd >= 0);
        files_.push_back(fd);
    }
}

void Rival::end() {
    for (const int fd : files_)
        close(fd);
    files_.clear();
}
