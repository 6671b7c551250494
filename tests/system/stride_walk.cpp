// usage: stride_walk MIB PASSES
// Reads one byte of each 64-byte line of so much memory, from its beginning to its end, so many times.

#include <cstddef>
#include <cstdlib>
#include <sys/mman.h>

int main(int argc, char** argv) {
    if (argc != 3)
        return 2;
    const std::size_t size = std::strtoul(argv[1], nullptr, 10) << 20;
    void* const memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return 1;
    int sum = 0; // as all of the memory is; valgrind leaves out loads of what nobody uses
    const volatile char* const bytes = static_cast<const char*>(memory);
    for (long passes = std::strtol(argv[2], nullptr, 10); passes > 0; --passes) {
        for (std::size_t at = 0; at < size; at += 64)
            sum += bytes[at];
    }
    return sum;
}
