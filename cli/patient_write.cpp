#include "patient_write.hpp"

#include "pulse.hpp"
#include "waiter.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <poll.h>
#include <unistd.h>

namespace cli {

int patient_write(int fd, std::string_view text, const std::function<bool()>& is_told_to_end) {
    constexpr std::int64_t patience_ns = 1'000'000'000;
    std::optional<Pulse> pulse;
    if (is_told_to_end)
        pulse.emplace();
    std::optional<std::int64_t> end_ns;
    while (!text.empty()) {
        const ssize_t written = write(fd, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) { // somebody made the terminal or pipe that we share non-blocking
            pollfd writable{fd, POLLOUT, 0};
            poll(&writable, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
        if (!is_told_to_end || text.empty())
            continue;
        const bool is_told_first = is_told_to_end() && !end_ns;
        if (is_told_first || (end_ns && written > 0))
            end_ns = now_ns() + patience_ns;
        if (end_ns && now_ns() >= *end_ns)
            return ECANCELED;
    }
    return 0;
}

} // namespace cli
