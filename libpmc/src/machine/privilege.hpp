#pragma once

#include "kernel/file_tree.hpp"

#include <array>
#include <string>
#include <string_view>

namespace pmc {

/// A word in the path of a process's cgroup, and who makes such.
struct ContainerMark {
    std::string_view word, maker;
};

/// The surest first.
inline constexpr std::array<ContainerMark, 5> container_cgroups{{{"kubepods", "Kubernetes"},
                                                                 {"/docker", "Docker"},
                                                                 {"/lxc", "LXC"},
                                                                 {"containerd", "container"},
                                                                 {"libpod", "container"}}};

/// What this process may do, as far as perf_event_open asks.
struct Privilege {
    bool perfmon = false;   ///< CAP_PERFMON, which counts in the initial user namespace only
    bool sys_admin = false; ///< CAP_SYS_ADMIN, likewise
    bool bounded = false;   ///< not even root can have them here: a container was started without
    bool nested = false;    ///< in a user namespace other than the machine's, where none of them counts
    bool seccomp = false;   ///< a filter of system calls is in force
    std::string container;  ///< "Docker", "Podman", "Kubernetes", "LXC", "container"; empty outside, as far as it shows
    std::string lockdown;   ///< of the kernel: "none", "integrity", "confidentiality"; empty where it does not show

    /// A kernel that is locked down for confidentiality lets nobody count it.
    [[nodiscard]] bool is_confidential() const noexcept { return lockdown == "confidentiality"; }
};

Privilege read_privilege(const kernel::FileTree& tree);

} // namespace pmc
