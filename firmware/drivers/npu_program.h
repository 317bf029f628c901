/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Program images and run requests (sw/program/program_format.h): checks them, and finds things in
 * them. Reads memory only, never the device.
 */
#ifndef SYSTOLE_NPU_PROGRAM_H
#define SYSTOLE_NPU_PROGRAM_H

#include "firmware/drivers/npu.h"
#include "firmware/drivers/npu_sequencer.h"
#include "sw/program/program_format.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  NPU_PROGRAM_OK = 0,
  NPU_PROGRAM_BAD_ALIGNMENT, /* the image is not at a multiple of SYSTOLE_PROGRAM_ALIGN */
  NPU_PROGRAM_TRUNCATED,     /* fewer bytes than the header needs or says */
  NPU_PROGRAM_BAD_MAGIC,
  NPU_PROGRAM_BAD_VERSION,
  NPU_PROGRAM_BAD_CRC,         /* header, tables or strings are damaged */
  NPU_PROGRAM_OTHER_MACHINE,   /* compiled for another array, scratchpad or accumulator size */
  NPU_PROGRAM_BAD_LAYOUT,      /* a part lies outside the image, or reserved words are not 0 */
  NPU_PROGRAM_BAD_STRING,      /* a name outside the strings, or no zero at their end */
  NPU_PROGRAM_BAD_TENSOR,      /* a tensor's region, size or type */
  NPU_PROGRAM_BAD_LAYER,       /* a layer's kind, tensors, commands or parameters */
  NPU_PROGRAM_BAD_KERNEL,      /* a firmware layer's kernel or its parameters */
  NPU_PROGRAM_NO_OUTPUT,       /* no tensor in region OUTPUT */
  NPU_PROGRAM_BAD_REQUEST,     /* the run request's magic, version, flags or reserved word */
  NPU_PROGRAM_BAD_REQUEST_ADDR /* an address or stride of the run request */
} npu_program_error_t;

/* One sentence for a user. */
const char *npu_program_error_string(npu_program_error_t error);

/* An image that was checked. Points into it. */
typedef struct {
  const systole_program_header_t *header;
  const systole_program_tensor_t *tensors;
  const systole_program_layer_t *layers;
  const uint32_t *inputs; /* tensor indices; a layer's are inputs[layer->inputs ...] */
  const char *strings;
} npu_program_t;

/* Checks the image for this machine and sets `program`. After NPU_PROGRAM_OK every index, offset
 * and name that the tables hold is in bounds. The header, tables and strings are checksummed;
 * commands and constants are not (too slow on the core; the NPU checks every command and job as it
 * plays). */
NPU_WARN_UNUSED npu_program_error_t npu_program_open(npu_program_t *program, const void *image,
                                                     uint32_t image_bytes,
                                                     const npu_config_t *config);

/* Checks magic, version, flags and the reserved word, and that image and results lie at good
 * addresses not below `dram_base`. After NPU_PROGRAM_OK the image can be opened and results be
 * written. */
NPU_WARN_UNUSED npu_program_error_t npu_program_check_request(const systole_run_request_t *request,
                                                              uint32_t dram_base);

/* Checks the other buffers of the request against the program: aligned, not below `dram_base`, not
 * beyond the address space, strides at least as large as what they step over. */
NPU_WARN_UNUSED npu_program_error_t npu_program_check_buffers(const npu_program_t *program,
                                                              const systole_run_request_t *request,
                                                              uint32_t dram_base);

/* Fills `list` for the segment of inference `index` that begins with NPU layer `first`; returns how
 * many layers it has. Record i of a MARK in it is that of layer first + i. Its counters go on from
 * the segment before, unless it is the program's first layer. Requires: both checks above passed;
 * layer `first` is the NPU's, the one before it is not. */
uint32_t npu_program_bind(const npu_program_t *program, const systole_run_request_t *request,
                          uint32_t index, uint32_t first, npu_sequencer_job_t *list);

/* Where tensor `tensor` of inference `index` lies. Requires: both checks above passed. */
void *npu_program_tensor(const npu_program_t *program, const systole_run_request_t *request,
                         uint32_t index, uint32_t tensor);

/* Name of layer `index`; "?" beyond the last (the tag of a fault may be any number). */
const char *npu_program_layer_name(const npu_program_t *program, uint32_t index);

/* Output tensor 0: the first tensor in region OUTPUT. */
const systole_program_tensor_t *npu_program_output(const npu_program_t *program);

/* Index of the first largest element of a tensor whose bytes are at `data`. */
uint32_t npu_program_argmax(const systole_program_tensor_t *tensor, const void *data);

#ifdef __cplusplus
}
#endif

#endif /* SYSTOLE_NPU_PROGRAM_H */
