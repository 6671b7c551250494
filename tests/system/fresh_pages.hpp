#pragma once

#include <cstddef>
#include <sys/mman.h>
#include <unistd.h>

/// Touches so many pages that nobody had before: as many page faults.
inline void touch_fresh_pages(std::size_t count) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* const memory = mmap(nullptr, count * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(memory, count * page, MADV_NOHUGEPAGE); // or one fault would bring many pages
    for (std::size_t i = 0; i < count; ++i)
        static_cast<volatile char*>(memory)[i * page] = 1;
    munmap(memory, count * page);
}
