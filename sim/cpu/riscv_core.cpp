// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cpu/riscv_core.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace systole {
namespace {

constexpr uint32_t kCsrMcycle = 0xb00;

unsigned access_size(Op op) {
  switch (op) {
    case Op::kLb:
    case Op::kLbu:
    case Op::kSb:
      return 1;
    case Op::kLh:
    case Op::kLhu:
    case Op::kSh:
      return 2;
    default:
      return 4;
  }
}

uint32_t extend(Op op, uint32_t value) {
  if (op == Op::kLb) return static_cast<uint32_t>(static_cast<int8_t>(value));
  if (op == Op::kLh) return static_cast<uint32_t>(static_cast<int16_t>(value));
  return value;
}

}  // namespace

RiscvCore::RiscvCore(const CpuConfig& config, RiscvPort& port)
    : config_(config),
      port_(port),
      csr_(config.hart_id),
      cache_(config.cycles, *this),
      pc_(config.reset_pc) {
  const CycleCosts& cycles = config.cycles;
  branch_taken_extra_ = int64_t{std::max(1u, cycles.fetch + cycles.branch_taken)} -
                        int64_t{cache_.cost(CostClass::kBranch)};
  trap_cost_ = std::max(1u, cycles.trap);
}

RiscvCore::Stop RiscvCore::run(uint64_t until_cycle) {
  budget_ = static_cast<int64_t>(until_cycle - cycle());
  until_ = until_cycle;
  stop_ = false;
  return execute();
}

RiscvCore::Stop RiscvCore::run_instructions(uint64_t count) {
  // Every instruction takes a cycle or more, so n cycles are never more than n instructions.
  const uint64_t end = instret_ + count;
  Stop stop = Stop::kLimit;
  while (instret_ < end && stop == Stop::kLimit) {
    const uint64_t before = instret_;
    stop = run(cycle() + (end - instret_));
    if (instret_ == before) break;  // a trap was entered
  }
  return stop;
}

void RiscvCore::advance_to(uint64_t cycle) {
  assert(cycle >= this->cycle() && "time does not go back");
  until_ = cycle;
  budget_ = 0;
}

CsrFile::Counters RiscvCore::counters(uint32_t csr_number) {
  CsrFile::Counters now;
  now.cycle = cycle();
  now.instret = instret_;
  if ((csr_number & ~0x80u) == 0xc01) now.mtime = port_.mtime();
  return now;
}

bool RiscvCore::read_csr(uint32_t number, uint32_t& value) {
  return csr_.read(number, counters(number), value);
}

bool RiscvCore::write_csr(uint32_t number, uint32_t value) {
  return csr_.write(number, value, counters(kCsrMcycle));
}

void RiscvCore::set_direct_memory(uint32_t base, uint32_t size_bytes, uint8_t* bytes) {
  assert(base % 4 == 0 && size_bytes % 4 == 0);
  direct_base_ = base;
  direct_size_ = size_bytes;
  direct_ = bytes;
}

void RiscvCore::watch_store(uint32_t address, StoreWatch watch) {
  watches_[address & ~3u] = std::move(watch);
  cache_.watch_page(address);
}

bool RiscvCore::in_memory(uint32_t address) const {
  return std::any_of(config_.memory.begin(), config_.memory.end(),
                     [address](const MemoryRegion& r) { return address - r.base < r.size_bytes; });
}

bool RiscvCore::direct(uint32_t address, unsigned size_bytes) const {
  const uint32_t offset = address - direct_base_;
  return offset < direct_size_ && direct_size_ - offset >= size_bytes;
}

bool RiscvCore::fetch(uint32_t address, uint16_t& halfword) {
  if (direct(address, 2)) {
    std::memcpy(&halfword, direct_ + (address - direct_base_), 2);
    return true;
  }
  return in_memory(address) && port_.fetch(address, halfword);
}

// Pages are made only where code can be: a program lost in a hole takes no memory.
bool RiscvCore::enter_page(uint32_t address) {
  uint16_t unused = 0;
  if (!fetch(address, unused)) return raise(Cause::kFetchAccess, address);
  cache_.make_page(address);
  return true;
}

bool RiscvCore::raise(Cause cause, uint32_t tval) {
  trap_cause_ = static_cast<uint32_t>(cause);
  trap_tval_ = tval;
  return false;
}

void RiscvCore::charge_trap(uint32_t handler) {
  reserved_ = false;
  waiting_ = false;
  at_breakpoint_ = false;
  pc_ = handler;
  budget_ -= trap_cost_;
}

void RiscvCore::take_trap() {
  const uint32_t handler = csr_.enter_trap(trap_cause_, pc_, trap_tval_);
  const bool fetch_fault = trap_cause_ == static_cast<uint32_t>(Cause::kFetchAccess);
  lockup_ = fetch_fault && handler == pc_;
  budget_ -= std::max(int64_t{0}, extra_cost_);  // a refused access may have taken time
  charge_trap(handler);
}

void RiscvCore::take_interrupt() { charge_trap(csr_.enter_trap(csr_.pending_cause(), pc_, 0)); }

void RiscvCore::charge_device(uint32_t normal_cost) {
  const uint32_t cost = std::max(1u, config_.cycles.fetch + config_.cycles.device);
  extra_cost_ += int64_t{cost} - int64_t{normal_cost};
  stop_ = true;  // the device may have changed an interrupt or started something
}

bool RiscvCore::read_aligned(uint32_t address, unsigned size_bytes, uint32_t& value) {
  value = 0;
  if (direct(address, size_bytes)) {
    std::memcpy(&value, direct_ + (address - direct_base_), size_bytes);
    return true;
  }
  const bool device = !in_memory(address);
  if (device) charge_device(cache_.cost(CostClass::kLoad));
  return port_.read({address, size_bytes, device}, value);
}

bool RiscvCore::write_aligned(uint32_t address, unsigned size_bytes, uint32_t value) {
  bool ok = true;
  if (direct(address, size_bytes)) {
    std::memcpy(direct_ + (address - direct_base_), &value, size_bytes);
  } else {
    const bool device = !in_memory(address);
    if (device) charge_device(cache_.cost(CostClass::kStore));
    ok = port_.write({address, size_bytes, device}, value);
  }
  if (ok) stored(address, size_bytes, value);
  return ok;
}

void RiscvCore::stored(uint32_t address, unsigned size_bytes, uint32_t value) {
  cache_.invalidate(address, size_bytes);
  if (watches_.empty()) return;
  const auto watch = watches_.find(address & ~3u);
  if (watch != watches_.end()) watch->second(address, value);
}

// Requires: misaligned data are emulated. Byte by byte, as memory that has no other port would.
bool RiscvCore::read_data(uint32_t address, unsigned size_bytes, uint32_t& value) {
  if (address % size_bytes == 0) return read_aligned(address, size_bytes, value);
  value = 0;
  for (unsigned i = 0; i < size_bytes; ++i) {
    uint32_t byte = 0;
    if (!read_aligned(address + i, 1, byte)) return false;
    value |= byte << (8 * i);
  }
  return true;
}

bool RiscvCore::write_data(uint32_t address, unsigned size_bytes, uint32_t value) {
  if (address % size_bytes == 0) return write_aligned(address, size_bytes, value);
  for (unsigned i = 0; i < size_bytes; ++i) {
    if (!write_aligned(address + i, 1, (value >> (8 * i)) & 0xff)) return false;
  }
  return true;
}

bool RiscvCore::load_slow(const Insn& insn, uint32_t address) {
  const unsigned size = access_size(insn.op);
  const bool misaligned = address % size != 0;
  const bool refuse = config_.misaligned == Misaligned::kTrap || !in_memory(address);
  if (misaligned && refuse) return raise(Cause::kLoadMisaligned, address);
  uint32_t value = 0;
  if (!read_data(address, size, value)) return raise(Cause::kLoadAccess, address);
  x_[insn.rd] = extend(insn.op, value);
  return true;
}

bool RiscvCore::store_slow(const Insn& insn, uint32_t address) {
  const unsigned size = access_size(insn.op);
  const bool misaligned = address % size != 0;
  const bool refuse = config_.misaligned == Misaligned::kTrap || !in_memory(address);
  if (misaligned && refuse) return raise(Cause::kStoreMisaligned, address);
  const uint32_t mask = size == 4 ? ~0u : (1u << (8 * size)) - 1;
  if (write_data(address, size, x_[insn.rs2] & mask)) return true;
  return raise(Cause::kStoreAccess, address);
}

bool RiscvCore::execute_csr(const Insn& insn) {
  const auto bits = static_cast<uint32_t>(insn.imm);
  const uint32_t number = bits >> 20;
  const bool immediate = (bits & 0x4000) != 0;
  const uint32_t kind = (bits >> 12) & 3;  // 1 write, 2 set, 3 clear
  const uint32_t operand = immediate ? insn.rs1 : x_[insn.rs1];
  const CsrFile::Counters now = counters(number);
  uint32_t old = 0;
  if (!csr_.read(number, now, old)) return raise(Cause::kIllegalInstruction, bits);
  const uint32_t value = kind == 1 ? operand : kind == 2 ? old | operand : old & ~operand;
  const bool writes = kind == 1 || insn.rs1 != 0;
  if (writes && !csr_.write(number, value, now)) return raise(Cause::kIllegalInstruction, bits);
  x_[insn.rd] = old;
  return true;
}

}  // namespace systole
