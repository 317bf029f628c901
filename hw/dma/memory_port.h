// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The one port to DRAM, shared by the load DMA, the store DMA and the sequencer. In every cycle it
// serves one client that has an active request, in turn: the first active client after the one
// served last, in the order of Client. Exact, yet simulated with a few steps per request and none
// per beat: between two changes each of k active clients gets every k-th cycle.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

namespace systole::dma {

class MemoryPort {
 public:
  enum class Client : uint32_t { kLoad, kStore, kSequencer };
  static constexpr uint32_t kClients = 3;
  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

  // Asks for `port_cycles` cycles of the port, the first of them not before cycle `active`.
  // Requires: the client has no request; active >= the port's time; port_cycles >= 1.
  void request(Client client, uint64_t active, uint64_t port_cycles);
  void cancel(Client client);

  // Serves all cycles before `cycle`. A request that is done stays until take_done() asks.
  void advance(uint64_t cycle);
  // The cycle after the last one of a request that is done by now; kNever if there is none.
  uint64_t take_done(Client client);
  // When the next request is done if no other is made; kNever if there is none.
  uint64_t next_done() const;

 private:
  struct Request {
    uint64_t active = kNever;  // kNever: no request
    uint64_t left = 0;         // port cycles still to be served
    uint64_t done = kNever;
  };

  bool is_active(const Request& r) const { return r.left > 0 && r.active <= now_; }
  uint32_t count_active() const;
  uint64_t next_change(uint64_t limit) const;
  void serve(uint64_t cycles);

  uint64_t now_ = 0;
  uint32_t last_ = kClients - 1;  // client that was served last
  std::array<Request, kClients> requests_;
};

}  // namespace systole::dma
