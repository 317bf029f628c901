// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cpu/decode_cache.h"

#include <algorithm>
#include <new>

#include "sim/cpu/riscv_decode.h"

namespace systole {
namespace {

constexpr uint32_t kOffsetMask = DecodeCache::kPageBytes - 1;

uint32_t slot_of(uint32_t address) { return (address & kOffsetMask) >> 1; }

}  // namespace

DecodeCache::DecodeCache(const CycleCosts& costs, Fetcher& fetcher)
    : costs_(costs),
      fetcher_(fetcher),
      // calloc: 8 MiB of zeros that cost nothing until a page is used.
      pages_(static_cast<Page**>(std::calloc(kPageCount, sizeof(void*)))) {
  if (!pages_) throw std::bad_alloc();
  for (Insn& slot : alone_.slots) slot.op = Op::kPageEnd;
}

uint32_t DecodeCache::cost(CostClass cls) const {
  uint32_t cycles = 0;
  switch (cls) {
    case CostClass::kNone:
      break;
    case CostClass::kAlu:
      cycles = costs_.alu;
      break;
    case CostClass::kMul:
      cycles = costs_.mul;
      break;
    case CostClass::kDiv:
      cycles = costs_.div;
      break;
    case CostClass::kBranch:
      cycles = costs_.branch_not_taken;
      break;
    case CostClass::kJump:
      cycles = costs_.jump;
      break;
    case CostClass::kLoad:
      cycles = costs_.load;
      break;
    case CostClass::kStore:
      cycles = costs_.store;
      break;
    case CostClass::kAmo:
      cycles = costs_.amo;
      break;
    case CostClass::kFence:
      cycles = costs_.fence;
      break;
    case CostClass::kCsr:
      cycles = costs_.csr;
      break;
    case CostClass::kSystem:
      cycles = costs_.system;
      break;
  }
  return std::max(1u, costs_.fetch + cycles);
}

DecodeCache::Page* DecodeCache::add_page(uint32_t address) {
  if (spare_.empty()) spare_.push_back(std::make_unique<Page>());
  live_.push_back(std::move(spare_.back()));
  spare_.pop_back();
  Page* page = live_.back().get();
  page->base = address & ~kOffsetMask;
  for (uint32_t i = 0; i < kSlots; ++i) page->slots[i].op = Op::kDecode;
  page->slots[kSlots].op = Op::kPageEnd;
  page->slots[kSlots + 1].op = Op::kPageEnd;
  pages_[address / kPageBytes] = page;
  return page;
}

DecodeCache::Page* DecodeCache::make_page(uint32_t address) {
  if (live_.size() >= kMaxLivePages) flush();
  Page* page = pages_[address / kPageBytes];
  return page != nullptr ? page : add_page(address);
}

Insn DecodeCache::decode_at(uint32_t address) {
  uint16_t first = 0;
  uint16_t second = 0;
  Insn insn;
  if (!fetcher_.fetch(address, first)) {
    insn.op = Op::kFetchFault;
    insn.imm = static_cast<int32_t>(address);
  } else if (!is_full_size(first)) {
    insn = decode(expand_compressed(first), address);
    if (insn.op == Op::kIllegal) insn.imm = first;
    insn.step = 1;
  } else if (!fetcher_.fetch(address + 2, second)) {
    insn.op = Op::kFetchFault;
    insn.imm = static_cast<int32_t>(address + 2);
  } else {
    insn = decode(uint32_t{second} << 16 | first, address);
    insn.step = 2;
  }
  insn.cost = cost(cost_class(insn.op));
  return insn;
}

// Turns a Far form into the near one when the target lies in the page.
void DecodeCache::shorten_branch(Insn& insn, const Page& page, uint32_t slot) const {
  const auto target = static_cast<uint32_t>(insn.imm);
  if (target - page.base >= kPageBytes) return;
  if (insn.op >= Op::kBeqFar && insn.op <= Op::kBgeuFar) {
    const int distance = static_cast<int>(Op::kBeqFar) - static_cast<int>(Op::kBeq);
    insn.op = static_cast<Op>(static_cast<int>(insn.op) - distance);
  } else if (insn.op == Op::kJalFar) {
    insn.op = Op::kJal;
  } else {
    return;
  }
  insn.imm = static_cast<int32_t>(slot_of(target)) - static_cast<int32_t>(slot);
}

void DecodeCache::fill(Page& page, uint32_t slot) {
  const uint32_t address = page.base + 2 * slot;
  Insn insn = decode_at(address);
  shorten_branch(insn, page, slot);
  if (has_breakpoint(address)) insn.op = Op::kBreakpoint;
  page.slots[slot] = insn;
  // A store to the second half must find a page to invalidate.
  const bool straddles = slot == kSlots - 1 && insn.step != 1;
  const uint32_t next = page.base + kPageBytes;
  if (straddles && pages_[next / kPageBytes] == nullptr) add_page(next);
}

Insn* DecodeCache::fill_alone(uint32_t address, Page*& page) {
  alone_.slots[alone_slot_].op = Op::kPageEnd;
  alone_slot_ = slot_of(address);
  alone_.base = address & ~kOffsetMask;
  Insn& slot = alone_.slots[alone_slot_];
  slot = decode_at(address);
  shorten_branch(slot, alone_, alone_slot_);
  page = &alone_;
  return &slot;
}

void DecodeCache::empty_slot(uint32_t address) {
  Page* page = pages_[address / kPageBytes];
  if (page != nullptr) page->slots[slot_of(address)].op = Op::kDecode;
}

void DecodeCache::invalidate(uint32_t address, uint32_t size_bytes) {
  // The halfword before may begin a 32-bit instruction that reaches into the changed bytes.
  const uint32_t first = (address & ~1u) - 2;
  const uint32_t slots = (address + size_bytes - 1 - first) / 2 + 1;
  for (uint32_t i = 0; i < slots; ++i) empty_slot(first + 2 * i);
}

void DecodeCache::flush() {
  for (auto& page : live_) {
    pages_[page->base / kPageBytes] = nullptr;
    spare_.push_back(std::move(page));
  }
  live_.clear();
  for (const uint32_t base : watched_pages_) add_page(base);
}

void DecodeCache::set_breakpoint(uint32_t address) {
  breakpoints_.insert(address);
  empty_slot(address);
}

void DecodeCache::clear_breakpoint(uint32_t address) {
  breakpoints_.erase(address);
  empty_slot(address);
}

void DecodeCache::watch_page(uint32_t address) {
  watched_pages_.insert(address & ~kOffsetMask);
  if (pages_[address / kPageBytes] == nullptr) add_page(address);
}

}  // namespace systole
