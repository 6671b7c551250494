#include "file_limit.hpp"

#include <sys/resource.h>

namespace cli {

std::optional<unsigned long> raise_file_limit() noexcept {
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= files.rlim_max)
        return std::nullopt;
    const unsigned long before = files.rlim_cur;
    files.rlim_cur = files.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &files) == 0 ? std::optional(before) : std::nullopt;
}

} // namespace cli
