// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/platform/finisher.h"

#include <utility>

#include "sim/platform/register_access.h"

namespace systole {
namespace {

constexpr uint32_t kPass = 0x5555;
constexpr uint32_t kFail = 0x3333;
constexpr uint32_t kReset = 0x7777;

}  // namespace

Finisher::Finisher(const sc_core::sc_module_name& name, std::function<void(int)> on_exit)
    : sc_module(name), bus("bus"), on_exit_(std::move(on_exit)) {
  bus.register_b_transport(this, &Finisher::b_transport);
}

bool Finisher::write(uint32_t offset, uint32_t value) {
  if (offset != 0) return true;
  const uint32_t verdict = value & 0xffff;
  const int code = static_cast<int>(value >> 16);
  if (verdict == kPass || verdict == kReset) on_exit_(0);
  if (verdict == kFail) on_exit_(code == 0 ? 1 : code);
  return true;
}

void Finisher::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  serve_registers(
      payload, 2, 4,
      [](const RegisterAccess&, uint32_t& value) {
        value = 0;
        return true;
      },
      [this](const RegisterAccess& access, uint32_t value) { return write(access.offset, value); });
}

}  // namespace systole
