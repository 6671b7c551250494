#include "kernel/private_folder.hpp"

#include "kernel/executable.hpp"
#include "kernel/temporary_place.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace pmc::kernel {
namespace {

/// No command leaves as many by accident.
constexpr std::size_t most_names = std::size_t{1} << 20;

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { closedir(folder); }
};

Error folder_error(const std::string& path, int error) {
    return Error(ErrorKind::io, Stage::open, path + ": " + description_of(error),
                 "set TMPDIR to a folder that you may write to")
        .with_errno(error)
        .with_subject(path);
}

Error gift_error(const std::string& path, const User& owner, int error) {
    return Error(ErrorKind::io, Stage::open,
                 path + " can't be given to user '" + owner.name + "': " + description_of(error),
                 "run pmcstat as root with all its rights: this takes CAP_CHOWN")
        .with_errno(error)
        .with_subject(path);
}

/// No more than that, as another user may fill it while it is read.
std::vector<std::string> names_in(int folder, std::size_t most) {
    std::vector<std::string> names;
    const int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, CloseFolder> opened(fd < 0 ? nullptr : fdopendir(fd));
    while (const dirent* const entry = opened && names.size() < most ? readdir(opened.get()) : nullptr) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            names.emplace_back(name);
    }
    return names;
}

/// What has just been made there, and nothing that was put in its place.
UniqueFd open_own(int parent, const std::string& name) {
    UniqueFd fd(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (fd && (fstat(fd.get(), &status) != 0 || status.st_uid != geteuid() ||
               (status.st_mode & (S_IRWXG | S_IRWXO)) != 0 || !names_in(fd.get(), 1).empty())) {
        fd.reset();
        errno = EPERM;
    }
    return fd;
}

std::string any_name() {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::array<unsigned char, 10> bytes{};
    if (getentropy(bytes.data(), bytes.size()) != 0) {
        // It need not be secret: where something has that name already, another one is tried.
        auto number = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
        for (unsigned char& byte : bytes)
            byte = static_cast<unsigned char>(std::exchange(number, number / letters.size()) % letters.size());
    }
    std::string name = "pmcstat-";
    for (const unsigned char byte : bytes)
        name += letters[byte % letters.size()];
    return name;
}

/// Its name; else empty, and errno.
std::string make_any(int parent) {
    for (int attempt = 0; attempt < 100; ++attempt) {
        std::string name = any_name();
        if (mkdirat(parent, name.c_str(), S_IRWXU) == 0)
            return name;
        if (errno != EEXIST)
            break;
    }
    return {};
}

bool remove_entry(int folder, const std::string& name) noexcept {
    return unlinkat(folder, name.c_str(), 0) == 0 || unlinkat(folder, name.c_str(), AT_REMOVEDIR) == 0;
}

/// What is in a folder of this one goes, or comes up into this one: so that no depth is too deep. How much that was.
std::size_t raise(int top, const std::string& name, std::size_t most) {
    const UniqueFd inner(openat(top, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    const std::vector<std::string> names = inner ? names_in(inner.get(), most) : std::vector<std::string>();
    std::size_t gone = 0;
    for (const std::string& entry : names) {
        if (remove_entry(inner.get(), entry) || renameat(inner.get(), entry.c_str(), top, any_name().c_str()) == 0)
            ++gone;
    }
    unlinkat(top, name.c_str(), AT_REMOVEDIR);
    return gone;
}

} // namespace

Expected<PrivateFolder> PrivateFolder::make(const std::optional<User>& owner) {
    const Expected<std::string> place = temporary_place(owner);
    if (!place)
        return place.error();
    UniqueFd parent(::open(place->c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    std::string name = parent ? make_any(parent.get()) : std::string();
    if (name.empty())
        return folder_error(*place, errno);
    std::string path = *place + "/" + name;
    UniqueFd fd = open_own(parent.get(), name);
    if (!fd || (owner && fchown(fd.get(), owner->uid, owner->gid) != 0)) {
        const int error = errno;
        unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR);
        return fd ? gift_error(path, *owner, error) : folder_error(path, error);
    }
    return PrivateFolder(std::move(path), std::move(name), std::move(parent), std::move(fd));
}

PrivateFolder& PrivateFolder::operator=(PrivateFolder&& other) noexcept {
    if (this != &other) {
        remove();
        path_ = std::move(other.path_);
        name_ = std::move(other.name_);
        parent_ = std::move(other.parent_);
        fd_ = std::move(other.fd_);
    }
    return *this;
}

PrivateFolder::~PrivateFolder() {
    remove();
}

std::string PrivateFolder::place() const {
    return path_.substr(0, path_.rfind('/'));
}

void PrivateFolder::empty() const {
    // As much as nobody has by accident: who goes on filling it keeps nobody here.
    std::size_t left = most_names;
    bool is_deeper = true;
    while (is_deeper && left > 0) {
        is_deeper = false;
        for (const std::string& name : names_in(fd_.get(), left)) {
            if (left == 0)
                break;
            --left;
            if (remove_entry(fd_.get(), name))
                continue;
            const std::size_t raised = raise(fd_.get(), name, left);
            is_deeper = is_deeper || raised > 0;
            left -= raised;
        }
    }
}

bool PrivateFolder::is_in_its_place() const noexcept {
    struct stat made {};
    struct stat there {};
    return fstat(fd_.get(), &made) == 0 && fstatat(parent_.get(), name_.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           made.st_dev == there.st_dev && made.st_ino == there.st_ino;
}

void PrivateFolder::remove() noexcept {
    if (!fd_)
        return;
    // Again for a process that was just writing when the command ended.
    for (int attempt = 0; attempt < 10; ++attempt) {
        empty();
        if (!is_in_its_place() || unlinkat(parent_.get(), name_.c_str(), AT_REMOVEDIR) == 0 || errno != ENOTEMPTY)
            return;
    }
}

std::vector<std::string> PrivateFolder::names() const {
    std::vector<std::string> names = names_in(fd_.get(), most_names);
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
