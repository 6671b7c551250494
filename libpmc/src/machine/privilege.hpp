#pragma once

#include "kernel/file_tree.hpp"

#include <string>

namespace pmc {

/// What this process may do, as far as perf_event_open asks.
struct Privilege {
    bool perfmon = false;   ///< CAP_PERFMON, which counts in the initial user namespace only
    bool sys_admin = false; ///< CAP_SYS_ADMIN, likewise
    bool seccomp = false;   ///< a filter of system calls is in force
    std::string container;  ///< "Docker", "Podman", "Kubernetes", "LXC", "container"; empty outside, as far as it shows
    std::string lockdown;   ///< of the kernel: "none", "integrity", "confidentiality"; empty where it does not show

    /// A kernel that is locked down for confidentiality lets nobody count it.
    [[nodiscard]] bool is_confidential() const noexcept { return lockdown == "confidentiality"; }
};

Privilege read_privilege(const kernel::FileTree& tree);

} // namespace pmc
