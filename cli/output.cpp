#include "output.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace cli {
namespace {

pmc::Error output_error(const std::string& path, int error) {
    return pmc::Error(pmc::ErrorKind::io, pmc::Stage::document,
                      "cannot write " + (path.empty() ? "the report to stderr" : path) + ": " + std::strerror(error),
                      path.empty() ? "use -o FILE" : "give -o a path that you may write to")
        .with_errno(error);
}

mode_t current_umask() noexcept {
    const mode_t mask = umask(0);
    umask(mask);
    return mask;
}

} // namespace

Output::Output(int fd, std::string path, std::string temporary) noexcept
    : fd_(fd), path_(std::move(path)), temporary_(std::move(temporary)) {}

Output::Output(Output&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, std::string())) {}

Output::~Output() {
    if (!temporary_.empty())
        unlink(temporary_.c_str());
    if (fd_ >= 0 && fd_ != STDERR_FILENO)
        close(fd_);
}

pmc::Expected<Output> Output::open(const std::string& path) {
    if (path.empty())
        return Output(STDERR_FILENO, path, {});
    struct stat what {};
    const bool exists = stat(path.c_str(), &what) == 0;
    if (exists && !S_ISREG(what.st_mode)) {
        const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            return output_error(path, errno);
        return Output(fd, path, {});
    }
    if (exists && access(path.c_str(), W_OK) != 0)
        return output_error(path, errno);
    // Through a link, the file it points to is the one to replace.
    std::string target = path;
    if (char* const resolved = exists ? realpath(path.c_str(), nullptr) : nullptr) {
        target = resolved;
        free(resolved);
    }
    std::string temporary = target + ".XXXXXX";
    const int fd = mkostemp(temporary.data(), O_CLOEXEC);
    if (fd < 0)
        return output_error(path, errno);
    fchmod(fd, exists ? what.st_mode & 07777 : 0666 & ~current_umask());
    return Output(fd, target, std::move(temporary));
}

pmc::Expected<bool> Output::write(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd_, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return output_error(path_, errno);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (temporary_.empty())
        return true;
    if (rename(temporary_.c_str(), path_.c_str()) != 0)
        return output_error(path_, errno);
    temporary_.clear();
    return true;
}

} // namespace cli
