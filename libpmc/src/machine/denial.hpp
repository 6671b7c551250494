#pragma once

#include "kernel/file_tree.hpp"

#include <pmc/machine.hpp>
#include <pmc/reason.hpp>

#include <string>
#include <string_view>

/// What the kernel, a container or a sandbox forbids: why, and who may lift that.
namespace pmc {

/// A perf_event_open that failed.
struct Failure {
    const Machine& machine;
    kernel::FileTree tree;
    int error;
    std::string_view event;
    std::string_view pmu;
    bool kernel;
    Reach reach;
};

Reason why_denied(const Failure& failure);         ///< EACCES
Reason why_not_permitted(const Failure& failure);  ///< EPERM
Reason why_no_system_call(const Failure& failure); ///< ENOSYS

/// The highest kernel.perf_event_paranoid at which everybody may count kernel mode.
inline constexpr int kernel_level = 1;

/// How this process comes to count what takes that level of kernel.perf_event_paranoid; empty if it may do so already.
std::string remedy_for_level(const Machine& machine, int level);
/// How it comes to count whatever the level is: "run with CAP_PERFMON (or as root)".
std::string remedy_of_rights(const Machine& machine);

/// Why the kernel's tracepoints have no numbers, where none is readable.
Reason no_tracefs(const Machine& machine);

} // namespace pmc
