#include "kernel/thread_mark.hpp"

#include "kernel/page_size.hpp"

#include <sys/mman.h>

namespace pmc::kernel {

constexpr std::uintptr_t ThreadMark::nobody = UINTPTR_MAX;

ThreadMark::ThreadMark() noexcept : word_(&nobody) {
    void* page = mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return;
    if (madvise(page, page_size(), MADV_WIPEONFORK) != 0) {
        munmap(page, page_size());
        return;
    }
    *static_cast<std::uintptr_t*>(page) = thread_pointer();
    word_ = static_cast<const std::uintptr_t*>(page);
}

ThreadMark::~ThreadMark() {
    if (*this)
        munmap(const_cast<std::uintptr_t*>(word_), page_size());
}

} // namespace pmc::kernel
