#include "kernel/cpu_visit.hpp"

namespace pmc::kernel {

void CpuVisit::go_to(int cpu) noexcept {
    if (cpu == at_ || cpu < 0 || cpu >= CPU_SETSIZE)
        return;
    if (!away_ && sched_getaffinity(0, sizeof before_, &before_) != 0) // more than CPU_SETSIZE CPUs
        return;
    if (!CPU_ISSET(cpu, &before_))
        return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0)
        return;
    away_ = true;
    at_ = cpu;
}

CpuVisit::~CpuVisit() {
    if (away_)
        sched_setaffinity(0, sizeof before_, &before_);
}

} // namespace pmc::kernel
