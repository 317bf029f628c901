# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
#
# From reset to main(), and from a trap to trap_dispatch() and back.

    .section .text.init.enter, "ax"
    .globl _start
_start:
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    csrw    mie, zero
    csrci   mstatus, 8
    la      t0, trap_entry
    csrw    mtvec, t0
    la      sp, __stack
    la      tp, __tls_base
    la      t0, __bss_start
    la      t1, __bss_end
1:  bgeu    t0, t1, 2f
    sw      zero, 0(t0)
    addi    t0, t0, 4
    j       1b
2:  call    __libc_init_array
    li      a0, 0
    li      a1, 0
    call    main
    call    exit
3:  wfi
    j       3b

# The frame is trap_frame_t of trap.h: pc, then x1 to x31.
    .equ FRAME_BYTES, 128
    .text
    .balign 4
    .globl trap_entry
trap_entry:
    addi    sp, sp, -FRAME_BYTES
    sw      x1, 4(sp)
    .irp    n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sw      x\n, 4*\n(sp)
    .endr
    addi    t0, sp, FRAME_BYTES
    sw      t0, 8(sp)
    csrr    t0, mepc
    sw      t0, 0(sp)
    csrr    a0, mcause
    mv      a1, sp
    call    trap_dispatch
    lw      t0, 0(sp)
    csrw    mepc, t0
    lw      x1, 4(sp)
    .irp    n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    lw      x\n, 4*\n(sp)
    .endr
    addi    sp, sp, FRAME_BYTES
    mret
