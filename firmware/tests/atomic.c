// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// RV32A: every read-modify-write on corner values, and when SC succeeds.
#include <stdint.h>
#include <stdio.h>

static const uint32_t corners[] = {0,          1,          0x7fffffff, 0x80000000,
                                   0x80000001, 0x12345678, 0xffffffff};
#define COUNT (sizeof corners / sizeof corners[0])

static uint32_t word;
static uint32_t other;

#define AMO(name)                                                               \
  do {                                                                          \
    for (unsigned i = 0; i < COUNT; ++i) {                                      \
      for (unsigned j = 0; j < COUNT; ++j) {                                    \
        uint32_t old;                                                           \
        word = corners[i];                                                      \
        __asm__ volatile(#name " %0, %1, (%2)"                                  \
                         : "=r"(old)                                            \
                         : "r"(corners[j]), "r"(&word)                          \
                         : "memory");                                           \
        if (old != corners[i]) printf("old value %08lx\n", (unsigned long)old); \
        printf(" %08lx", (unsigned long)word);                                  \
      }                                                                         \
    }                                                                           \
    printf(" " #name "\n");                                                     \
  } while (0)

static uint32_t load_reserved(uint32_t *address) {
  uint32_t value;
  __asm__ volatile("lr.w.aq %0, (%1)" : "=r"(value) : "r"(address) : "memory");
  return value;
}

static uint32_t store_conditional(uint32_t *address, uint32_t value) {
  uint32_t failed;
  __asm__ volatile("sc.w.rl %0, %1, (%2)" : "=r"(failed) : "r"(value), "r"(address) : "memory");
  return failed;
}

static void report(const char *what, uint32_t failed) {
  printf("%s: %s, %lu %lu\n", what, failed ? "failed" : "stored", (unsigned long)word,
         (unsigned long)other);
}

int main(void) {
  AMO(amoadd.w);
  AMO(amoswap.w);
  AMO(amoxor.w);
  AMO(amoor.w);
  AMO(amoand.w);
  AMO(amomin.w);
  AMO(amomax.w);
  AMO(amominu.w);
  AMO(amomaxu.w.aqrl);
  word = other = 5;
  report("without reservation", store_conditional(&word, 1));
  load_reserved(&word);
  report("reserved", store_conditional(&word, 2));
  report("a second time", store_conditional(&word, 3));
  load_reserved(&word);
  report("another address", store_conditional(&other, 4));
  report("after that", store_conditional(&word, 5));
  load_reserved(&word);
  *(volatile uint32_t *)&word = 77;
  report("after a store", store_conditional(&word, 6));
  return 0;
}
