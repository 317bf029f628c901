// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/dma/memory_port.h"

#include <algorithm>
#include <cassert>

namespace systole::dma {

void MemoryPort::request(Client client, uint64_t active, uint64_t port_cycles) {
  Request& request = requests_[static_cast<uint32_t>(client)];
  assert(request.active == kNever && "one request per client at a time");
  assert(active >= now_ && port_cycles >= 1);
  request = Request{active, port_cycles, kNever};
}

void MemoryPort::cancel(Client client) { requests_[static_cast<uint32_t>(client)] = Request{}; }

uint64_t MemoryPort::take_done(Client client) {
  Request& request = requests_[static_cast<uint32_t>(client)];
  const uint64_t done = request.done;
  if (done != kNever) request = Request{};
  return done;
}

uint32_t MemoryPort::count_active() const {
  uint32_t count = 0;
  for (const Request& r : requests_) count += is_active(r) ? 1 : 0;
  return count;
}

// Walks the active clients in the order of service and returns the first cycle, up to `limit`, at
// which the set of active clients changes.
uint64_t MemoryPort::next_change(uint64_t limit) const {
  const uint32_t count = count_active();
  uint64_t change = limit;
  uint32_t position = 0;
  for (uint32_t i = 1; i <= kClients; ++i) {
    const Request& r = requests_[(last_ + i) % kClients];
    if (is_active(r)) {
      change = std::min(change, now_ + (r.left - 1) * count + position + 1);
      ++position;
    } else if (r.left > 0) {
      change = std::min(change, r.active);
    }
  }
  return change;
}

// Serves `cycles` cycles in which the set of active clients stays the same. The first
// `cycles % count` clients in the order of service get one cycle more than the others.
void MemoryPort::serve(uint64_t cycles) {
  const uint32_t count = count_active();
  const uint64_t end = now_ + cycles;
  if (count > 0 && cycles > 0) {
    const uint32_t first = last_;
    uint32_t position = 0;
    for (uint32_t i = 1; i <= kClients; ++i) {
      const uint32_t client = (first + i) % kClients;
      Request& r = requests_[client];
      if (!is_active(r)) continue;
      r.left -= cycles / count + (position < cycles % count ? 1 : 0);
      if (r.left == 0) r.done = end;
      if ((cycles - 1) % count == position) last_ = client;
      ++position;
    }
  }
  now_ = end;
}

void MemoryPort::advance(uint64_t cycle) {
  while (now_ < cycle) serve(next_change(cycle) - now_);
}

uint64_t MemoryPort::next_done() const {
  uint64_t earliest = kNever;
  bool pending = false;
  for (const Request& r : requests_) {
    earliest = std::min(earliest, r.done);
    pending |= r.left > 0;
  }
  if (earliest != kNever || !pending) return earliest;
  MemoryPort future = *this;
  for (;;) {
    future.serve(future.next_change(kNever) - future.now_);
    for (const Request& r : future.requests_) earliest = std::min(earliest, r.done);
    if (earliest != kNever) return earliest;
  }
}

}  // namespace systole::dma
