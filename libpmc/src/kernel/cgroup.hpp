#pragma once

#include <pmc/expected.hpp>

#include "kernel/file_tree.hpp"
#include "kernel/unique_fd.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The cgroups that perf events can be bound to. A cgroup's path stands below the mount, without a slash in front
/// ("user.slice/a"); the root's is "/".
namespace pmc::kernel {

/// A path as users write it, as we do: without slashes in front, at the end or doubled. Empty if it leaves the mount or
/// can be none ("..", a 0 byte, nothing at all).
std::optional<std::string> cgroup_path(std::string_view text);

/// The hierarchy that perf_event is in: its own of version 1, or else version 2's, where it always is.
class CgroupHierarchy {
public:
    /// Errors: not_available (neither is mounted).
    static Expected<CgroupHierarchy> find(const FileTree& tree = FileTree());

    /// Where it is mounted.
    [[nodiscard]] const std::string& mount() const noexcept { return mount_; }
    /// A descriptor for perf_event_open. Errors: not_available, with errno.
    [[nodiscard]] Expected<UniqueFd> open(std::string_view path) const;
    /// The paths of all cgroups, the root's too, sorted.
    [[nodiscard]] std::vector<std::string> all() const;

private:
    CgroupHierarchy(std::string mount, std::string folder) : mount_(std::move(mount)), folder_(std::move(folder)) {}

    std::string mount_;
    std::string folder_; ///< the mount within the tree
};

} // namespace pmc::kernel
