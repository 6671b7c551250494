#include "kernel/temporary_place.hpp"

#include "kernel/closed_folder.hpp"
#include "kernel/executable.hpp"
#include "kernel/real_path.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace pmc::kernel {
namespace {

bool is_unchanged_by_others(const struct stat& folder) noexcept {
    const bool is_trusted = folder.st_uid == 0 || folder.st_uid == geteuid();
    return is_trusted && ((folder.st_mode & (S_IWGRP | S_IWOTH)) == 0 || (folder.st_mode & S_ISVTX) != 0);
}

/// Of a path without links: it and all above it.
bool is_safe(std::string path) {
    while (true) {
        struct stat folder {};
        if (lstat(path.c_str(), &folder) != 0 || !is_unchanged_by_others(folder))
            return false;
        if (path == "/")
            return true;
        path.resize(std::max<std::size_t>(path.rfind('/'), 1));
    }
}

} // namespace

Expected<std::string> temporary_place(const std::optional<User>& owner) {
    const char* const variable = secure_getenv("TMPDIR");
    const std::string_view chosen = variable == nullptr ? "" : variable;
    // A command may change its working folder: the path must be good from anywhere. And who is told to write there
    // replaces what follows a %, as valgrind does.
    if (!chosen.starts_with('/') || chosen.find('%') != std::string_view::npos)
        return std::string("/tmp");
    if (!owner && geteuid() != 0)
        return std::string(chosen);
    const std::string path = real_path(variable);
    if (path.empty()) {
        const int error = errno;
        return Error(ErrorKind::io, Stage::open, std::string(chosen) + ": " + description_of(error),
                     "set TMPDIR to a folder that you may write to")
            .with_errno(error)
            .with_subject(std::string(chosen));
    }
    const bool is_good =
        path.find('%') == std::string::npos && is_safe(path) && (!owner || closed_folder(path, *owner).empty());
    return is_good ? path : std::string("/tmp");
}

} // namespace pmc::kernel
