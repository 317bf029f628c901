// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The console: polled output and input on the 16550. stdin, stdout and stderr of the C library
// go through it.
#ifndef SYSTOLE_FIRMWARE_BOOT_UART_H
#define SYSTOLE_FIRMWARE_BOOT_UART_H

#include <stdint.h>

void uart_putc(char c);
void uart_puts(const char *text);
// Eight digits.
void uart_put_hex(uint32_t value);
// The next byte, or -1 when none has arrived.
int uart_try_getc(void);

#endif
