// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Plays a command list from DRAM: one word a cycle out of a block of words, while the next block is
// fetched. Simulated by a step per command that others notice (a START, FENCE, MARK, END, a new
// block), not by a step per word; words in between are applied before anybody can look.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hw/common/fault.h"
#include "hw/common/job_queue.h"
#include "hw/common/memory_bus.h"
#include "hw/dma/dma_kernel.h"
#include "hw/dma/memory_port.h"
#include "hw/perf/perf_model.h"

namespace systole::sequencer {

// What a command list acts on: the NPU.
class Host {
 public:
  enum class Target { kRefused, kPlain, kStart };

  virtual ~Host() = default;
  // What a WRITE to this register means.
  virtual Target target(uint32_t offset) const = 0;
  // Whether the queue that belongs to this START register has a free place.
  virtual bool can_start(uint32_t offset) const = 0;
  virtual void on_write(uint32_t offset, uint32_t word, uint64_t cycle) = 0;
  virtual bool units_idle() const = 0;
  virtual uint32_t perf_address() const = 0;
  virtual void on_mark(uint16_t tag, uint64_t cycle) = 0;
  virtual void on_end(uint64_t cycle) = 0;
  virtual void on_fault(const Fault& fault, uint64_t cycle) = 0;
};

struct ModelConfig {
  uint32_t fetch_bytes;
  dma::EngineConfig engine;
  dma::MemoryConfig memory;
};

class SequencerModel {
 public:
  static constexpr uint32_t kMarkBytes = 4 * perf::PerfModel::kImageWords;

  // All outlive the model.
  struct Ports {
    Host* host;
    dma::MemoryPort* memory_port;
    MemoryBus* bus;
    perf::PerfModel* perf;
  };

  SequencerModel(const ModelConfig& config, const Ports& ports);

  // Plays the list of `bytes` at `address`, from the cycle after `cycle` on. Requires: !busy().
  void start(uint32_t address, uint32_t bytes, uint64_t cycle);
  void halt(uint64_t cycle);

  bool busy() const { return busy_; }
  // Plays or waits for memory; not: waits for units.
  bool active() const { return busy_ && wait_ != Wait::kQueue && wait_ != Wait::kUnits; }

  // The memory port has served the sequencer's request; `cycle` is the one after the last.
  void on_port_done(uint64_t cycle);
  // Plays all words up to `cycle`, that one included.
  void play(uint64_t cycle);
  // Plays the words up to `cycle` whose effect nobody but a reader of registers can notice.
  void catch_up(uint64_t cycle);
  // The next cycle after `now` in which something must happen; kNever if that depends on others.
  uint64_t next_event(uint64_t now) const;

 private:
  enum class Wait { kNone, kWords, kQueue, kUnits };
  enum class Fetch { kNone, kRequested, kArrived, kRefused };
  enum class Mark { kNone, kWaiting, kWriting };

  struct Header {
    explicit Header(uint32_t word)
        : opcode(word >> 28), count(word >> 16 & 0xFFF), low(word & 0xFFFF) {}
    uint32_t opcode, count, low;
  };

  bool have_word(uint64_t cycle);
  bool play_word(uint64_t cycle);
  bool play_data(uint32_t word, uint64_t cycle);
  bool play_header(const Header& header, uint64_t cycle);
  bool play_mark(uint16_t tag, uint64_t cycle);
  bool play_end(uint64_t cycle);
  bool is_legal(const Header& header) const;
  void step(uint64_t cycle);
  bool stall(Wait wait);
  void resume(uint64_t cycle);
  void fail(const Fault& fault, uint64_t cycle);

  uint64_t block_address() const { return uint64_t{list_address_} + fetched_bytes_; }
  void request_block(uint64_t cycle);
  void receive_block(uint64_t cycle);
  void request_mark(uint64_t cycle);
  void write_mark(uint64_t cycle);
  void request(uint32_t address, uint32_t bytes, uint64_t cycle);
  uint64_t next_interaction() const;

  const ModelConfig config_;
  const Ports connected_;

  bool busy_ = false;
  uint32_t list_address_ = 0;
  uint32_t list_bytes_ = 0;
  uint32_t generation_ = 0;  // counts halt()

  // Words: the block that plays and the one behind it.
  std::vector<uint32_t> block_, next_block_;
  std::vector<uint8_t> raw_;
  uint32_t block_start_ = 0;    // byte offset of block_ in the list
  uint32_t fetched_bytes_ = 0;  // of the list, the outstanding block not counted
  uint32_t next_bytes_ = 0;     // of the outstanding block
  Fetch fetch_ = Fetch::kNone;
  uint64_t arrival_cycle_ = 0;

  // The next word to play.
  uint32_t word_ = 0;            // index in block_
  uint64_t play_cycle_ = 0;      // not before; kNever while a MARK is written
  uint64_t event_cycle_ = 0;     // play cycle of the next word that others notice
  uint32_t data_left_ = 0;       // data words of the WRITE that plays
  uint32_t data_offset_ = 0;     // register of the next one
  uint32_t command_offset_ = 0;  // of the last header, in bytes from the start of the list
  Wait wait_ = Wait::kNone;

  Mark mark_ = Mark::kNone;
  uint32_t marks_ = 0;
  std::array<uint8_t, kMarkBytes> mark_image_{};
};

}  // namespace systole::sequencer
