#pragma once

#include <array>
#include <cstddef>
#include <sched.h>

namespace pmc::kernel {

/// Takes the calling thread to one CPU after another, and in the end lets it run where it might before.
///
/// Whoever opens, enables or closes many events of a CPU does it from there: from elsewhere the kernel interrupts that
/// CPU for each and waits, which takes ten times as long in a virtual machine (6.18). For a few it does not pay.
class CpuVisit {
public:
    static constexpr std::size_t pays_from = 8; ///< groups on each CPU

    CpuVisit() noexcept = default;
    CpuVisit(const CpuVisit&) = delete;
    CpuVisit& operator=(const CpuVisit&) = delete;
    ~CpuVisit();

    /// Where the thread may not run there, it stays where it is: all works from elsewhere too.
    void go_to(int cpu) noexcept;

private:
    using Cpus = std::array<cpu_set_t, 8>; ///< as many as the kernel can be built for: 8192

    int at_ = -1;
    bool is_away_ = false;
    Cpus home_;
};

} // namespace pmc::kernel
