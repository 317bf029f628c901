// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/npu/npu_model.h"

#include <cstring>
#include <utility>

namespace systole::npu {

using sc_core::sc_time;
using sc_core::SC_ZERO_TIME;

// --- registers ---

tlm::tlm_response_status NpuModel::access(tlm::tlm_generic_payload& payload) {
  using Access = RegisterFile::Access;
  if (payload.get_address() >= NpuCore::kWindowBytes) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  const auto address = static_cast<uint32_t>(payload.get_address());
  uint32_t word = 0;
  if (core_.peek(address & ~3u, word) != Access::kOk) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if (address % 4 != 0 || payload.get_data_length() != 4) return tlm::TLM_COMMAND_ERROR_RESPONSE;

  Access result = Access::kOk;
  if (payload.is_read()) {
    result = core_.read(address, word, cycle_next());
    if (result == Access::kOk) std::memcpy(payload.get_data_ptr(), &word, 4);
  } else if (payload.is_write()) {
    std::memcpy(&word, payload.get_data_ptr(), 4);
    result = core_.write(address, word, cycle_next());
  }
  return result == Access::kOk ? tlm::TLM_OK_RESPONSE : tlm::TLM_COMMAND_ERROR_RESPONSE;
}

// What happens in the NPU up to this time happens before the access, whichever process SystemC has
// run first.
void NpuModel::b_transport(tlm::tlm_generic_payload& payload, sc_time& delay) {
  if (delay != SC_ZERO_TIME) {
    wait(delay);
    delay = SC_ZERO_TIME;
  }
  advance();
  payload.set_response_status(access(payload));
  update();
}

unsigned NpuModel::transport_dbg(tlm::tlm_generic_payload& payload) {
  if (!payload.is_read()) return 0;
  const uint64_t address = payload.get_address();
  unsigned done = 0;
  for (; done < payload.get_data_length(); ++done) {
    const uint64_t at = address + done;
    uint32_t word = 0;
    if (at >= NpuCore::kWindowBytes) break;
    if (core_.peek(static_cast<uint32_t>(at) & ~3u, word) != RegisterFile::Access::kOk) break;
    payload.get_data_ptr()[done] = static_cast<uint8_t>(word >> (8 * (at % 4)));
  }
  return done;
}

void NpuModel::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) {
  bus_.invalidate(start, end);
}

// --- time ---

uint64_t NpuModel::cycle_begun() const {
  return sc_core::sc_time_stamp().value() / period_.value();
}

uint64_t NpuModel::cycle_next() const {
  return (sc_core::sc_time_stamp().value() + period_.value() - 1) / period_.value();
}

void NpuModel::advance() {
  if (advancing_) return;
  advancing_ = true;
  core_.advance(cycle_begun());
  advancing_ = false;
}

// Plans the next wake-up and shows the interrupt line.
void NpuModel::update() {
  if (core_.irq() != irq_level_) {
    irq_level_ = core_.irq();
    irq_change_.notify(SC_ZERO_TIME);
  }
  if (advancing_) return;
  const uint64_t next = core_.next_event();
  if (next == wake_cycle_) return;
  wake_.cancel();
  wake_cycle_ = next;
  if (next == kNever) return;
  const sc_time at = sc_time::from_value(next * period_.value());
  const sc_time now = sc_core::sc_time_stamp();
  wake_.notify(at > now ? at - now : SC_ZERO_TIME);
}

void NpuModel::run() {
  for (;;) {
    wait(wake_);
    wake_cycle_ = kNever;
    advance();
    update();
  }
}

// --- interrupt ---

void NpuModel::drive_irq() { irq.write(irq_level_); }

// --- construction ---

NpuModel::NpuModel(const sc_core::sc_module_name& name, const NpuConfig& config,
                   NpuObserver* observer, NpuEngines engines)
    : sc_module(name),
      registers("registers"),
      memory("memory"),
      irq("irq"),
      period_(static_cast<double>(config.period_ps), sc_core::SC_PS),
      bus_(memory, config.period_ps, config.use_dmi),
      core_(config, std::move(engines), bus_, observer) {
  registers.register_b_transport(this, &NpuModel::b_transport);
  registers.register_transport_dbg(this, &NpuModel::transport_dbg);
  memory.register_invalidate_direct_mem_ptr(this, &NpuModel::invalidate_direct_mem_ptr);
  SC_THREAD(run);
  SC_METHOD(drive_irq);
  sensitive << irq_change_;
}

}  // namespace systole::npu
