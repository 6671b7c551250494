#pragma once

#include <type_traits>

namespace pmc {

/// Makes the compiler compute the value, as if somebody looked at it. Costs at most a store.
template <class T>
[[gnu::always_inline]] inline void do_not_optimize(const T& value) noexcept {
    if constexpr (std::is_scalar_v<T>)
        asm volatile("" : : "r,m"(value) : "memory");
    else
        asm volatile("" : : "m"(value) : "memory");
}

/// The same, and makes the compiler believe that the value was changed: what it knew of it is forgotten, so that work
/// on a constant is not done at compile time.
template <class T>
requires(!std::is_const_v<T>) [[gnu::always_inline]] inline void do_not_optimize(T& value) noexcept {
    asm volatile("" : "+m"(value) : : "memory");
}

/// Makes the compiler write all that it has not yet written, and read again all that it will read, as far as other code
/// could have seen or changed it.
[[gnu::always_inline]] inline void clobber_memory() noexcept {
    asm volatile("" : : : "memory");
}

} // namespace pmc
