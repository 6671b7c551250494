// Executes exactly INSTRUCTIONS instructions in user mode, the last of them the svc of exit_group(0).
// Start-up is 3 (the loop's count, which takes two moves, and a nop or not), the loop 2 a round, the end 3.
#define ROUNDS ((INSTRUCTIONS - 6) / 2)
    .text
    .global _start
_start:
    movz x1, #(ROUNDS & 0xffff)
    movk x1, #(ROUNDS >> 16), lsl #16
    nop
#if INSTRUCTIONS % 2
    nop
#endif
1:  subs x1, x1, #1
    b.ne 1b
    mov x0, #0
    mov x8, #94
    svc #0
