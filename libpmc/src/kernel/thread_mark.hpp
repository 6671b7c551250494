#pragma once

#include "kernel/counter_register.hpp"

#include <cstdint>

namespace pmc::kernel {

/// Remembers the thread that made it, so that others can be told from it at the cost of a load and a comparison. A
/// fork's child has a thread of the same address, but its mark is wiped: it lies in a page that the kernel clears in
/// children, whichever way they were made (MADV_WIPEONFORK, 4.14).
class ThreadMark {
public:
    ThreadMark() noexcept;
    ThreadMark(const ThreadMark&) = delete;
    ThreadMark& operator=(const ThreadMark&) = delete;
    ~ThreadMark();

    /// Whether it could be made. If not, it is nobody's, and never wiped.
    explicit operator bool() const noexcept { return word_ != &nobody; }
    [[nodiscard]] bool is_mine() const noexcept { return *word_ == thread_pointer(); }
    /// This is a child of the process that made it.
    [[nodiscard]] bool is_wiped() const noexcept { return *word_ == 0; }

private:
    static const std::uintptr_t nobody;
    const std::uintptr_t* word_;
};

} // namespace pmc::kernel
