// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/dma/memory_port.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/common/random.h"

namespace systole::dma {
namespace {

using Client = MemoryPort::Client;
constexpr uint64_t kNever = MemoryPort::kNever;

// The same port, cycle by cycle.
class SlowPort {
 public:
  void request(uint32_t client, uint64_t active, uint64_t cycles) {
    requests_[client] = {active, cycles, kNever};
  }
  void cancel(uint32_t client) { requests_[client] = {}; }
  void tick() {
    for (uint32_t i = 1; i <= MemoryPort::kClients; ++i) {
      Request& r = requests_[(last_ + i) % MemoryPort::kClients];
      if (r.left == 0 || r.active > now_) continue;
      last_ = (last_ + i) % MemoryPort::kClients;
      if (--r.left == 0) r.done = now_ + 1;
      break;
    }
    ++now_;
  }
  uint64_t take_done(uint32_t client) {
    const uint64_t done = requests_[client].done;
    if (done != kNever) requests_[client] = {};
    return done;
  }

 private:
  struct Request {
    uint64_t active = kNever, left = 0, done = kNever;
  };
  uint64_t now_ = 0;
  uint32_t last_ = MemoryPort::kClients - 1;
  std::array<Request, MemoryPort::kClients> requests_;
};

TEST(MemoryPort, ServesOneClientAtFullRate) {
  MemoryPort port;
  port.request(Client::kLoad, 60, 100);
  EXPECT_EQ(port.next_done(), 160u);
  port.advance(159);
  EXPECT_EQ(port.take_done(Client::kLoad), kNever);
  port.advance(160);
  EXPECT_EQ(port.take_done(Client::kLoad), 160u);
  EXPECT_EQ(port.next_done(), kNever);
}

TEST(MemoryPort, SharesInTurn) {
  MemoryPort port;
  port.request(Client::kLoad, 0, 10);
  port.request(Client::kStore, 0, 3);
  EXPECT_EQ(port.next_done(), 6u) << "store has cycles 1, 3, 5";
  port.advance(6);
  EXPECT_EQ(port.take_done(Client::kStore), 6u);
  EXPECT_EQ(port.next_done(), 13u) << "load had 0, 2, 4 and has all from 6 on";
}

TEST(MemoryPort, ALaterRequestMovesTheEnd) {
  MemoryPort port;
  port.request(Client::kLoad, 0, 10);
  port.advance(4);
  port.request(Client::kSequencer, 6, 2);
  EXPECT_EQ(port.next_done(), 9u) << "load 0..5, sequencer 6, load 7, sequencer 8";
  port.advance(9);
  EXPECT_EQ(port.take_done(Client::kSequencer), 9u);
  EXPECT_EQ(port.next_done(), 12u);
}

TEST(MemoryPort, CancelFreesThePort) {
  MemoryPort port;
  port.request(Client::kLoad, 0, 10);
  port.request(Client::kStore, 0, 10);
  port.advance(4);
  port.cancel(Client::kStore);
  EXPECT_EQ(port.next_done(), 12u);
}

// Both ports get the same requests; every end must be at the same cycle.
void compare_with_slow_port(test::Random& random) {
  MemoryPort port;
  SlowPort slow;
  std::array<bool, MemoryPort::kClients> busy{};
  const int64_t gap = random.between(1, 60), length = random.between(1, 40);
  for (uint64_t cycle = 0; cycle < 400; ++cycle) {
    if (random.between(0, 3) == 0) port.advance(cycle);  // any steps give the same
    for (uint32_t c = 0; c < MemoryPort::kClients; ++c) {
      const auto client = static_cast<Client>(c);
      if (busy[c] && random.between(0, 200) == 0) {
        port.advance(cycle);
        port.cancel(client);
        slow.cancel(c);
        busy[c] = false;
      }
      if (busy[c] || random.between(0, gap) != 0) continue;
      port.advance(cycle);
      const uint64_t active = cycle + random.between(0, gap), cycles = random.between(1, length);
      port.request(client, active, cycles);
      slow.request(c, active, cycles);
      busy[c] = true;
    }
    const uint64_t next = port.next_done();
    slow.tick();
    bool ended = false;
    for (uint32_t c = 0; c < MemoryPort::kClients; ++c) {
      const uint64_t done = slow.take_done(c);
      if (done == kNever) continue;
      ended = true;
      busy[c] = false;
      ASSERT_EQ(next, done);
      port.advance(cycle + 1);
      ASSERT_EQ(port.take_done(static_cast<Client>(c)), done);
    }
    if (!ended) {
      ASSERT_GT(next, cycle + 1);
    }
  }
}

TEST(MemoryPort, EqualsACycleByCycleSimulation) {
  test::Random random;
  for (int scenario = 0; scenario < 5000; ++scenario) {
    compare_with_slow_port(random);
    if (HasFatalFailure()) FAIL() << "scenario " << scenario;
  }
}

}  // namespace
}  // namespace systole::dma
