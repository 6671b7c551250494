#include "kernel/private_folder.hpp"

#include "kernel/executable.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pmc::kernel {
namespace {

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { closedir(folder); }
};

Error folder_error(const std::string& path, int error) {
    return Error(ErrorKind::io, Stage::open, path + ": " + description_of(error),
                 "set TMPDIR to a folder that you may write to")
        .with_errno(error)
        .with_subject(path);
}

/// What has just been made there, and nothing that was put in its place.
UniqueFd open_own(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (fd && (fstat(fd.get(), &status) != 0 || status.st_uid != geteuid())) {
        fd.reset();
        errno = EPERM;
    }
    return fd;
}

} // namespace

Expected<PrivateFolder> PrivateFolder::make(const std::optional<User>& owner) {
    const char* const variable = secure_getenv("TMPDIR");
    const std::string_view chosen = variable == nullptr ? "" : variable;
    // A command may change its working folder: the path must be good from anywhere. And who is told to write there
    // replaces what follows a %, as valgrind does.
    const bool is_good = chosen.starts_with('/') && chosen.find('%') == std::string_view::npos;
    std::string path = std::string(is_good ? chosen : "/tmp") + "/pmcstat-XXXXXX";
    if (mkdtemp(path.data()) == nullptr)
        return folder_error(path, errno);
    UniqueFd fd = open_own(path);
    if (!fd || (owner && fchown(fd.get(), owner->uid, owner->gid) != 0)) {
        const int error = errno;
        rmdir(path.c_str());
        return folder_error(path, error);
    }
    return PrivateFolder(std::move(path), std::move(fd));
}

PrivateFolder::PrivateFolder(PrivateFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), fd_(std::move(other.fd_)) {}

PrivateFolder& PrivateFolder::operator=(PrivateFolder&& other) noexcept {
    if (this != &other) {
        remove();
        path_ = std::exchange(other.path_, {});
        fd_ = std::move(other.fd_);
    }
    return *this;
}

PrivateFolder::~PrivateFolder() {
    remove();
}

void PrivateFolder::remove() noexcept {
    std::error_code ignored;
    if (!path_.empty())
        std::filesystem::remove_all(path_, ignored); // follows no link
}

std::vector<std::string> PrivateFolder::names() const {
    std::vector<std::string> names;
    const int fd = openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, CloseFolder> folder(fd < 0 ? nullptr : fdopendir(fd));
    while (const dirent* const entry = folder ? readdir(folder.get()) : nullptr) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            names.emplace_back(name);
    }
    std::ranges::sort(names);
    return names;
}

UniqueFd PrivateFolder::open(std::string_view name, off_t& size) const {
    UniqueFd fd(openat(fd_.get(), std::string(name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    if (fd && (fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink > 1))
        fd.reset();
    size = fd ? status.st_size : 0;
    return fd;
}

std::string PrivateFolder::read(std::string_view name, off_t from, std::size_t most) const {
    off_t size = 0;
    const UniqueFd fd = open(name, size);
    std::string text(fd && from < size ? std::min(most, static_cast<std::size_t>(size - from)) : 0, '\0');
    std::size_t got = 0;
    while (got < text.size()) {
        const ssize_t more = pread(fd.get(), text.data() + got, text.size() - got, from + static_cast<off_t>(got));
        if (more > 0)
            got += static_cast<std::size_t>(more);
        else if (more == 0 || errno != EINTR)
            break;
    }
    text.resize(got);
    return text;
}

off_t PrivateFolder::size(std::string_view name) const {
    off_t size = 0;
    const UniqueFd fd = open(name, size);
    return size;
}

} // namespace pmc::kernel
