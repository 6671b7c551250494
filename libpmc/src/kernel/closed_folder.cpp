#include "kernel/closed_folder.hpp"

#include "kernel/real_path.hpp"

#include <algorithm>
#include <sys/stat.h>

namespace pmc::kernel {
namespace {

bool lets_in(const struct stat& folder, const User& user) noexcept {
    if (user.uid == 0)
        return true;
    if (folder.st_uid == user.uid)
        return (folder.st_mode & S_IXUSR) != 0;
    if (folder.st_gid == user.gid || std::ranges::find(user.groups, folder.st_gid) != user.groups.end())
        return (folder.st_mode & S_IXGRP) != 0;
    return (folder.st_mode & S_IXOTH) != 0;
}

} // namespace

std::string closed_folder(const std::string& path, const User& user) {
    const std::string whole = real_path(path);
    for (std::size_t end = whole.find('/'); end != std::string::npos; end = whole.find('/', end + 1)) {
        const std::string above = whole.substr(0, std::max<std::size_t>(end, 1));
        struct stat status {};
        if (stat(above.c_str(), &status) == 0 && !lets_in(status, user))
            return above;
    }
    struct stat status {};
    const bool is_closed = stat(whole.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && !lets_in(status, user);
    return is_closed ? whole : std::string();
}

} // namespace pmc::kernel
