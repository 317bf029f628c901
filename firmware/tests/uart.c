// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The 16550 as a driver sees it: reset values, divisor latch, scratch, loop-back, interrupt causes.
#include <stdint.h>
#include <stdio.h>

#include "platform.h"

enum { RBR = 0, IER = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCR = 7 };

static uint8_t get(unsigned reg) { return mmio_read8(UART_BASE + reg); }
static void set(unsigned reg, uint8_t value) { mmio_write8(UART_BASE + reg, value); }

#define SHOW(reg) printf(#reg " %02x\n", get(reg))

static void divisor(void) {
  set(LCR, 0x83);
  set(0, 0x34);
  set(1, 0x12);
  const unsigned low = get(0), high = get(1);
  set(0, 1);
  set(1, 0);
  set(LCR, 0x03);
  printf("divisor %02x%02x, then IER %02x LCR %02x\n", high, low, get(IER), get(LCR));
}

// Everything here is read before anything is printed: printing uses the device.
static void loopback(void) {
  uint8_t seen[12];
  unsigned n = 0;
  set(FCR, 0);
  set(MCR, 0x10);
  set(IER, 0x01);
  seen[n++] = get(IIR);
  set(RBR, 'x');
  seen[n++] = get(LSR) & 0x61;
  seen[n++] = get(IIR);
  seen[n++] = get(RBR);
  seen[n++] = get(LSR) & 0x61;
  seen[n++] = get(IIR);
  set(MCR, 0x1f);
  seen[n++] = get(MSR) & 0xf0;
  set(IER, 0);
  set(MCR, 0x08);
  for (unsigned i = 0; i < n; ++i) printf("%02x ", seen[i]);
  printf("loop-back\n");
}

static void transmit_interrupt(void) {
  set(IER, 0x02);
  const uint8_t first = get(IIR);
  const uint8_t acknowledged = get(IIR);
  set(IER, 0x00);
  set(IER, 0x02);
  const uint8_t again = get(IIR);
  set(IER, 0x00);
  printf("THRE %02x %02x %02x\n", first, acknowledged, again);
}

static void fifo(void) {
  uint8_t seen[24];
  unsigned n = 0;
  set(FCR, 0x47);  // enabled, cleared, trigger at 4
  set(MCR, 0x10);
  set(IER, 0x01);
  for (unsigned i = 0; i < 3; ++i) set(RBR, (uint8_t)('a' + i));
  set(RBR, 'd');
  seen[n++] = get(IIR);
  while ((get(LSR) & 1) != 0 && n < 16) seen[n++] = get(RBR);
  seen[n++] = get(IIR);
  set(IER, 0);
  set(FCR, 0);
  set(MCR, 0x08);
  for (unsigned i = 0; i < n; ++i) printf("%02x ", seen[i]);
  printf("FIFO\n");
}

int main(void) {
  SHOW(IER);
  SHOW(LCR);
  SHOW(LSR);
  SHOW(MCR);
  SHOW(MSR);
  set(SCR, 0xa5);
  SHOW(SCR);
  divisor();
  loopback();
  transmit_interrupt();
  fifo();
  return 0;
}
