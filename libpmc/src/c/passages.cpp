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

constinit thread_local Passages Passages::own_{};

void Passages::release() noexcept {
    std::free(open_);
    *this = Passages{};
    is_over_ = true; // some other thread_local's destructor may still pass through a region
}

bool Passages::grow() noexcept {
    if (is_over_)
        return false;
    static_assert(std::is_trivially_copyable_v<Passage> && std::is_trivially_destructible_v<Passages>);
    struct AtThreadEnd {
        ~AtThreadEnd() { own_.release(); }
        void touch() const noexcept {}
    };
    static thread_local const AtThreadEnd at_thread_end{};
    at_thread_end.touch();
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

const pmc_region* Passages::end_with_all_within(const pmc_region& region) noexcept {
    std::size_t at = size_;
    while (at > 0 && open_[at - 1].region != &region)
        --at;
    if (at == 0)
        return nullptr;
    const pmc_region* const within = open_[at].region;
    // The outer one first: those within it then end too late, and are dropped.
    const std::size_t count = size_;
    size_ = at - 1;
    for (std::size_t i = at - 1; i < count; ++i)
        end(open_[i]);
    return within;
}

} // namespace pmc::c
