// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The NPU as an ordinary TLM-2.0 module: a window of registers, a memory port, an interrupt line.
// README.md is the programming model. About two SystemC events per job; no clock.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <systemc>

#include "hw/npu/npu_config.h"
#include "hw/npu/npu_core.h"
#include "hw/npu/npu_engines.h"
#include "hw/npu/npu_observer.h"
#include "hw/npu/tlm_memory_bus.h"

namespace systole::npu {

class NpuModel final : public sc_core::sc_module {
 public:
  // 64 KiB of registers, 32-bit aligned accesses only. Blocking transport; called from a thread if
  // it comes with a delay. Debug reads have no side effects; debug writes are refused.
  tlm_utils::simple_target_socket<NpuModel> registers;
  // System memory, 32-bit addresses. Blocking transport and DMI. The NPU simulates the memory's
  // time itself (parameters dram.*): what a target adds in its delay comes on top.
  tlm_utils::simple_initiator_socket<NpuModel> memory;
  // High while an enabled interrupt cause is set.
  sc_core::sc_out<bool> irq;

  // `observer` outlives the model.
  NpuModel(const sc_core::sc_module_name& name, const NpuConfig& config,
           NpuObserver* observer = nullptr, NpuEngines engines = {});
  SC_HAS_PROCESS(NpuModel);

  // The whole scratchpad, for those who compare.
  const uint8_t* scratchpad() { return core_.scratchpad(); }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end);
  tlm::tlm_response_status access(tlm::tlm_generic_payload& payload);

  void run();
  void drive_irq();
  void advance();
  void update();
  uint64_t cycle_begun() const;  // the cycle of the last clock edge
  uint64_t cycle_next() const;   // the cycle of the next one; the same at an edge

  const sc_core::sc_time period_;
  TlmMemoryBus bus_;
  NpuCore core_;

  sc_core::sc_event wake_, irq_change_;
  uint64_t wake_cycle_ = kNever;  // what wake_ is notified for
  bool irq_level_ = false;
  bool advancing_ = false;  // a memory that waits lets others in
};

}  // namespace systole::npu
