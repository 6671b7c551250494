// Executes an instruction that no valgrind knows so far. For no processor: it need not know it either.

int main() {
#if defined(__x86_64__)
    __asm__ volatile(".byte 0x62, 0xf1, 0x7c, 0x48, 0x58, 0xc0"); // AVX-512: vaddps zmm0, zmm0, zmm0
#elif defined(__aarch64__)
    __asm__ volatile(".inst 0x04800000"); // SVE: add z0.s, p0/m, z0.s, z0.s
#endif
}
