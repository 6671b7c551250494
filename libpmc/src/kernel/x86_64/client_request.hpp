#pragma once

#include <array>
#include <cstdint>

namespace pmc::kernel {

/// Instructions that do nothing on a processor, and that valgrind takes for a request of the program it runs.
inline std::uintptr_t client_request(const std::array<std::uintptr_t, 6>& request) noexcept {
    std::uintptr_t answer = 0;
    asm volatile("rolq $3, %%rdi\n\t"
                 "rolq $13, %%rdi\n\t"
                 "rolq $61, %%rdi\n\t"
                 "rolq $51, %%rdi\n\t"
                 "xchgq %%rbx, %%rbx"
                 : "+d"(answer)
                 : "a"(request.data())
                 : "cc", "memory");
    return answer;
}

} // namespace pmc::kernel
