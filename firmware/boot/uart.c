// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "uart.h"

#include <stdio.h>

#include "platform.h"

#define UART_DATA (UART_BASE + 0u)
#define UART_LSR (UART_BASE + 5u)

#define LSR_DATA_READY 0x01u
#define LSR_THR_EMPTY 0x20u

void uart_putc(char c) {
  while ((mmio_read8(UART_LSR) & LSR_THR_EMPTY) == 0) {
  }
  mmio_write8(UART_DATA, (uint8_t)c);
}

void uart_puts(const char *text) {
  while (*text != '\0') uart_putc(*text++);
}

void uart_put_hex(uint32_t value) {
  for (int shift = 28; shift >= 0; shift -= 4) uart_putc("0123456789abcdef"[(value >> shift) & 15]);
}

int uart_try_getc(void) {
  return (mmio_read8(UART_LSR) & LSR_DATA_READY) != 0 ? mmio_read8(UART_DATA) : -1;
}

static int stdio_put(char c, FILE *file) {
  (void)file;
  uart_putc(c);
  return (unsigned char)c;
}

static int stdio_get(FILE *file) {
  (void)file;
  int c;
  while ((c = uart_try_getc()) < 0) {
  }
  return c;
}

static FILE console = FDEV_SETUP_STREAM(stdio_put, stdio_get, NULL, _FDEV_SETUP_RW);
FILE *const stdin = &console;
FILE *const stdout = &console;
FILE *const stderr = &console;
