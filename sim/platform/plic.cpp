// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/platform/plic.h"

#include "sim/platform/register_access.h"

namespace systole {
namespace {

constexpr uint32_t kPending = 0x1000;
constexpr uint32_t kEnable = 0x2000;
constexpr uint32_t kThreshold = 0x200000;
constexpr uint32_t kClaim = 0x200004;
constexpr uint32_t kWords = Plic::kSources / 32;
constexpr uint32_t kPriorityMask = 7;

bool in_words(uint32_t offset, uint32_t base) {
  return offset >= base && offset < base + 4 * kWords;
}

}  // namespace

bool Plic::read(uint32_t offset, uint32_t& value) {
  value = 0;
  if (offset < 4 * kSources) {
    value = priority_[offset / 4];
  } else if (in_words(offset, kPending)) {
    for (unsigned i = 0; i < 32; ++i) {
      value |= uint32_t{pending_[(offset - kPending) * 8 + i]} << i;
    }
  } else if (in_words(offset, kEnable)) {
    value = enable_[(offset - kEnable) / 4];
  } else if (offset == kThreshold) {
    value = threshold_;
  } else if (offset == kClaim) {
    value = claim();
  }
  return true;
}

bool Plic::write(uint32_t offset, uint32_t value) {
  if (offset >= 4 && offset < 4 * kSources) {
    priority_[offset / 4] = value & kPriorityMask;
  } else if (in_words(offset, kEnable)) {
    const uint32_t word = (offset - kEnable) / 4;
    enable_[word] = word == 0 ? value & ~1u : value;
  } else if (offset == kThreshold) {
    threshold_ = value & kPriorityMask;
  } else if (offset == kClaim) {
    complete(value);
  }
  update_.notify(sc_core::SC_ZERO_TIME);
  return true;
}

bool Plic::level(unsigned source) const { return irq[source].size() > 0 && irq[source]->read(); }

unsigned Plic::best() const {
  unsigned winner = 0;
  for (unsigned i = 1; i < kSources; ++i) {
    if (pending_[i] && enabled(i) && priority_[i] > priority_[winner]) winner = i;
  }
  return winner;  // priority_[0] is 0: a source of priority 0 never wins
}

uint32_t Plic::claim() {
  const unsigned source = best();
  if (source == 0) return 0;
  pending_[source] = false;
  claimed_[source] = true;
  update_.notify(sc_core::SC_ZERO_TIME);
  return source;
}

void Plic::complete(uint32_t source) {
  if (source >= kSources || !enabled(source)) return;
  claimed_[source] = false;
  if (level(source)) pending_[source] = true;
}

void Plic::sample_inputs() {
  for (unsigned i = 1; i < kSources; ++i) {
    if (level(i) && !claimed_[i]) pending_[i] = true;
  }
  drive_output();
}

void Plic::drive_output() {
  const unsigned source = best();
  meip.write(source != 0 && priority_[source] > threshold_);
}

void Plic::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  serve_registers(
      payload, 4, 4,
      [this](const RegisterAccess& access, uint32_t& value) { return read(access.offset, value); },
      [this](const RegisterAccess& access, uint32_t value) { return write(access.offset, value); });
}

// Only here is it known which inputs are bound.
void Plic::end_of_elaboration() {
  sc_core::sc_spawn_options inputs;
  inputs.spawn_method();
  inputs.set_sensitivity(&update_);
  for (unsigned i = 1; i < kSources; ++i) {
    if (irq[i].size() > 0) inputs.set_sensitivity(&irq[i]->value_changed_event());
  }
  sc_core::sc_spawn([this] { sample_inputs(); }, "sample_inputs", &inputs);
}

Plic::Plic(const sc_core::sc_module_name& name) : sc_module(name), bus("bus") {
  bus.register_b_transport(this, &Plic::b_transport);
}

}  // namespace systole
