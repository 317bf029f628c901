// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Decoded instructions by address: one slot for every halfword of each 4 KiB page that has been
// executed. A slot is filled when it is first run and emptied when a store hits its bytes, so
// self-modifying code is right even without FENCE.I.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
#include <vector>

#include "sim/cpu/cpu_config.h"
#include "sim/cpu/riscv_insn.h"

namespace systole {

class DecodeCache {
 public:
  static constexpr uint32_t kPageBytes = 4096;
  static constexpr uint32_t kSlots = kPageBytes / 2;

  struct Page {
    uint32_t base = 0;
    // The two slots past the end are kPageEnd: execution leaves the page there, also after a
    // 32-bit instruction that began in its last halfword.
    Insn slots[kSlots + 2];
  };

  // Reads a halfword of code; false when there is no memory.
  class Fetcher {
   public:
    virtual ~Fetcher() = default;
    virtual bool fetch(uint32_t address, uint16_t& halfword) = 0;
  };

  DecodeCache(const CycleCosts& costs, Fetcher& fetcher);

  // Page tables of the whole address space, indexed by address / kPageBytes; null: not executed.
  Page* const* pages() const { return pages_.get(); }
  // Makes the page of `address`; the caller has found none in pages(). May drop all others.
  Page* make_page(uint32_t address);
  // Decodes what stands at the slot's address into the slot. Requires: slot < kSlots.
  void fill(Page& page, uint32_t slot);
  // Decodes into a page of its own, from where execution continues in the real one: the way past
  // a breakpoint.
  Insn* fill_alone(uint32_t address, Page*& page);

  // Bytes have changed: forget what was decoded from them.
  void invalidate(uint32_t address, uint32_t size_bytes);
  // Memory has changed somewhere: forget everything. Slots stay readable until the next fill.
  void flush();

  void set_breakpoint(uint32_t address);
  void clear_breakpoint(uint32_t address);
  bool has_breakpoint(uint32_t address) const { return breakpoints_.count(address) != 0; }

  // Makes stores to the page of `address` visible in pages(), as if code had run there.
  void watch_page(uint32_t address);

  // Cost of one instruction of this class, at least 1.
  uint32_t cost(CostClass cls) const;

 private:
  struct Free {
    void operator()(void* block) const { std::free(block); }
  };
  static constexpr size_t kPageCount = size_t{1} << 20;
  static constexpr size_t kMaxLivePages = 4096;  // 16 MiB of code, 128 MiB of slots

  Page* add_page(uint32_t address);
  Insn decode_at(uint32_t address);
  void shorten_branch(Insn& insn, const Page& page, uint32_t slot) const;
  void empty_slot(uint32_t address);

  CycleCosts costs_;
  Fetcher& fetcher_;
  std::unique_ptr<Page*[], Free> pages_;
  std::vector<std::unique_ptr<Page>> live_;
  std::vector<std::unique_ptr<Page>> spare_;
  Page alone_;
  uint32_t alone_slot_ = 0;
  std::set<uint32_t> breakpoints_;
  std::set<uint32_t> watched_pages_;
};

}  // namespace systole
