#include "kernel/cgroup.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <utility>

namespace pmc::kernel {
namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;

/// Takes the next word, up to a blank.
std::string_view take_word(std::string_view& line) noexcept {
    const std::size_t end = line.find(' ');
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    return word;
}

/// The kernel writes a blank, a tab, a newline and a backslash of a path as \ and three octal digits.
std::string unescaped(std::string_view text) {
    const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
    std::string path;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::string_view digits = text.substr(std::min(at + 1, text.size()), 3);
        if (text[at] == '\\' && digits.size() == 3 && std::ranges::all_of(digits, is_octal)) {
            path += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
            at += 3;
        } else {
            path += text[at];
        }
    }
    return path;
}

bool has_option(std::string_view options, std::string_view wanted) noexcept {
    while (!options.empty()) {
        const std::size_t comma = options.find(',');
        if (options.substr(0, comma) == wanted)
            return true;
        options.remove_prefix(comma == std::string_view::npos ? options.size() : comma + 1);
    }
    return false;
}

/// A line of /proc/self/mountinfo: "36 35 0:30 / /sys/fs/cgroup/x rw,… shared:9 - cgroup cgroup rw,perf_event".
struct Mount {
    std::string_view point, type, options;
};

Mount parse_mount(std::string_view line) noexcept {
    Mount mount;
    for (int skipped = 0; skipped < 4; ++skipped)
        take_word(line);
    mount.point = take_word(line);
    // How many optional words follow, a lone dash tells.
    while (!line.empty() && take_word(line) != "-") {
    }
    mount.type = take_word(line);
    take_word(line);
    mount.options = line;
    return mount;
}

Error not_opened(std::string_view path, const std::string& mount, int error) {
    std::string message = "cgroup '" + std::string(path) + "': ";
    message += error == ENOENT ? "there is none at " + mount : strerrordesc_np(error);
    return Error(ErrorKind::not_available, Stage::open, std::move(message), "cgroups are the folders below " + mount)
        .with_errno(error)
        .with_subject(std::string(path));
}

using Folder = std::unique_ptr<DIR, decltype([](DIR* folder) { ::closedir(folder); })>;

bool is_folder(const dirent& entry, const Folder& within) noexcept {
    if (entry.d_type != DT_UNKNOWN)
        return entry.d_type == DT_DIR;
    struct stat status {};
    return ::fstatat(::dirfd(within.get()), entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

/// A folder has a link from itself, one from above, and one from each folder in it. Where files are many and folders
/// few, as in cgroups, that is asked for sooner than all is read. (What counts no links has 1.)
bool has_folders(const std::string& path) noexcept {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && status.st_nlink != 2;
}

std::optional<std::string> find_mount(const FileTree& tree) {
    const std::string mounts = tree.read("/proc/self/mountinfo").value_or("");
    std::string_view rest = mounts;
    std::optional<std::string> unified;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const Mount mount = parse_mount(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (!mount.point.starts_with('/'))
            continue;
        // Where version 1 has the controller, version 2 has not, although it is mounted too (systemd's hybrid mode).
        if (mount.type == "cgroup" && has_option(mount.options, "perf_event"))
            return unescaped(mount.point);
        if (mount.type == "cgroup2" && !unified)
            unified = unescaped(mount.point);
    }
    return unified;
}

} // namespace

std::optional<std::string> cgroup_path(std::string_view text) {
    if (text.empty() || text.find('\0') != std::string_view::npos)
        return std::nullopt;
    std::string path;
    while (!text.empty()) {
        const std::size_t slash = text.find('/');
        const std::string_view part = text.substr(0, slash);
        text.remove_prefix(slash == std::string_view::npos ? text.size() : slash + 1);
        if (part == "..")
            return std::nullopt;
        if (part.empty() || part == ".")
            continue;
        if (!path.empty())
            path += '/';
        path += part;
    }
    return path.empty() ? "/" : path;
}

Expected<CgroupHierarchy> CgroupHierarchy::find(const FileTree& tree) {
    std::optional<std::string> mount = find_mount(tree);
    if (!mount)
        return Error(ErrorKind::not_available, Stage::open, "no cgroup hierarchy that perf_event is in is mounted",
                     "mount -t cgroup2 none /sys/fs/cgroup");
    std::string folder = tree.root() + *mount;
    return CgroupHierarchy(*std::move(mount), std::move(folder));
}

Expected<UniqueFd> CgroupHierarchy::open(std::string_view path) const {
    const std::optional<std::string> below = cgroup_path(path);
    if (!below)
        return not_opened(path, mount_, EINVAL);
    const std::string folder = *below == "/" ? folder_ : folder_ + '/' + *below;
    UniqueFd fd(::open(folder.c_str(), folder_flags));
    if (!fd)
        return not_opened(path, mount_, errno);
    return fd;
}

std::vector<std::string> CgroupHierarchy::all() const {
    std::vector<std::string> paths{"/"};
    // Grows while it is walked. What vanishes meanwhile, or may not be read, has nothing below it.
    for (std::size_t at = 0; at < paths.size(); ++at) {
        const std::string prefix = at == 0 ? std::string() : paths[at] + '/';
        if (!has_folders(folder_ + '/' + prefix))
            continue;
        const Folder folder(::opendir((folder_ + '/' + prefix).c_str()));
        if (!folder)
            continue;
        while (const dirent* entry = ::readdir(folder.get())) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != ".." && is_folder(*entry, folder))
                paths.push_back(prefix + entry->d_name);
        }
    }
    std::ranges::sort(paths);
    return paths;
}

} // namespace pmc::kernel
