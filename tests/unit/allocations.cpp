#include "allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

thread_local std::size_t count = 0;
thread_local std::size_t left = no_limit;
thread_local bool is_short = false;

void* allocate(std::size_t size, std::size_t alignment) {
    ++count;
    if (left == 0) {
        is_short = true;
        throw std::bad_alloc{};
    }
    if (left != no_limit)
        --left;
    void* memory = nullptr;
    if (posix_memalign(&memory, alignment, size) != 0)
        throw std::bad_alloc{};
    return memory;
}

} // namespace

std::size_t allocations() noexcept {
    return count;
}

ShortMemory::ShortMemory(std::size_t allocations) noexcept {
    is_short = false;
    left = allocations;
}

ShortMemory::~ShortMemory() {
    left = no_limit;
}

bool ShortMemory::was_short() noexcept {
    return is_short;
}

void* operator new(std::size_t size) {
    return allocate(size, alignof(std::max_align_t));
}

void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    try {
        return operator new(size);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}
