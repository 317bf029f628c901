/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/drivers/npu_program.h"

#include <stddef.h>

#include "firmware/drivers/npu_perf.h"

#define KNOWN_FLAGS (SYSTOLE_RUN_FLAG_PRINT_RESULTS | SYSTOLE_RUN_FLAG_PRINT_COUNTERS)

typedef systole_program_header_t header_t;
typedef systole_program_tensor_t tensor_t;
typedef systole_program_layer_t layer_t;
typedef systole_run_request_t request_t;

const char *npu_program_error_string(npu_program_error_t error) {
  static const char *const kNames[] = {
      [NPU_PROGRAM_OK] = "the program is good",
      [NPU_PROGRAM_BAD_ALIGNMENT] = "the program image is not 64-byte aligned",
      [NPU_PROGRAM_TRUNCATED] = "the program image is truncated",
      [NPU_PROGRAM_BAD_MAGIC] = "not a program image",
      [NPU_PROGRAM_BAD_VERSION] = "the program image has another version",
      [NPU_PROGRAM_BAD_CRC] = "the program image's header is damaged",
      [NPU_PROGRAM_OTHER_MACHINE] = "the program was compiled for another NPU configuration",
      [NPU_PROGRAM_BAD_LAYOUT] = "a part of the program image lies outside of it",
      [NPU_PROGRAM_BAD_STRING] = "a name in the program image is outside its strings",
      [NPU_PROGRAM_BAD_TENSOR] = "a tensor of the program image is out of bounds",
      [NPU_PROGRAM_BAD_LAYER] = "a layer of the program image is out of bounds",
      [NPU_PROGRAM_BAD_KERNEL] = "a firmware layer's kernel or parameters are bad",
      [NPU_PROGRAM_NO_OUTPUT] = "the program has no output",
      [NPU_PROGRAM_BAD_REQUEST] = "no run request of this version",
      [NPU_PROGRAM_BAD_REQUEST_ADDR] = "the run request has a bad address or stride",
  };
  size_t count = sizeof(kNames) / sizeof(kNames[0]);
  return (size_t)error < count ? kNames[error] : "unknown error";
}

/* CRC-32 of zlib and Ethernet, four bits at a time: 64 bytes of table, not 1 KiB. */
static uint32_t crc_update(uint32_t crc, const uint8_t *data, uint32_t bytes) {
  static const uint32_t kTable[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC,
                                      0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
                                      0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                      0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
  for (uint32_t i = 0; i < bytes; i++) {
    crc ^= data[i];
    crc = (crc >> 4) ^ kTable[crc & 15];
    crc = (crc >> 4) ^ kTable[crc & 15];
  }
  return crc;
}

/* Of [0, commands_offset), with both checksum fields read as 0. */
static uint32_t header_crc(const header_t *header) {
  static const uint8_t kZero[sizeof(header->crc32) + sizeof(header->header_crc32)];
  const uint32_t from = offsetof(header_t, crc32);
  const uint32_t to = offsetof(header_t, header_crc32) + sizeof(header->header_crc32);
  const uint8_t *bytes = (const uint8_t *)header;
  uint32_t crc = crc_update(0xFFFFFFFFu, bytes, from);
  crc = crc_update(crc, kZero, to - from);
  return ~crc_update(crc, bytes + to, header->commands_offset - to);
}
_Static_assert(offsetof(header_t, header_crc32) == offsetof(header_t, crc32) + 4,
               "header_crc() skips both fields at once");

/* Whether [offset, offset + count * size) lies in [begin, end), at a multiple of 4. */
static bool within(uint32_t offset, uint32_t count, uint32_t size, uint32_t begin, uint32_t end) {
  return offset % 4 == 0 && offset >= begin && offset <= end &&
         (uint64_t)count * size <= end - offset;
}

static npu_program_error_t check_identity(const void *image, uint32_t image_bytes) {
  const header_t *header = image;
  if ((uintptr_t)image % SYSTOLE_PROGRAM_ALIGN) {
    return NPU_PROGRAM_BAD_ALIGNMENT;
  }
  if (image_bytes < sizeof(*header)) {
    return NPU_PROGRAM_TRUNCATED;
  }
  if (header->magic != SYSTOLE_PROGRAM_MAGIC) {
    return NPU_PROGRAM_BAD_MAGIC;
  }
  if (header->version != SYSTOLE_PROGRAM_VERSION) {
    return NPU_PROGRAM_BAD_VERSION;
  }
  if (header->total_bytes > image_bytes) {
    return NPU_PROGRAM_TRUNCATED;
  }
  if (!within(header->commands_offset, header->commands_bytes, 1, sizeof(*header),
              header->total_bytes)) {
    return NPU_PROGRAM_BAD_LAYOUT;
  }
  return header_crc(header) == header->header_crc32 ? NPU_PROGRAM_OK : NPU_PROGRAM_BAD_CRC;
}

static bool is_for(const header_t *header, const npu_config_t *config) {
  return header->array_rows == config->array_rows && header->array_cols == config->array_cols &&
         header->acc_rows == config->acc_rows && header->spad_bytes == config->spad_bytes &&
         header->spad_banks == config->spad_banks;
}

/* Tables and strings must lie before the commands, where the header's checksum covers them. */
static bool layout_is_good(const header_t *header) {
  const uint32_t begin = sizeof(*header);
  const uint32_t end = header->commands_offset;
  uint32_t reserved = 0;
  for (size_t i = 0; i < sizeof(header->reserved) / sizeof(header->reserved[0]); i++) {
    reserved |= header->reserved[i];
  }
  return reserved == 0 && header->commands_bytes % 4 == 0 &&
         header->total_bytes % SYSTOLE_PROGRAM_ALIGN == 0 &&
         within(header->tensors_offset, header->tensor_count, sizeof(tensor_t), begin, end) &&
         within(header->layers_offset, header->layer_count, sizeof(layer_t), begin, end) &&
         within(header->inputs_offset, header->inputs_count, sizeof(uint32_t), begin, end) &&
         within(header->strings_offset, header->strings_bytes, 1, begin, end) &&
         within(header->constants_offset, header->constants_bytes, 1, begin, header->total_bytes);
}

static bool strings_are_good(const npu_program_t *program) {
  const header_t *header = program->header;
  const uint32_t bytes = header->strings_bytes;
  if (bytes == 0 || program->strings[bytes - 1] != '\0') {
    return false;
  }
  bool good = header->model_name < bytes && header->backend_name < bytes;
  for (uint32_t i = 0; good && i < header->tensor_count; i++) {
    good = program->tensors[i].name < bytes;
  }
  for (uint32_t i = 0; good && i < header->layer_count; i++) {
    good = program->layers[i].name < bytes && program->layers[i].op < bytes;
  }
  return good;
}

static uint32_t region_bytes(const header_t *header, uint32_t region) {
  switch (region) {
    case SYSTOLE_REGION_CONSTANTS:
      return header->constants_bytes;
    case SYSTOLE_REGION_ARENA:
      return header->arena_bytes;
    case SYSTOLE_REGION_INPUT:
      return header->input_bytes;
    case SYSTOLE_REGION_OUTPUT:
      return header->output_bytes;
    default:
      return 0; /* no tensor may lie in region ABSOLUTE */
  }
}

/* A tensor that stays in the scratchpad: its rows may be apart. */
static bool scratchpad_tensor_is_good(const header_t *header, const tensor_t *tensor) {
  uint64_t row = (uint64_t)tensor->dims[2] * tensor->dims[3];
  uint64_t rows = (uint64_t)tensor->dims[0] * tensor->dims[1];
  return tensor->row_bytes >= row && tensor->offset <= header->spad_bytes &&
         (rows - 1) * tensor->row_bytes + row <= header->spad_bytes - tensor->offset;
}

static bool tensor_is_good(const header_t *header, const tensor_t *tensor) {
  uint64_t elements = 1;
  for (int i = 0; i < 4; i++) {
    elements *= tensor->dims[i];
    if (elements == 0 || elements > UINT32_MAX) {
      return false;
    }
  }
  if (elements != tensor->bytes || tensor->dtype > SYSTOLE_DTYPE_INT8) {
    return false;
  }
  if (tensor->region == SYSTOLE_REGION_SCRATCHPAD) {
    return scratchpad_tensor_is_good(header, tensor);
  }
  uint32_t room = region_bytes(header, tensor->region);
  return tensor->offset <= room && tensor->bytes <= room - tensor->offset;
}

/* The core's kernels work in DRAM. */
static bool core_can_reach(const npu_program_t *program, const layer_t *layer, uint32_t tensor) {
  return layer->kind == SYSTOLE_LAYER_NPU ||
         program->tensors[tensor].region != SYSTOLE_REGION_SCRATCHPAD;
}

static bool inputs_are_good(const npu_program_t *program, const layer_t *layer) {
  const header_t *header = program->header;
  if (layer->inputs > header->inputs_count ||
      layer->input_count > header->inputs_count - layer->inputs) {
    return false;
  }
  bool good = true;
  for (uint32_t i = 0; i < layer->input_count; i++) {
    uint32_t input = program->inputs[layer->inputs + i];
    good = good && input < header->tensor_count && core_can_reach(program, layer, input);
  }
  return good;
}

/* What belongs to the other kind of layer must be 0. */
static bool work_is_good(const header_t *header, const layer_t *layer) {
  const uint32_t commands = layer->commands_offset | layer->commands_bytes;
  const uint32_t kernel = layer->kernel | layer->params_offset | layer->params_bytes;
  switch (layer->kind) {
    case SYSTOLE_LAYER_NPU:
      return kernel == 0 && layer->commands_bytes % 4 == 0 &&
             within(layer->commands_offset, layer->commands_bytes, 1, 0, header->commands_bytes) &&
             header->commands_bytes - layer->commands_offset > layer->commands_bytes; /* END */
    case SYSTOLE_LAYER_FIRMWARE:
      return commands == 0 && layer->params_bytes % 4 == 0 &&
             within(layer->params_offset, layer->params_bytes, 1, 0, header->constants_bytes);
    default:
      return false;
  }
}

static bool layer_is_good(const npu_program_t *program, const layer_t *layer) {
  const header_t *header = program->header;
  return (layer->reserved[0] | layer->reserved[1] | layer->reserved[2]) == 0 &&
         layer->output_tensor < header->tensor_count &&
         program->tensors[layer->output_tensor].region != SYSTOLE_REGION_CONSTANTS &&
         core_can_reach(program, layer, layer->output_tensor) && inputs_are_good(program, layer) &&
         work_is_good(header, layer);
}

/* Whether the commands of a layer are right behind those of the one before it, in its segment. */
static bool follows(const layer_t *before, const layer_t *layer) {
  return before->kind != SYSTOLE_LAYER_NPU || layer->kind != SYSTOLE_LAYER_NPU ||
         layer->commands_offset == before->commands_offset + before->commands_bytes;
}

static npu_program_error_t check_tables(const npu_program_t *program) {
  const header_t *header = program->header;
  if (!strings_are_good(program)) {
    return NPU_PROGRAM_BAD_STRING;
  }
  bool has_output = false;
  for (uint32_t i = 0; i < header->tensor_count; i++) {
    if (!tensor_is_good(header, &program->tensors[i])) {
      return NPU_PROGRAM_BAD_TENSOR;
    }
    has_output = has_output || program->tensors[i].region == SYSTOLE_REGION_OUTPUT;
  }
  for (uint32_t i = 0; i < header->layer_count; i++) {
    const layer_t *layer = &program->layers[i];
    if (!layer_is_good(program, layer) || (i > 0 && !follows(layer - 1, layer))) {
      return NPU_PROGRAM_BAD_LAYER;
    }
  }
  return has_output ? NPU_PROGRAM_OK : NPU_PROGRAM_NO_OUTPUT;
}

npu_program_error_t npu_program_open(npu_program_t *program, const void *image,
                                     uint32_t image_bytes, const npu_config_t *config) {
  npu_program_error_t error = check_identity(image, image_bytes);
  if (error != NPU_PROGRAM_OK) {
    return error;
  }
  const header_t *header = image;
  const char *bytes = image;
  if (!layout_is_good(header)) {
    return NPU_PROGRAM_BAD_LAYOUT;
  }
  if (!is_for(header, config)) {
    return NPU_PROGRAM_OTHER_MACHINE;
  }
  program->header = header;
  program->tensors = (const tensor_t *)(const void *)(bytes + header->tensors_offset);
  program->layers = (const layer_t *)(const void *)(bytes + header->layers_offset);
  program->inputs = (const uint32_t *)(const void *)(bytes + header->inputs_offset);
  program->strings = bytes + header->strings_offset;
  return check_tables(program);
}

/* Whether `count` blocks of `bytes`, `stride` apart, lie in [dram_base, 2^32). */
static bool fits(uint32_t addr, uint32_t stride, uint32_t bytes, uint32_t count,
                 uint32_t dram_base) {
  if (bytes == 0 || count == 0) {
    return true;
  }
  uint64_t end = addr + (uint64_t)(count - 1) * stride + bytes;
  return addr % 4 == 0 && addr >= dram_base && end <= (uint64_t)UINT32_MAX + 1;
}

npu_program_error_t npu_program_check_request(const request_t *request, uint32_t dram_base) {
  if (request->magic != SYSTOLE_RUN_REQUEST_MAGIC ||
      request->version != SYSTOLE_RUN_REQUEST_VERSION || (request->flags & ~KNOWN_FLAGS) ||
      request->reserved) {
    return NPU_PROGRAM_BAD_REQUEST;
  }
  const uint32_t result_bytes = sizeof(systole_run_result_t);
  bool good = fits(request->image_addr, 0, request->image_bytes, 1, dram_base) &&
              fits(request->results_addr, result_bytes, result_bytes, request->count, dram_base);
  return good ? NPU_PROGRAM_OK : NPU_PROGRAM_BAD_REQUEST_ADDR;
}

npu_program_error_t npu_program_check_buffers(const npu_program_t *program,
                                              const request_t *request, uint32_t dram_base) {
  const header_t *header = program->header;
  const uint32_t count = request->count;
  const uint64_t perf_bytes = (uint64_t)header->layer_count * sizeof(npu_perf_record_t);
  bool strides = count <= 1 || (request->input_stride >= header->input_bytes &&
                                request->output_stride >= header->output_bytes);
  strides = strides && request->perf_addr % 4 == 0 && request->perf_stride % 4 == 0 &&
            (request->perf_stride == 0 || request->perf_stride >= perf_bytes);
  bool good =
      strides && perf_bytes <= UINT32_MAX &&
      fits(request->arena_addr, 0, header->arena_bytes, 1, dram_base) &&
      fits(request->inputs_addr, request->input_stride, header->input_bytes, count, dram_base) &&
      fits(request->outputs_addr, request->output_stride, header->output_bytes, count, dram_base) &&
      fits(request->perf_addr, request->perf_stride, (uint32_t)perf_bytes, count, dram_base);
  return good ? NPU_PROGRAM_OK : NPU_PROGRAM_BAD_REQUEST_ADDR;
}

/* How many NPU layers follow each other from `first` on. */
static uint32_t segment_layers(const npu_program_t *program, uint32_t first) {
  uint32_t end = first;
  while (end < program->header->layer_count && program->layers[end].kind == SYSTOLE_LAYER_NPU) {
    end++;
  }
  return end - first;
}

/* The DRAM address of a region of inference `index`. */
static uint32_t base_of(const npu_program_t *program, const request_t *request, uint32_t index,
                        uint32_t region) {
  switch (region) {
    case SYSTOLE_REGION_CONSTANTS:
      return request->image_addr + program->header->constants_offset;
    case SYSTOLE_REGION_ARENA:
      return request->arena_addr;
    case SYSTOLE_REGION_INPUT:
      return request->inputs_addr + index * request->input_stride;
    default:
      return request->outputs_addr + index * request->output_stride;
  }
}

uint32_t npu_program_bind(const npu_program_t *program, const request_t *request, uint32_t index,
                          uint32_t first, npu_sequencer_job_t *list) {
  const uint32_t count = segment_layers(program, first);
  const layer_t *last = &program->layers[first + count - 1];
  const uint32_t begin = program->layers[first].commands_offset;
  const uint32_t end = last->commands_offset + last->commands_bytes + 4; /* its END */
  *list = (npu_sequencer_job_t){
      .cmd_addr = request->image_addr + program->header->commands_offset + begin,
      .cmd_bytes = end - begin,
      .watchdog = request->watchdog,
      .perf_addr = request->perf_addr + index * request->perf_stride +
                   first * (uint32_t)sizeof(npu_perf_record_t),
      .keep_counters = first != 0,
  };
  for (uint32_t region = SYSTOLE_REGION_CONSTANTS; region <= SYSTOLE_REGION_OUTPUT; region++) {
    list->base[region] = base_of(program, request, index, region);
  }
  return count;
}

void *npu_program_tensor(const npu_program_t *program, const request_t *request, uint32_t index,
                         uint32_t tensor) {
  const tensor_t *at = &program->tensors[tensor];
  return (void *)(uintptr_t)(base_of(program, request, index, at->region) + at->offset);
}

const char *npu_program_layer_name(const npu_program_t *program, uint32_t index) {
  return index < program->header->layer_count ? program->strings + program->layers[index].name
                                              : "?";
}

const tensor_t *npu_program_output(const npu_program_t *program) {
  const tensor_t *tensor = program->tensors;
  while (tensor->region != SYSTOLE_REGION_OUTPUT) {
    tensor++; /* npu_program_open has seen that there is one */
  }
  return tensor;
}

uint32_t npu_program_argmax(const tensor_t *tensor, const void *data) {
  /* Flipping the sign bit maps int8 to uint8 and keeps the order. */
  const uint8_t flip = tensor->dtype == SYSTOLE_DTYPE_INT8 ? 0x80 : 0;
  const uint8_t *bytes = data;
  uint32_t best = 0;
  for (uint32_t i = 1; i < tensor->bytes; i++) {
    if ((bytes[i] ^ flip) > (bytes[best] ^ flip)) {
      best = i;
    }
  }
  return best;
}
