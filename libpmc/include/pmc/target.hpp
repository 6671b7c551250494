#pragma once

#include <pmc/expected.hpp>

#include <string>
#include <vector>

namespace pmc {

/// What gets a Sample of its own.
enum class Rows {
    total,  ///< all targets as one (each cgroup apart)
    thread, ///< each thread that was there at the start, with what it has made since
    cpu,
    core, ///< the CPUs of one core
    socket,
    node ///< of NUMA
};

/// What is counted, if not a command of one's own: processes and threads, or CPUs, or cgroups on CPUs.
///
///     auto session = pmc::Session::start(*std::move(set), pmc::Target{.pids = {4121}});
///
/// Events that count in one place (energy of a socket, a memory controller) are counted there, whatever the target.
struct Target {
    std::vector<int> pids = {};            ///< processes: all their threads and, with `inherit`, those to come
    std::vector<int> tids = {};            ///< single threads
    bool all_cpus = false;                 ///< everything that runs, on all CPUs that are or come online
    std::vector<int> cpus = {};            ///< everything that runs, on these CPUs
    std::vector<std::string> cgroups = {}; ///< paths below the cgroup mount ("/", "user.slice"), each a target of its
                                           ///< own; on `cpus`, or all
    bool inherit = true;                   ///< count the threads and children that pids and tids make
    Rows rows = Rows::total;

    [[nodiscard]] bool is_empty() const noexcept {
        return pids.empty() && tids.empty() && !all_cpus && cpus.empty() && cgroups.empty();
    }
    /// Counted per CPU, whoever runs there.
    [[nodiscard]] bool is_cpus() const noexcept { return all_cpus || !cpus.empty() || !cgroups.empty(); }
};

/// The processes (not this one) whose name matches a POSIX extended regular expression, anywhere in it: the name that
/// the kernel has (at most 15 characters), or the file name of argv[0]. Ascending. Errors: syntax.
PMC_API Expected<std::vector<int>> find_processes(const std::string& regex);

/// The cgroups that a pattern names: a path below the mount as it is, if it has none of [ ( * + ? ^ $ | in it; else all
/// paths that match it as a POSIX extended regular expression, sorted. Paths have no slash in front; the root is "/".
/// Errors: syntax; not_available (no such cgroup, or no cgroup hierarchy that perf_event is in).
PMC_API Expected<std::vector<std::string>> find_cgroups(const std::string& pattern);

} // namespace pmc
