#include "machine/privilege.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace pmc {
namespace {

using kernel::FileTree;

// <linux/capability.h>; CAP_PERFMON came with Linux 5.8.
constexpr unsigned cap_sys_admin = 21;
constexpr unsigned cap_perfmon = 38;

std::uint64_t parse_capabilities(std::string_view text) noexcept {
    std::uint64_t bits = 0;
    std::from_chars(text.data(), text.data() + text.size(), bits, 16);
    return bits;
}

/// In any other user namespace a process may be full of capabilities that perf_event_open does not honour.
bool in_initial_user_namespace(const FileTree& tree) {
    const std::string map = tree.read("/proc/self/uid_map").value_or("");
    return map.empty() || kernel::has_word(map, "4294967295");
}

std::string container_of(const FileTree& tree) {
    if (tree.exists("/run/.containerenv"))
        return "Podman";
    const std::string cgroup = tree.read("/proc/self/cgroup").value_or("");
    const auto mark = std::ranges::find_if(
        container_cgroups, [&](std::string_view word) { return cgroup.find(word) != std::string::npos; },
        &ContainerMark::word);
    const bool is_known = mark != container_cgroups.end();
    if (is_known && mark->maker == "Kubernetes") // whose containers may be Docker's as well
        return std::string(mark->maker);
    if (tree.exists("/.dockerenv"))
        return "Docker";
    return is_known ? std::string(mark->maker) : std::string();
}

/// The word in brackets of "none [integrity] confidentiality".
std::string lockdown_of(const FileTree& tree) {
    const std::string levels = tree.read("/sys/kernel/security/lockdown").value_or("");
    const std::size_t open = levels.find('[');
    const std::size_t close = levels.find(']', open == std::string::npos ? 0 : open);
    return open == std::string::npos || close == std::string::npos ? "" : levels.substr(open + 1, close - open - 1);
}

} // namespace

Privilege read_privilege(const FileTree& tree) {
    Privilege privilege;
    const std::string status = tree.read("/proc/self/status").value_or("");
    privilege.nested = !in_initial_user_namespace(tree);
    if (!privilege.nested) {
        const std::uint64_t effective = parse_capabilities(kernel::find_field(status, "CapEff"));
        privilege.sys_admin = (effective >> cap_sys_admin & 1) != 0;
        privilege.perfmon = (effective >> cap_perfmon & 1) != 0;
    }
    if (const std::string_view bounds = kernel::find_field(status, "CapBnd"); !bounds.empty()) {
        const std::uint64_t most = parse_capabilities(bounds);
        privilege.bounded = (most & (std::uint64_t{1} << cap_sys_admin | std::uint64_t{1} << cap_perfmon)) == 0;
    }
    privilege.seccomp = kernel::find_field(status, "Seccomp") == "2";
    privilege.container = container_of(tree);
    privilege.lockdown = lockdown_of(tree);
    return privilege;
}

} // namespace pmc
