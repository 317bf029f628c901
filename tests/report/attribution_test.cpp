// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/report/attribution.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace systole::report {
namespace {

npu::JobRecord job(UnitId unit, uint64_t start, uint64_t end) {
  npu::JobRecord record{};
  record.unit = unit;
  record.queued = record.head = record.tokens = record.start = start;
  record.end = end;
  return record;
}

uint64_t cause(const LayerTime& layer, Cause which) {
  return layer.causes[static_cast<size_t>(which)];
}

uint64_t sum(const LayerTime& layer) {
  return std::accumulate(layer.causes.begin(), layer.causes.end(), uint64_t{0});
}

TEST(Attribution, SplitsAMacJobByItsOwnRecord) {
  npu::JobRecord mac = job(UnitId::kMacArray, 10, 110);
  mac.stream = 70;
  mac.weight_wait = 10;
  mac.fill = 20;
  mac.macs = 16 * 16 * 40;
  const LayerTime layer = attribute(3, 10, 110, mac.macs, {mac}, 256);
  EXPECT_EQ(layer.tag, 3);
  EXPECT_EQ(cause(layer, Cause::kIdealMacs), 40u);
  EXPECT_EQ(cause(layer, Cause::kEdgeLoss), 30u);
  EXPECT_EQ(cause(layer, Cause::kWeightLoad), 10u);
  EXPECT_EQ(cause(layer, Cause::kFillDrain), 20u);
  EXPECT_EQ(sum(layer), layer.cycles);
}

TEST(Attribution, GivesIdleCyclesToWhatTheArrayWaitsFor) {
  npu::JobRecord mac = job(UnitId::kMacArray, 50, 60);
  mac.fill = 10;
  mac.tokens = 45;  // had its tokens, waited for a bank
  const LayerTime layer = attribute(
      0, 0, 100, 0,
      {job(UnitId::kLoad, 5, 45), mac, job(UnitId::kRequant, 60, 80), job(UnitId::kStore, 70, 95)},
      256);
  EXPECT_EQ(cause(layer, Cause::kDependency), 5u + 5u);  // before the load, after the store
  EXPECT_EQ(cause(layer, Cause::kDramWait),
            40u + 10u + 15u);  // load; store, requant beside it or not
  EXPECT_EQ(cause(layer, Cause::kBankConflict), 5u);
  EXPECT_EQ(cause(layer, Cause::kRequantVector), 10u);
  EXPECT_EQ(cause(layer, Cause::kFillDrain), 10u);
  EXPECT_EQ(sum(layer), 100u);
}

TEST(Attribution, CausesAlwaysSumToTheLayersCycles) {
  const uint32_t seed = 20240607;
  std::mt19937 random(seed);
  const UnitId units[] = {UnitId::kLoad, UnitId::kStore, UnitId::kRequant, UnitId::kVector};
  for (int round = 0; round < 1000; ++round) {
    std::vector<npu::JobRecord> jobs;
    uint64_t mac_free = 100, macs = 0;
    for (int i = 0; i < 20; ++i) {
      const uint64_t start = 100 + random() % 800;
      jobs.push_back(job(units[random() % 4], start, start + random() % 100));
      npu::JobRecord mac = job(UnitId::kMacArray, mac_free + random() % 30, 0);
      mac.tokens = std::max(mac_free, mac.start - random() % 5);
      mac.stream = random() % 20;
      mac.weight_wait = random() % 5;
      mac.fill = random() % 10;
      mac.macs = mac.stream * (random() % 257);
      mac.end = mac.start + mac.stream + mac.weight_wait + mac.fill;
      macs += mac.macs;
      mac_free = mac.end;
      jobs.push_back(mac);
    }
    const uint64_t end = std::max<uint64_t>(1000, mac_free + random() % 10);
    const LayerTime layer = attribute(0, 100, end, macs, jobs, 256);
    ASSERT_EQ(sum(layer), layer.cycles) << "seed " << seed << " round " << round;
  }
}

TEST(TimeKeeper, SplitsAnInferenceAtItsMarks) {
  TimeKeeper keeper({512, 0}, 256);
  keeper.on_start(100);
  keeper.on_job(job(UnitId::kLoad, 110, 150));
  keeper.on_mark(0, 160);
  keeper.on_mark(1, 200);
  keeper.on_done(205);
  ASSERT_EQ(keeper.inferences().size(), 1u);
  const InferenceTime& time = keeper.inferences()[0];
  EXPECT_EQ(time.cycles(), 105u);
  EXPECT_EQ(time.tail_cycles, 5u);
  ASSERT_EQ(time.layers.size(), 2u);
  EXPECT_EQ(time.layers[0].cycles, 60u);
  EXPECT_EQ(time.layers[0].macs, 512u);
  EXPECT_EQ(cause(time.layers[0], Cause::kDramWait), 40u);
  EXPECT_EQ(time.layers[1].cycles, 40u);
}

// A list with layer 0, layer 1 of the core, a list with layer 2.
TEST(TimeKeeper, GivesTheFirmwareWhatNoListTakes) {
  TimeKeeper keeper({512, 0, 0}, 256);
  keeper.on_start(100);
  keeper.on_job(job(UnitId::kLoad, 110, 150));
  keeper.on_mark(0, 160);
  keeper.on_done(165);     // layer 1's row begins with what is left of the list
  keeper.on_mark(1, 400);  // SW_MARK
  keeper.on_start(420);
  keeper.on_job(job(UnitId::kStore, 430, 470));
  keeper.on_mark(2, 480);
  EXPECT_TRUE(keeper.inferences().empty());
  keeper.on_done(484);
  ASSERT_EQ(keeper.inferences().size(), 1u);
  const InferenceTime& time = keeper.inferences()[0];
  EXPECT_EQ(time.cycles(), 384u);
  EXPECT_EQ(time.tail_cycles, 4u);
  ASSERT_EQ(time.layers.size(), 3u);
  EXPECT_EQ(cause(time.layers[0], Cause::kFirmware), 0u);
  EXPECT_EQ(time.layers[1].cycles, 240u);
  EXPECT_EQ(cause(time.layers[1], Cause::kDependency), 5u);
  EXPECT_EQ(cause(time.layers[1], Cause::kFirmware), 235u);
  EXPECT_EQ(time.layers[2].cycles, 80u);
  EXPECT_EQ(cause(time.layers[2], Cause::kFirmware), 20u);
  EXPECT_EQ(cause(time.layers[2], Cause::kDramWait), 40u);
  for (const LayerTime& layer : time.layers) EXPECT_EQ(sum(layer), layer.cycles);
}

TEST(TimeKeeper, KeepsInferencesOfTheCoreAloneApart) {
  TimeKeeper keeper({0, 0}, 256);
  for (const uint64_t begin : {1000u, 5000u}) {
    keeper.on_begin(begin);
    keeper.on_mark(0, begin + 300);
    keeper.on_mark(1, begin + 700);
  }
  ASSERT_EQ(keeper.inferences().size(), 2u);
  for (const InferenceTime& time : keeper.inferences()) {
    EXPECT_EQ(time.cycles(), 700u);
    EXPECT_EQ(time.tail_cycles, 0u);
    EXPECT_EQ(cause(time.layers[0], Cause::kFirmware), 300u);
    EXPECT_EQ(cause(time.layers[1], Cause::kFirmware), 400u);
  }
}

}  // namespace
}  // namespace systole::report
