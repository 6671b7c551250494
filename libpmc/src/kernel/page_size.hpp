#pragma once

#include <cstddef>
#include <unistd.h>

namespace pmc::kernel {

/// 4 KiB on x86; 4, 16 or 64 on arm64.
inline std::size_t page_size() noexcept {
    return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

} // namespace pmc::kernel
