#pragma once

#include "kernel/file_tree.hpp"

#include <string>
#include <vector>

namespace pmc {

/// Where a CPU sits, in the kernel's numbers. What it does not tell (a virtual machine, a kernel without NUMA) is 0,
/// but for the socket: some arm64 machines have -1 for it, and so do those that have no file (perf too prints "S-1").
struct CpuPlace {
    int cpu = 0;
    int socket = -1;
    int die = 0;
    int core = 0; ///< a number of the die's, if not of the socket's: only all three together name a core
    int node = 0; ///< of NUMA

    friend bool operator==(const CpuPlace&, const CpuPlace&) = default;

    /// As perf stat names them: "S0-D0-C3", "S0", "N1".
    [[nodiscard]] std::string core_id() const;
    [[nodiscard]] std::string socket_id() const;
    [[nodiscard]] std::string node_id() const;
};

/// The CPUs that are online, ascending; empty where neither /sys nor /proc tells.
std::vector<int> online_cpus(const kernel::FileTree& tree = kernel::FileTree());

/// All CPUs that are online, ascending. (The kernel takes a CPU's topology away while it is offline.)
std::vector<CpuPlace> read_topology(const kernel::FileTree& tree = kernel::FileTree());

} // namespace pmc
