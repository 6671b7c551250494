#include "input_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cli {

InputFile::InputFile(const std::string& path)
    : fd_(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)),
      error_(fd_ < 0 ? errno : 0),
      most_(largest) {}

InputFile::InputFile(int folder, const char* name)
    : fd_(openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)),
      error_(fd_ < 0 ? errno : 0),
      most_(largest_of_others) {
    struct stat what {};
    if (fd_ >= 0 && (fstat(fd_, &what) != 0 || !S_ISREG(what.st_mode) || what.st_nlink > 1))
        error_ = EINVAL;
}

InputFile::~InputFile() {
    if (fd_ > STDERR_FILENO)
        close(fd_);
}

int InputFile::read_all(std::string& text) const {
    if (error_ != 0)
        return error_;
    char buffer[1 << 16];
    while (true) {
        const ssize_t got = read(fd_, buffer, sizeof buffer);
        if (got == 0)
            return 0;
        if (text.size() > most_)
            return EFBIG;
        if (got > 0)
            text.append(buffer, static_cast<std::size_t>(got));
        else if (errno != EINTR)
            return errno;
    }
}

} // namespace cli
