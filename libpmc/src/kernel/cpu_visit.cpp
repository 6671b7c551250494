#include "kernel/cpu_visit.hpp"

namespace pmc::kernel {

CpuVisit::~CpuVisit() {
    if (is_away_)
        sched_setaffinity(0, sizeof home_, home_.data());
}

void CpuVisit::go_to(int cpu) noexcept {
    Cpus there{};
    if (cpu == at_ || cpu < 0 || static_cast<unsigned>(cpu) >= sizeof there * 8)
        return;
    if (!is_away_) {
        home_ = {};
        if (sched_getaffinity(0, sizeof home_, home_.data()) != 0)
            return;
    }
    CPU_SET_S(static_cast<unsigned>(cpu), sizeof there, there.data());
    if (sched_setaffinity(0, sizeof there, there.data()) != 0)
        return;
    at_ = cpu;
    is_away_ = true;
}

} // namespace pmc::kernel
