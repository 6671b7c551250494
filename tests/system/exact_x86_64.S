// Executes exactly INSTRUCTIONS instructions in user mode, the last of them the syscall of exit_group(0).
// Start-up is 1, the loop 2 a round, the end 3; the kernel's own count may differ by an interrupt or two on real processors.
#define ROUNDS ((INSTRUCTIONS - 4) >> 1)
    .text
    .global _start
_start:
    movl $(ROUNDS), %ecx
#if INSTRUCTIONS % 2
    nop
#endif
1:  decl %ecx
    jnz 1b
    xorl %edi, %edi
    movl $231, %eax
    syscall
    .section .note.GNU-stack,"",@progbits
