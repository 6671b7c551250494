#pragma once

#include <cstdint>
#include <optional>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

namespace pmc {

struct CpuidLeaf {
    std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

/// The CPUID instruction; empty where there is none, or where this CPU has no such leaf.
inline std::optional<CpuidLeaf> cpuid([[maybe_unused]] std::uint32_t leaf) noexcept {
#if defined(__x86_64__) || defined(__i386__)
    // __get_cpuid knows the ranges at 0 and 0x80000000 only; the hypervisors' range has its own maximum.
    CpuidLeaf found;
    if (leaf >> 28 == 4)
        __cpuid(leaf, found.eax, found.ebx, found.ecx, found.edx);
    else if (__get_cpuid_count(leaf, 0, &found.eax, &found.ebx, &found.ecx, &found.edx) == 0)
        return std::nullopt;
    return found;
#else
    return std::nullopt;
#endif
}

} // namespace pmc
