#pragma once

/// What a program may ask valgrind for, if that runs it. One file per architecture has the instructions.
#if defined(__x86_64__) && defined(__LP64__)
#include "kernel/x86_64/client_request.hpp"
#elif defined(__aarch64__) && defined(__AARCH64EL__) && defined(__LP64__)
#include "kernel/aarch64/client_request.hpp"
#else
#include "kernel/none/client_request.hpp"
#endif

#include <cstdint>

namespace pmc::kernel {

/// RUNNING_ON_VALGRIND.
inline bool under_valgrind() noexcept {
    return client_request({0x1001}) != 0;
}

/// CALLGRIND_TOGGLE_COLLECT: whether what this thread does is counted. Its caches are simulated either way.
inline void toggle_collect() noexcept {
    constexpr std::uintptr_t callgrind = std::uintptr_t{'C'} << 24 | std::uintptr_t{'T'} << 16;
    client_request({callgrind + 2});
}

/// While it lives, nothing that this thread does is in callgrind's counts: what libpmc does for itself. One may be made
/// within another.
class Uncounted {
public:
    Uncounted() noexcept {
        if (depth_++ == 0)
            toggle_collect();
    }
    Uncounted(const Uncounted&) = delete;
    Uncounted& operator=(const Uncounted&) = delete;
    ~Uncounted() {
        if (--depth_ == 0)
            toggle_collect();
    }

private:
    [[gnu::tls_model("initial-exec")]] static inline constinit thread_local unsigned depth_ = 0;
};

/// VALGRIND_MONITOR_COMMAND: what `vgdb` would ask for. The answer goes into valgrind's log where no gdb is connected.
inline void monitor_command(const char* command) noexcept {
    client_request({0x1202, reinterpret_cast<std::uintptr_t>(command)});
}

} // namespace pmc::kernel
