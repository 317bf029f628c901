// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Every instruction of RV32I and M between registers and with immediates, on corner values: one
// line per instruction with a hash of all results, and the results themselves for the first ones.
#include <stdint.h>
#include <stdio.h>

static const uint32_t corners[] = {
    0,          1,          2,          3,          31,         32,         0x7f,
    0x80,       0xff,       0x7fff,     0x8000,     0xffff,     0x12345678, 0x7ffffffe,
    0x7fffffff, 0x80000000, 0x80000001, 0x87654321, 0xffff8000, 0xfffffffe, 0xffffffff,
};
#define COUNT (sizeof corners / sizeof corners[0])

static uint32_t mix(uint32_t hash, uint32_t value) { return (hash ^ value) * 16777619u + 1u; }

#define REGISTER_OP(name)                                                                   \
  do {                                                                                      \
    uint32_t hash = 2166136261u;                                                            \
    for (unsigned i = 0; i < COUNT; ++i) {                                                  \
      for (unsigned j = 0; j < COUNT; ++j) {                                                \
        uint32_t r;                                                                         \
        __asm__ volatile(#name " %0, %1, %2" : "=r"(r) : "r"(corners[i]), "r"(corners[j])); \
        hash = mix(hash, r);                                                                \
        if (i >= 14 && j >= 19) printf(" %08lx", (unsigned long)r);                         \
      }                                                                                     \
    }                                                                                       \
    printf(" " #name " %08lx\n", (unsigned long)hash);                                      \
  } while (0)

#define ONE_IMMEDIATE(name, imm)                                                 \
  for (unsigned i = 0; i < COUNT; ++i) {                                         \
    uint32_t r;                                                                  \
    __asm__ volatile(#name " %0, %1, %2" : "=r"(r) : "r"(corners[i]), "i"(imm)); \
    hash = mix(hash, r);                                                         \
  }

#define IMMEDIATE_OP(name)                         \
  do {                                             \
    uint32_t hash = 2166136261u;                   \
    ONE_IMMEDIATE(name, 0)                         \
    ONE_IMMEDIATE(name, 1)                         \
    ONE_IMMEDIATE(name, -1)                        \
    ONE_IMMEDIATE(name, 0x555)                     \
    ONE_IMMEDIATE(name, 2047)                      \
    ONE_IMMEDIATE(name, -2048)                     \
    printf(#name " %08lx\n", (unsigned long)hash); \
  } while (0)

#define SHIFT_OP(name)                             \
  do {                                             \
    uint32_t hash = 2166136261u;                   \
    ONE_IMMEDIATE(name, 0)                         \
    ONE_IMMEDIATE(name, 1)                         \
    ONE_IMMEDIATE(name, 15)                        \
    ONE_IMMEDIATE(name, 31)                        \
    printf(#name " %08lx\n", (unsigned long)hash); \
  } while (0)

#define BRANCH_OP(name)                                                 \
  do {                                                                  \
    uint32_t hash = 2166136261u;                                        \
    for (unsigned i = 0; i < COUNT; ++i) {                              \
      for (unsigned j = 0; j < COUNT; ++j) {                            \
        uint32_t r;                                                     \
        __asm__ volatile("li %0, 1\n" #name " %1, %2, 1f\nli %0, 0\n1:" \
                         : "=&r"(r)                                     \
                         : "r"(corners[i]), "r"(corners[j]));           \
        hash = mix(hash, r);                                            \
      }                                                                 \
    }                                                                   \
    printf(#name " %08lx\n", (unsigned long)hash);                      \
  } while (0)

static uint32_t memory[8];

#define LOAD_OP(name, step)                                                          \
  do {                                                                               \
    for (unsigned i = 0; i < 8; i += step) {                                         \
      uint32_t r;                                                                    \
      __asm__ volatile(#name " %0, -4(%1)" : "=r"(r) : "r"((char *)memory + 4 + i)); \
      printf(" %08lx", (unsigned long)r);                                            \
    }                                                                                \
    printf(" " #name "\n");                                                          \
  } while (0)

#define STORE_OP(name, step)                                                             \
  do {                                                                                   \
    for (unsigned i = 0; i < 8; i += step) {                                             \
      memory[2] = memory[3] = 0x99999999;                                                \
      __asm__ volatile(#name " %0, 4(%1)" ::"r"(0x1234a6b8), "r"((char *)memory + 4 + i) \
                       : "memory");                                                      \
      printf(" %08lx%08lx", (unsigned long)memory[3], (unsigned long)memory[2]);         \
    }                                                                                    \
    printf(" " #name "\n");                                                              \
  } while (0)

static void arithmetic(void) {
  REGISTER_OP(add);
  REGISTER_OP(sub);
  REGISTER_OP(sll);
  REGISTER_OP(slt);
  REGISTER_OP(sltu);
  REGISTER_OP(xor);
  REGISTER_OP(srl);
  REGISTER_OP(sra);
  REGISTER_OP(or);
  REGISTER_OP(and);
  REGISTER_OP(mul);
  REGISTER_OP(mulh);
  REGISTER_OP(mulhsu);
  REGISTER_OP(mulhu);
  REGISTER_OP(div);
  REGISTER_OP(divu);
  REGISTER_OP(rem);
  REGISTER_OP(remu);
}

static void immediates(void) {
  IMMEDIATE_OP(addi);
  IMMEDIATE_OP(slti);
  IMMEDIATE_OP(sltiu);
  IMMEDIATE_OP(xori);
  IMMEDIATE_OP(ori);
  IMMEDIATE_OP(andi);
  SHIFT_OP(slli);
  SHIFT_OP(srli);
  SHIFT_OP(srai);
}

static void control(void) {
  BRANCH_OP(beq);
  BRANCH_OP(bne);
  BRANCH_OP(blt);
  BRANCH_OP(bge);
  BRANCH_OP(bltu);
  BRANCH_OP(bgeu);
  uint32_t link, here, offset;
  __asm__ volatile("auipc %0, 0\n.option push\n.option norvc\njal %1, 1f\nnop\n1: .option pop"
                   : "=&r"(here), "=&r"(link));
  printf("jal links %lu", (unsigned long)(link - here));
  // The target's lowest bit is dropped; rd and rs1 may be the same register.
  __asm__ volatile("la %0, 1f\nmv %1, %0\nori %0, %0, 1\njalr %0, 0(%0)\n.word 0\n1: sub %0, %1, %0"
                   : "=&r"(offset), "=&r"(here));
  printf(", jalr %lu\n", (unsigned long)offset);
  uint32_t zero;
  __asm__ volatile("li t0, 5\nadd zero, t0, t0\nlui zero, 7\nmv %0, zero" : "=r"(zero)::"t0");
  printf("x0 %lu\n", (unsigned long)zero);
}

static void loads_and_stores(void) {
  memory[0] = 0x80ff7f01;
  memory[1] = 0xfedcba98;
  LOAD_OP(lb, 1);
  LOAD_OP(lbu, 1);
  LOAD_OP(lh, 2);
  LOAD_OP(lhu, 2);
  LOAD_OP(lw, 4);
  STORE_OP(sb, 1);
  STORE_OP(sh, 2);
  STORE_OP(sw, 4);
}

int main(void) {
  arithmetic();
  immediates();
  control();
  loads_and_stores();
  return 0;
}
