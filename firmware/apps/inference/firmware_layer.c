/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware_layer.h"

#include <stddef.h>

#include "firmware/kernels/kernel.h"

/* The call without addresses: all that kernel_check looks at. False: too many inputs. */
static bool describe(const npu_program_t *program, const systole_program_layer_t *layer,
                     kernel_input_t inputs[KERNEL_MAX_INPUTS], kernel_call_t *call) {
  if (layer->input_count > KERNEL_MAX_INPUTS) {
    return false;
  }
  const char *constants = (const char *)program->header + program->header->constants_offset;
  for (uint32_t i = 0; i < layer->input_count; i++) {
    inputs[i] = (kernel_input_t){NULL, program->tensors[program->inputs[layer->inputs + i]].bytes};
  }
  *call = (kernel_call_t){
      .kernel = layer->kernel,
      .params = constants + layer->params_offset,
      .params_bytes = layer->params_bytes,
      .inputs = inputs,
      .input_count = layer->input_count,
      .output_bytes = program->tensors[layer->output_tensor].bytes,
  };
  return true;
}

bool firmware_layers_are_good(const npu_program_t *program) {
  static kernel_input_t inputs[KERNEL_MAX_INPUTS];
  bool good = true;
  for (uint32_t i = 0; good && i < program->header->layer_count; i++) {
    const systole_program_layer_t *layer = &program->layers[i];
    kernel_call_t call;
    good = layer->kind != SYSTOLE_LAYER_FIRMWARE ||
           (describe(program, layer, inputs, &call) && kernel_check(&call));
  }
  return good;
}

void firmware_layer_run(const npu_program_t *program, const systole_run_request_t *request,
                        uint32_t index, uint32_t layer_index) {
  static kernel_input_t inputs[KERNEL_MAX_INPUTS];
  const systole_program_layer_t *layer = &program->layers[layer_index];
  kernel_call_t call;
  if (!describe(program, layer, inputs, &call)) {
    return; /* firmware_layers_are_good() has refused it */
  }
  for (uint32_t i = 0; i < layer->input_count; i++) {
    const uint32_t tensor = program->inputs[layer->inputs + i];
    inputs[i].data = npu_program_tensor(program, request, index, tensor);
  }
  call.output = npu_program_tensor(program, request, index, layer->output_tensor);
  kernel_run(&call);
}
