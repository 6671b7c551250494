#include "output.hpp"

#include "patient_write.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace cli {
namespace {

pmc::Error output_error(const std::string& path, int error) {
    if (error == ECANCELED)
        return pmc::Error(pmc::ErrorKind::io, pmc::Stage::document,
                          "the report is not whole: nobody read " + (path.empty() ? "stderr" : path),
                          "a file (-o FILE) waits for nobody")
            .with_errno(error);
    return pmc::Error(pmc::ErrorKind::io, pmc::Stage::document,
                      "cannot write " + (path.empty() ? "the report to stderr" : path) + ": " + std::strerror(error),
                      path.empty() ? "use -o FILE" : "give -o a path that you may write to")
        .with_errno(error);
}

/// Makes a regular file empty, so that what is written to it next is its content. False and errno if that fails.
bool empty(int fd) noexcept {
    struct stat what {};
    return fstat(fd, &what) != 0 || !S_ISREG(what.st_mode) || (ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
}

mode_t current_umask() noexcept {
    const mode_t mask = umask(0);
    umask(mask);
    return mask;
}

/// Our stdout or stderr, if that is what the path leads to (/dev/stdout, or the file it was redirected to): replacing
/// that file would lose what the command writes there. -1: neither.
int standard_stream_at(const struct stat& file) noexcept {
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
        struct stat stream {};
        if (fstat(fd, &stream) == 0 && stream.st_dev == file.st_dev && stream.st_ino == file.st_ino)
            return fd;
    }
    return -1;
}

/// A link that another user may have put there for us to fall into; not root's (/dev/stderr).
bool is_link_of_others(const char* path) noexcept {
    struct stat link {};
    return lstat(path, &link) == 0 && S_ISLNK(link.st_mode) && link.st_uid != 0 && link.st_uid != geteuid();
}

/// Where a link that leads to nothing leads to, over others like it; empty and errno if they are another user's, or go
/// in a circle. The path itself if it is no link.
std::string missing_target_of(std::string path) {
    constexpr int at_most = 40; // as the kernel
    for (int followed = 0; followed < at_most; ++followed) {
        if (is_link_of_others(path.c_str()))
            break;
        std::array<char, PATH_MAX> text{};
        const ssize_t size = readlink(path.c_str(), text.data(), text.size());
        if (size < 0)
            return path;
        const std::string_view link(text.data(), static_cast<std::size_t>(size));
        const std::string folder = path.substr(0, path.rfind('/') + 1); // npos + 1 is 0
        path = (link.starts_with('/') ? "" : folder) + std::string(link);
    }
    errno = ELOOP;
    return {};
}

/// No signal ends us as long as a file of ours lies where it is not to stay.
class Undisturbed {
public:
    Undisturbed() noexcept {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, &before_);
    }
    Undisturbed(const Undisturbed&) = delete;
    Undisturbed& operator=(const Undisturbed&) = delete;
    ~Undisturbed() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

/// A new file beside the one that it will replace. -1 and errno if there can't be one.
int open_beside(const std::string& target, std::string& name) {
    name = target + ".XXXXXX";
    return mkostemp(name.data(), O_CLOEXEC);
}

/// Only tried, so that nothing lies there while the command runs. errno, or 0.
int try_beside(const std::string& target) {
    const Undisturbed undisturbed;
    std::string name;
    const int fd = open_beside(target, name);
    if (fd < 0)
        return errno;
    close(fd);
    unlink(name.c_str());
    return 0;
}

} // namespace

Output::Output(std::string path, int fd) noexcept : path_(std::move(path)), fd_(fd) {}

Output::Output(std::string path, std::string target, mode_t mode) noexcept
    : path_(std::move(path)), target_(std::move(target)), mode_(mode) {}

Output::Output(Output&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      target_(std::move(other.target_)),
      mode_(other.mode_),
      appending_(other.appending_),
      is_told_to_end_(std::move(other.is_told_to_end_)) {}

Output::~Output() {
    if (fd_ > STDERR_FILENO)
        close(fd_);
}

pmc::Expected<Output> Output::open(const std::string& path) {
    if (path.empty())
        return Output(path, STDERR_FILENO);
    if (is_link_of_others(path.c_str()))
        return pmc::Error(pmc::ErrorKind::io, pmc::Stage::document, path + " is a link of another user's",
                          "name the file itself, or remove the link")
            .with_errno(ELOOP);
    struct stat what {};
    const bool exists = stat(path.c_str(), &what) == 0;
    if (exists)
        if (const int stream = standard_stream_at(what); stream >= 0)
            return Output(path, stream);
    const auto open_in_place = [&]() -> pmc::Expected<Output> {
        const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            return output_error(path, errno);
        return Output(path, fd);
    };
    if (exists && !S_ISREG(what.st_mode))
        return open_in_place();
    if (exists && access(path.c_str(), W_OK) != 0)
        return output_error(path, errno);
    // Through a link, the file it points to is the one to replace, or to make.
    std::string target = missing_target_of(path);
    if (target.empty())
        return output_error(path, errno);
    if (char* const resolved = exists ? realpath(path.c_str(), nullptr) : nullptr) {
        target = resolved;
        std::free(resolved);
    }
    if (const int error = try_beside(target); error != 0)
        return exists && (error == EACCES || error == EPERM) ? open_in_place() : output_error(path, error);
    return Output(path, std::move(target), exists ? what.st_mode & 0777 : 0666 & ~current_umask());
}

pmc::Expected<bool> Output::write(std::string_view text) {
    if (fd_ >= 0) {
        if (fd_ > STDERR_FILENO && !empty(fd_))
            return output_error(path_, errno);
        if (const int error = patient_write(fd_, text, is_told_to_end_); error != 0)
            return output_error(path_, error);
        return true;
    }
    const Undisturbed undisturbed;
    std::string beside;
    const int fd = open_beside(target_, beside);
    if (fd < 0)
        return output_error(path_, errno);
    fchmod(fd, mode_);
    int error = patient_write(fd, text, {});
    if (close(fd) != 0 && error == 0)
        error = errno; // a quota, or a disk that is full, of a network file system
    if (error == 0 && rename(beside.c_str(), target_.c_str()) != 0)
        error = errno;
    if (error == 0)
        return true;
    unlink(beside.c_str());
    return output_error(path_, error);
}

pmc::Expected<bool> Output::append(std::string_view text) {
    if (fd_ < 0) {
        fd_ = ::open(target_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode_);
        if (fd_ < 0)
            return output_error(path_, errno);
    }
    if (!appending_ && fd_ > STDERR_FILENO && !empty(fd_))
        return output_error(path_, errno);
    appending_ = true;
    if (const int error = patient_write(fd_, text, is_told_to_end_); error != 0)
        return output_error(path_, error);
    return true;
}

} // namespace cli
