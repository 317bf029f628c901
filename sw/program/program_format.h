/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The program image: what the compiler writes and the firmware runs. Plain C, shared by both.
 * All numbers are little-endian; all offsets are from the start of the image and multiples of 4.
 * Addresses inside the command list are relative to the NPU's region bases, so an image can be
 * placed anywhere (64-byte aligned). README.md explains each part.
 */
#ifndef SYSTOLE_PROGRAM_FORMAT_H
#define SYSTOLE_PROGRAM_FORMAT_H

#include <stdint.h>

#define SYSTOLE_PROGRAM_MAGIC 0x50535953u /* "SYSP" */
#define SYSTOLE_PROGRAM_VERSION 2u
#define SYSTOLE_PROGRAM_ALIGN 64u

/* Regions of the NPU's BASE registers. */
#define SYSTOLE_REGION_ABSOLUTE 0u
#define SYSTOLE_REGION_CONSTANTS 1u /* constants part of the image, read only */
#define SYSTOLE_REGION_ARENA 2u     /* activations between layers */
#define SYSTOLE_REGION_INPUT 3u     /* network inputs of one inference */
#define SYSTOLE_REGION_OUTPUT 4u    /* network outputs of one inference */
/* No BASE: of tensors that stay in the scratchpad between NPU layers and never are in DRAM. */
#define SYSTOLE_REGION_SCRATCHPAD 5u

#define SYSTOLE_DTYPE_UINT8 0u
#define SYSTOLE_DTYPE_INT8 1u

/* Who computes a layer. */
#define SYSTOLE_LAYER_NPU 0u      /* commands */
#define SYSTOLE_LAYER_FIRMWARE 1u /* a kernel on the RISC-V core (sw/program/kernel_params.h) */

typedef struct {
  uint32_t magic;
  uint32_t version;
  uint32_t total_bytes;  /* of the image, a multiple of SYSTOLE_PROGRAM_ALIGN */
  uint32_t crc32;        /* of the whole image with this field 0 (the CRC of zlib and Ethernet) */
  uint32_t header_crc32; /* of [0, commands_offset) with this field and crc32 0 */

  /* The machine it was compiled for; the firmware refuses another. */
  uint32_t array_rows;
  uint32_t array_cols;
  uint32_t acc_rows;
  uint32_t spad_bytes;
  uint32_t spad_banks;

  uint32_t tensors_offset; /* systole_program_tensor_t[tensor_count] */
  uint32_t tensor_count;
  uint32_t layers_offset; /* systole_program_layer_t[layer_count] */
  uint32_t layer_count;
  uint32_t strings_offset; /* zero-terminated UTF-8 */
  uint32_t strings_bytes;

  uint32_t commands_offset; /* command lists (hw/npu/README.md), one per segment */
  uint32_t commands_bytes;
  uint32_t constants_offset; /* region CONSTANTS: weights and parameters */
  uint32_t constants_bytes;

  uint32_t arena_bytes;   /* of region ARENA */
  uint32_t input_bytes;   /* of region INPUT, all inputs of one inference */
  uint32_t output_bytes;  /* of region OUTPUT */
  uint32_t model_name;    /* offset into the strings */
  uint32_t backend_name;  /* offset into the strings */
  uint32_t inputs_offset; /* uint32_t[inputs_count]: tensor indices that the layers share */
  uint32_t inputs_count;
  uint32_t reserved[5];     /* 0 */
} systole_program_header_t; /* 128 bytes */

/* A tensor in DRAM (NHWC, dense): an activation or, in region CONSTANTS, an operand that no layer
 * writes. */
typedef struct {
  uint32_t name; /* offset into the strings */
  uint32_t region;
  uint32_t offset; /* within the region */
  uint32_t bytes;
  uint32_t dtype;
  uint32_t dims[4]; /* N, H, W, C; a 2-D tensor is N, 1, 1, C */
  uint32_t scale;   /* binary32 bits */
  int32_t zero_point;
  uint32_t row_bytes;       /* SCRATCHPAD: from one image row to the next; else 0 */
} systole_program_tensor_t; /* 48 bytes */

/* One layer; TAG and MARK of its commands are its index. Layers that cost nothing (reshape) have
 * none. A maximal run of NPU layers is a segment: their commands and one END behind them, a command
 * list of its own. The segments fill the commands in order. */
typedef struct {
  uint32_t name; /* offset into the strings */
  uint32_t op;   /* offset into the strings: "conv2d", "fully_connected", "max_pool" */
  uint32_t macs_lo;
  uint32_t macs_hi;
  uint32_t kind;          /* SYSTOLE_LAYER_... */
  uint32_t output_tensor; /* index */
  uint32_t inputs;        /* index of the first in the table of inputs */
  uint32_t input_count;
  uint32_t commands_offset; /* NPU: of the layer's first command, from the start of the commands */
  uint32_t commands_bytes;
  uint32_t kernel;         /* firmware: SYSTOLE_KERNEL_... */
  uint32_t params_offset;  /* firmware: the kernel's parameters, in region CONSTANTS */
  uint32_t params_bytes;   /* a multiple of 4 */
  uint32_t reserved[3];    /* 0; what belongs to the other kind is 0 too */
} systole_program_layer_t; /* 64 bytes */

/*
 * The run request: what the host leaves in DRAM for the inference application, at a fixed address.
 */
#define SYSTOLE_RUN_REQUEST_ADDR 0x81000000u
#define SYSTOLE_RUN_REQUEST_MAGIC 0x52535953u /* "SYSR" */
#define SYSTOLE_RUN_REQUEST_VERSION 1u

typedef struct {
  uint32_t magic;
  uint32_t version;
  uint32_t image_addr;
  uint32_t image_bytes;
  uint32_t arena_addr;
  uint32_t inputs_addr; /* inference i reads its inputs at inputs_addr + i * input_stride */
  uint32_t input_stride;
  uint32_t outputs_addr;
  uint32_t output_stride;
  uint32_t results_addr; /* systole_run_result_t[count], written by the application */
  uint32_t perf_addr;    /* MARK records of inference i at perf_addr + i * perf_stride */
  uint32_t perf_stride;  /* 0: every inference overwrites the records of the one before */
  uint32_t count;        /* inferences */
  uint32_t flags;    /* bit 0: print a line per inference; bit 1: print the counters per layer */
  uint32_t watchdog; /* NPU cycles for the WATCHDOG register */
  uint32_t reserved; /* 0 */
} systole_run_request_t;

#define SYSTOLE_RUN_FLAG_PRINT_RESULTS 1u
#define SYSTOLE_RUN_FLAG_PRINT_COUNTERS 2u

/* How an inference ended. */
#define SYSTOLE_RUN_PENDING 0u
#define SYSTOLE_RUN_DONE 1u
#define SYSTOLE_RUN_FAULT 2u
#define SYSTOLE_RUN_REFUSED 3u /* bad image or another machine; nothing was started */

typedef struct {
  uint32_t status;
  uint32_t top_index;     /* index of the first largest output of output tensor 0 */
  uint32_t npu_cycles_lo; /* from the first CTRL.START or SW_MARK to the last END or SW_MARK */
  uint32_t npu_cycles_hi;
  uint32_t cpu_cycles_lo; /* mcycle spent on this inference, sleep included */
  uint32_t cpu_cycles_hi;
  uint32_t fault_status; /* registers FAULT_STATUS, FAULT_INFO, FAULT_ADDR */
  uint32_t fault_info;
  uint32_t fault_addr;
  uint32_t reserved[7];
} systole_run_result_t; /* 64 bytes */

#endif /* SYSTOLE_PROGRAM_FORMAT_H */
