// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/common/register_file.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace systole {

using regs::RegisterInfo;

RegisterFile::RegisterFile(const regs::BlockInfo& block) : block_(&block) {
  uint32_t end = 0;
  for (uint32_t i = 0; i < block.register_count; ++i) {
    const RegisterInfo& info = block.registers[i];
    slots_.push_back(Slot{&info, nullptr, nullptr, nullptr});
    end = std::max(end, info.offset + (info.count - 1) * info.stride + 4);
  }
  slot_of_.assign(end / 4, kNoSlot);
  words_.assign(end / 4, 0);
  for (uint32_t i = 0; i < slots_.size(); ++i) {
    const RegisterInfo& info = *slots_[i].info;
    for (uint32_t k = 0; k < info.count; ++k) slot_of_[(info.offset + k * info.stride) / 4] = i;
  }
  reset();
}

void RegisterFile::reset() {
  for (const Slot& slot : slots_) {
    const RegisterInfo& info = *slot.info;
    for (uint32_t k = 0; k < info.count; ++k) set(info.offset + k * info.stride, info.reset);
  }
}

const RegisterFile::Slot* RegisterFile::find(uint32_t offset) const {
  assert(offset % 4 == 0 && "the caller refuses unaligned accesses");
  const uint32_t word = offset / 4;
  if (word >= slot_of_.size() || slot_of_[word] == kNoSlot) return nullptr;
  return &slots_[slot_of_[word]];
}

RegisterFile::Slot* RegisterFile::find(uint32_t offset) {
  return const_cast<Slot*>(std::as_const(*this).find(offset));
}

uint32_t RegisterFile::index_of(const Slot& slot, uint32_t offset) {
  return (offset - slot.info->offset) / slot.info->stride;
}

uint32_t RegisterFile::value_of(const Slot& slot, uint32_t offset) const {
  const uint32_t word = slot.value ? slot.value(index_of(slot, offset)) : get(offset);
  return word & slot.info->read_mask;
}

RegisterFile::Access RegisterFile::read(uint32_t offset, uint32_t& value) {
  const Slot* slot = find(offset);
  if (slot == nullptr) return Access::kAddressError;
  if (slot->info->read_mask == 0) return Access::kCommandError;
  value = value_of(*slot, offset);
  if (slot->read) slot->read(index_of(*slot, offset));
  return Access::kOk;
}

RegisterFile::Access RegisterFile::peek(uint32_t offset, uint32_t& value) const {
  const Slot* slot = find(offset);
  if (slot == nullptr) return Access::kAddressError;
  value = value_of(*slot, offset);
  return Access::kOk;
}

RegisterFile::Access RegisterFile::write(uint32_t offset, uint32_t value) {
  const Slot* slot = find(offset);
  if (slot == nullptr) return Access::kAddressError;
  const RegisterInfo& info = *slot->info;
  if (info.write_mask == 0) return Access::kCommandError;
  const uint32_t stored = info.write_mask & ~info.clear_mask & ~info.pulse_mask;
  const uint32_t cleared = value & info.clear_mask;
  set(offset, ((get(offset) & ~stored) | (value & stored)) & ~cleared);
  if (slot->write) slot->write(index_of(*slot, offset), value & info.write_mask);
  return Access::kOk;
}

void RegisterFile::on_value(uint32_t offset, ValueHook hook) {
  assert(find(offset) != nullptr);
  find(offset)->value = std::move(hook);
}

void RegisterFile::on_read(uint32_t offset, ReadHook hook) {
  assert(find(offset) != nullptr);
  find(offset)->read = std::move(hook);
}

void RegisterFile::on_write(uint32_t offset, WriteHook hook) {
  assert(find(offset) != nullptr);
  find(offset)->write = std::move(hook);
}

}  // namespace systole
