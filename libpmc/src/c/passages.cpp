#include "c/passages.hpp"

#include <algorithm>
#include <cstdlib>
#include <type_traits>

namespace pmc::c {
namespace {

/// A program that begins regions and never ends them may take so much of each thread, and no more.
constexpr std::size_t most = 1U << 16;
constexpr std::size_t first_capacity = 64;

} // namespace

Passages::~Passages() {
    std::free(open_);
    open_ = nullptr;
    size_ = capacity_ = 0; // a region that another thread_local's destructor passes through
}

bool Passages::grow() noexcept {
    static_assert(std::is_trivially_copyable_v<Passage>);
    if (capacity_ >= most)
        return false;
    const std::size_t capacity = std::max(2 * capacity_, first_capacity);
    void* const memory = std::realloc(static_cast<void*>(open_), capacity * sizeof(Passage));
    if (memory == nullptr)
        return false;
    open_ = static_cast<Passage*>(memory);
    capacity_ = capacity;
    return true;
}

bool Passages::hold(const pmc_region& region) const noexcept {
    return std::any_of(open_, open_ + size_, [&](const Passage& open) { return open.region == &region; });
}

} // namespace pmc::c
