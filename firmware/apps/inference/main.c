/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Runs what the run request at SYSTOLE_RUN_REQUEST_ADDR asks for: one program image, any number of
 * inputs. For each input it submits segment after segment of the program, sleeps until the
 * interrupt, computes the layers between them itself, and writes a result record. Exit code: 0 all
 * done, 1 a fault (results behind it stay as they were), 2 refused.
 */
#include <stdbool.h>
#include <stdio.h>

#include "firmware/boot/platform.h"
#include "firmware/boot/plic.h"
#include "firmware/boot/trap.h"
#include "firmware/drivers/npu_job.h"
#include "firmware/drivers/npu_perf.h"
#include "firmware_layer.h"
#include "report.h"

enum { EXIT_DONE = 0, EXIT_FAULT = 1, EXIT_REFUSED = 2 };

typedef struct {
  const systole_run_request_t *request;
  npu_t npu;
  npu_program_t program;
  npu_job_t job;
} app_t;

static void *at(uint32_t addr) { return (void *)(uintptr_t)addr; }

static systole_run_result_t *result_of(const app_t *app, uint32_t index) {
  return (systole_run_result_t *)at(app->request->results_addr) + index;
}

static bool refuse(npu_program_error_t error) {
  report_refusal(error);
  return false;
}

/* Marks every inference as refused; the request's results can be written. */
static bool refuse_all(const app_t *app, npu_program_error_t error) {
  for (uint32_t i = 0; i < app->request->count; i++) {
    *result_of(app, i) = (systole_run_result_t){.status = SYSTOLE_RUN_REFUSED};
  }
  return refuse(error);
}

static bool open_request(app_t *app) {
  app->request = at(SYSTOLE_RUN_REQUEST_ADDR);
  npu_program_error_t error = npu_program_check_request(app->request, DRAM_BASE);
  if (error != NPU_PROGRAM_OK) {
    return refuse(error);
  }
  npu_config_t config;
  npu_get_config(&app->npu, &config);
  const void *image = at(app->request->image_addr);
  error = npu_program_open(&app->program, image, app->request->image_bytes, &config);
  if (error == NPU_PROGRAM_OK && !firmware_layers_are_good(&app->program)) {
    error = NPU_PROGRAM_BAD_KERNEL;
  }
  if (error == NPU_PROGRAM_OK) {
    error = npu_program_check_buffers(&app->program, app->request, DRAM_BASE);
  }
  if (error == NPU_PROGRAM_OK) {
    return true;
  }
  refuse_all(app, error);
  if (error == NPU_PROGRAM_OTHER_MACHINE) {
    report_machines(image, &config);
  }
  return false;
}

static bool open_npu(app_t *app) {
  if (npu_init(&app->npu, NPU_BASE) != NPU_OK) {
    printf("refused: no NPU of this driver's version at 0x%08lx\n", (unsigned long)NPU_BASE);
    return false;
  }
  npu_job_init(&app->job, &app->npu);
  return true;
}

/* Runs the segment that begins with layer `first` and adds its layers to it. NPU_FAULT: `fault` is
 * set; the NPU was reset. */
static npu_result_t run_segment(app_t *app, uint32_t index, uint32_t *first, npu_fault_t *fault) {
  npu_sequencer_job_t list;
  *first += npu_program_bind(&app->program, app->request, index, *first, &list);
  npu_result_t result = npu_job_submit(&app->job, &list);
  if (result == NPU_OK) {
    result = npu_job_wait(&app->job);
  }
  if (result == NPU_FAULT) {
    npu_get_fault(&app->npu, fault);
    npu_reset(&app->npu);
  }
  return result;
}

static npu_perf_record_t *record_of(const app_t *app, uint32_t index, uint32_t layer) {
  uint32_t records = app->request->perf_addr + index * app->request->perf_stride;
  return (npu_perf_record_t *)at(records) + layer;
}

/* Runs a layer on the core. Its record is that of the layer before, at its own time: the NPU's
 * counters stand still. */
static void run_firmware_layer(app_t *app, uint32_t index, uint32_t layer) {
  firmware_layer_run(&app->program, app->request, index, layer);
  npu_sequencer_mark(&app->npu, (uint16_t)layer);
  app->job.cycles = npu_sequencer_stamp(&app->npu);
  npu_perf_record_t *record = record_of(app, index, layer);
  *record = layer > 0 ? record[-1] : (npu_perf_record_t){0};
  record->cycles_lo = (uint32_t)app->job.cycles;
  record->cycles_hi = (uint32_t)(app->job.cycles >> 32);
  record->mark_tag = layer;
}

static bool is_firmware(const app_t *app, uint32_t layer) {
  return app->program.layers[layer].kind == SYSTOLE_LAYER_FIRMWARE;
}

/* Runs the program once. */
static npu_result_t run(app_t *app, uint32_t index, npu_fault_t *fault) {
  const uint32_t count = app->program.header->layer_count;
  npu_result_t result = NPU_OK;
  if (count > 0 && is_firmware(app, 0)) {
    npu_sequencer_begin(&app->npu);
  }
  for (uint32_t layer = 0; result == NPU_OK && layer < count;) {
    if (is_firmware(app, layer)) {
      run_firmware_layer(app, index, layer++);
    } else {
      result = run_segment(app, index, &layer, fault);
    }
  }
  return result;
}

static uint32_t top_index(const app_t *app, uint32_t index) {
  const systole_program_tensor_t *output = npu_program_output(&app->program);
  uint32_t outputs = app->request->outputs_addr + index * app->request->output_stride;
  return npu_program_argmax(output, at(outputs + output->offset));
}

static void print_done(const app_t *app, uint32_t index) {
  if (app->request->flags & SYSTOLE_RUN_FLAG_PRINT_RESULTS) {
    report_result(index, result_of(app, index));
  }
  if (app->request->flags & SYSTOLE_RUN_FLAG_PRINT_COUNTERS) {
    report_layers(&app->program, record_of(app, index, 0));
  }
}

/* One inference: result record, then the printing, whose time is not in the record. */
static bool infer(app_t *app, uint32_t index) {
  npu_fault_t fault = {0};
  const uint64_t start = read_cycles();
  const bool done = run(app, index, &fault) == NPU_OK;
  const uint32_t top = done ? top_index(app, index) : 0;
  const uint64_t cpu_cycles = read_cycles() - start;
  *result_of(app, index) = (systole_run_result_t){
      .status = done ? SYSTOLE_RUN_DONE : SYSTOLE_RUN_FAULT,
      .top_index = top,
      .npu_cycles_lo = (uint32_t)app->job.cycles,
      .npu_cycles_hi = (uint32_t)(app->job.cycles >> 32),
      .cpu_cycles_lo = (uint32_t)cpu_cycles,
      .cpu_cycles_hi = (uint32_t)(cpu_cycles >> 32),
      .fault_status = fault.status,
      .fault_info = fault.info,
      .fault_addr = fault.addr,
  };
  if (done) {
    print_done(app, index);
  } else {
    report_fault(index, &app->program, &fault);
  }
  return done;
}

static void on_npu_interrupt(void *job) { npu_job_irq(job); }

int main(void) {
  app_t app;
  if (!open_npu(&app) || !open_request(&app)) {
    return EXIT_REFUSED;
  }
  plic_attach(NPU_IRQ, on_npu_interrupt, &app.job);
  trap_enable_interrupts();
  for (uint32_t i = 0; i < app.request->count; i++) {
    if (!infer(&app, i)) {
      return EXIT_FAULT;
    }
  }
  return EXIT_DONE;
}
