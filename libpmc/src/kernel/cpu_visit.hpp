#pragma once

#include <sched.h>

namespace pmc::kernel {

/// Runs this thread on one CPU after the other, and where it was allowed before in the end. What perf does to a CPU's
/// events from another one takes an interrupt there each time: from the CPU itself it takes none.
class CpuVisit {
public:
    CpuVisit() = default;
    CpuVisit(const CpuVisit&) = delete;
    CpuVisit& operator=(const CpuVisit&) = delete;
    ~CpuVisit();

    /// Nothing happens if this thread may not run there.
    void go_to(int cpu) noexcept;

private:
    cpu_set_t before_{};
    int at_ = -1;
    bool away_ = false;
};

} // namespace pmc::kernel
