// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "plic.h"

#include <stddef.h>

#include "platform.h"

#define PLIC_PRIORITY(source) (PLIC_BASE + 4u * (source))
#define PLIC_ENABLE(source) (PLIC_BASE + 0x2000u + 4u * ((source) / 32u))
#define PLIC_THRESHOLD (PLIC_BASE + 0x200000u)
#define PLIC_CLAIM (PLIC_BASE + 0x200004u)

static struct {
  plic_handler_t handler;
  void *context;
} sources[PLIC_SOURCES];

void plic_set_priority(uint32_t source, uint32_t priority) {
  mmio_write32(PLIC_PRIORITY(source), priority);
}

void plic_set_threshold(uint32_t threshold) { mmio_write32(PLIC_THRESHOLD, threshold); }

void plic_enable(uint32_t source) {
  const uintptr_t word = PLIC_ENABLE(source);
  mmio_write32(word, mmio_read32(word) | 1u << (source % 32u));
}

void plic_disable(uint32_t source) {
  const uintptr_t word = PLIC_ENABLE(source);
  mmio_write32(word, mmio_read32(word) & ~(1u << (source % 32u)));
}

uint32_t plic_claim(void) { return mmio_read32(PLIC_CLAIM); }
void plic_complete(uint32_t source) { mmio_write32(PLIC_CLAIM, source); }

void plic_attach(uint32_t source, plic_handler_t handler, void *context) {
  if (source == 0 || source >= PLIC_SOURCES) return;
  sources[source].handler = handler;
  sources[source].context = context;
  plic_set_priority(source, 1);
  plic_set_threshold(0);
  plic_enable(source);
  csr_set(mie, MIE_MEIE);
}

void plic_detach(uint32_t source) {
  if (source == 0 || source >= PLIC_SOURCES) return;
  plic_disable(source);
  sources[source].handler = NULL;
}

void plic_dispatch(void) {
  uint32_t source;
  while ((source = plic_claim()) != 0) {
    if (source < PLIC_SOURCES && sources[source].handler != NULL) {
      sources[source].handler(sources[source].context);
    } else {
      plic_disable(source);  // nobody would ever lower its line
    }
    plic_complete(source);
  }
}
