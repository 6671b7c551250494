#pragma once

#include <array>
#include <cstdint>

namespace pmc::kernel {

/// Instructions that do nothing on a processor, and that valgrind takes for a request of the program it runs.
inline std::uintptr_t client_request(const std::array<std::uintptr_t, 6>& request) noexcept {
    register std::uintptr_t answer asm("x3") = 0;
    register const std::uintptr_t* words asm("x4") = request.data();
    asm volatile("ror x12, x12, #3\n\t"
                 "ror x12, x12, #13\n\t"
                 "ror x12, x12, #51\n\t"
                 "ror x12, x12, #61\n\t"
                 "orr x10, x10, x10"
                 : "+r"(answer)
                 : "r"(words)
                 : "cc", "memory");
    return answer;
}

} // namespace pmc::kernel
