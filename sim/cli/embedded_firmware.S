/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors */
    .section .rodata
    .global systole_firmware_begin
    .global systole_firmware_end
systole_firmware_begin:
    .incbin SYSTOLE_FIRMWARE_ELF
systole_firmware_end:
    .section .note.GNU-stack, "", @progbits
