#include "region/standard_streams.hpp"

#include <array>
#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

namespace pmc {
namespace {

/// Where a descriptor leads to.
struct End {
    bool is_open = false;
    dev_t device = 0;
    ino_t inode = 0;

    bool operator==(const End&) const = default;
};

End end_of(int fd) noexcept {
    struct stat file {};
    return fstat(fd, &file) == 0 ? End{true, file.st_dev, file.st_ino} : End{};
}

struct Ends {
    bool are_known = false;
    std::array<End, STDERR_FILENO + 1> of;
};

constinit Ends at_start;

/// Before the program's own code, which may close or open files. Who asks for no report pays for no system call.
[[gnu::constructor(101)]] void remember_at_start() noexcept {
    if (std::getenv("PMC_REPORT") != nullptr)
        remember_standard_streams();
}

} // namespace

void remember_standard_streams() noexcept {
    if (at_start.are_known)
        return;
    at_start.are_known = true;
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO})
        at_start.of[static_cast<std::size_t>(fd)] = end_of(fd);
}

bool is_standard_stream(int fd) noexcept {
    const End now = end_of(fd);
    return now.is_open && now == at_start.of[static_cast<std::size_t>(fd)];
}

int stream_at(const char* path) noexcept {
    struct stat file {};
    if (stat(path, &file) != 0)
        return -1;
    const End there{true, file.st_dev, file.st_ino};
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO})
        if (end_of(fd) == there)
            return fd;
    return -1;
}

} // namespace pmc
