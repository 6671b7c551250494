#include "kernel/callgrind.hpp"

#include "kernel/client_request.hpp"

#include <array>
#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pmc::kernel {
namespace {

std::optional<Callgrind> read_setting() {
    const char* const text = secure_getenv("PMC_MODEL");
    if (text == nullptr || !under_valgrind())
        return std::nullopt;
    const std::string_view setting{text};
    const std::size_t end = setting.find(';');
    if (end == 0 || end == std::string_view::npos || setting.substr(end + 1).empty())
        return std::nullopt;
    return Callgrind{std::string{setting.substr(0, end)}, std::string{setting.substr(end + 1)}};
}

/// A log by plain system calls: the C library's functions are cancellation points. It is opened anew for each reading,
/// as a program may close whatever descriptors it does not know.
class Log {
public:
    explicit Log(const char* path) noexcept
        : fd_(static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW))) {}
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    ~Log() {
        if (fd_ >= 0)
            syscall(SYS_close, fd_);
    }
    explicit operator bool() const noexcept { return fd_ >= 0; }

    [[nodiscard]] off_t size() const noexcept {
        struct stat status {};
        return fstat(fd_, &status) == 0 ? status.st_size : -1;
    }
    /// False: there was nothing, or the reader has all it wants.
    bool read_to(StatusReader& reader, off_t& at) const noexcept {
        std::array<char, 1024> piece; // small, for the sake of the program's data in the simulated cache
        const long got = syscall(SYS_pread64, fd_, piece.data(), piece.size(), at);
        if (got <= 0)
            return false;
        at += got;
        return reader.take({piece.data(), static_cast<std::size_t>(got)});
    }
    /// Gives back the room of answers that were read: there may be a million. Offsets stay what they are. The last
    /// MiB are left to other threads, which may be reading there: an answer to one of many threads has 100 KB. Where
    /// the file system can't do that, the log grows.
    void forget(off_t from, off_t to) const noexcept {
        constexpr off_t step = off_t{1} << 20;
        constexpr off_t often_enough = off_t{64} << 10;
        constexpr off_t left = 8 * step;
        const off_t end = to / step * step - left;
        if (to % step < often_enough && end > from)
            syscall(SYS_fallocate, fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, end - from);
    }

private:
    int fd_;
};

/// Where this program's first answer begins; -1: it has not asked yet. What valgrind said before that is kept.
constinit std::atomic<off_t> first_answer{-1};

off_t begin_of_answers(off_t asked_at) noexcept {
    off_t known = -1;
    return first_answer.compare_exchange_strong(known, asked_at) ? asked_at : known;
}

} // namespace

const Callgrind* callgrind() {
    // Never destroyed: what reports at exit may still ask for it.
    static const auto& setting = *new std::optional<Callgrind>(read_setting());
    return setting ? &*setting : nullptr;
}

bool read_callgrind_status(const char* path, StatusReader& reader) noexcept {
    const Log log(path);
    if (!log)
        return false;
    // Between these two there is no system call: another thread that takes its turn there may write many answers, which
    // would all have to be read.
    const off_t asked_at = log.size();
    monitor_command("status internal"); // as callgrind_control does
    if (asked_at < 0)
        return false;
    off_t at = asked_at;
    while (log.read_to(reader, at)) {
    }
    log.forget(begin_of_answers(asked_at), at);
    return true;
}

} // namespace pmc::kernel
