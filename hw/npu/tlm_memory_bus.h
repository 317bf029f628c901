// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// System memory over a TLM-2.0 initiator socket: direct pointers where the target grants them, else
// one transaction per access. Both move the same bytes.
#pragma once

#include <tlm>
#include <vector>

#include "hw/common/memory_bus.h"

namespace systole::npu {

class TlmMemoryBus final : public MemoryBus {
 public:
  // `socket` outlives the bus.
  TlmMemoryBus(tlm::tlm_initiator_socket<>& socket, uint64_t period_ps, bool use_dmi);

  bool read(uint32_t address, uint8_t* data, uint32_t bytes) override;
  bool write(uint32_t address, const uint8_t* data, uint32_t bytes) override;
  uint64_t take_delay_cycles() override;

  // The target takes back what it granted for any of [start, end].
  void invalidate(uint64_t start, uint64_t end);

 private:
  bool access(tlm::tlm_command command, uint32_t address, uint8_t* data, uint32_t bytes);
  bool transport(tlm::tlm_command command, uint32_t address, uint8_t* data, uint32_t bytes);
  void ask_for_dmi(tlm::tlm_command command, uint32_t address);
  const tlm::tlm_dmi* find_dmi(tlm::tlm_command command, uint32_t address, uint32_t bytes) const;

  tlm::tlm_initiator_socket<>& socket_;
  const uint64_t period_ps_;
  const bool use_dmi_;
  std::vector<tlm::tlm_dmi> grants_;
  tlm::tlm_generic_payload payload_;
  sc_core::sc_time delay_;
};

}  // namespace systole::npu
