#pragma once

#include <pmc/expected.hpp>

#include "kernel/file_tree.hpp"
#include "kernel/unique_fd.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The cgroups that perf events can be bound to. A cgroup's path stands below the mount, without a slash in front
/// ("user.slice/a"); the root's is "/".
namespace pmc::kernel {

/// Where the hierarchy is mounted that perf_event is in: its own of version 1, or else version 2's, where it always is.
/// Empty if neither is mounted.
std::optional<std::string> cgroup_mount(const FileTree& tree = FileTree());

/// A path as users write it, as we do: without slashes in front, at the end or doubled. Empty if it leaves the mount or
/// can be none ("..", a 0 byte, nothing at all).
std::optional<std::string> cgroup_path(std::string_view text);

/// A descriptor for perf_event_open. Errors: not_available, with errno.
Expected<UniqueFd> open_cgroup(std::string_view path, const FileTree& tree = FileTree());

/// The paths of all cgroups, the root's too, sorted. Errors: not_available (no such hierarchy).
Expected<std::vector<std::string>> all_cgroups(const FileTree& tree = FileTree());

} // namespace pmc::kernel
