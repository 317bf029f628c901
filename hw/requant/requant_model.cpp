// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/requant/requant_model.h"

#include <algorithm>

namespace systole::requant {
namespace {

namespace r = regs::requant;

Mode decode_mode(uint32_t word) {
  Mode mode;
  mode.arith = static_cast<Arith>(r::mode::kArith.get(word));
  mode.zp_first = r::mode::kZpFirst.get(word) != 0;
  mode.ties_up = r::mode::kTiesUp.get(word) != 0;
  mode.overflow = static_cast<Overflow>(r::mode::kOverflow.get(word));
  mode.out_signed = r::mode::kOutSigned.get(word) != 0;
  mode.acc_fp32 = r::mode::kAccFp32.get(word) != 0;
  return mode;
}

TensorParams decode_tensor(const JobSnapshot& s) {
  const uint32_t clamp = s.word(r::kClamp);
  TensorParams tensor;
  tensor.zero_point = r::zero_point::kZp.get_signed(s.word(r::kZeroPoint));
  tensor.qmin = r::clamp::kQmin.get_signed(clamp);
  tensor.qmax = r::clamp::kQmax.get_signed(clamp);
  tensor.aux = s.word(r::kAux);
  tensor.avg_count = s.word(r::kAvgCount);
  return tensor;
}

Job decode_job(const JobSnapshot& s) {
  const uint32_t out_size = s.word(r::kOutSize), mode = s.word(r::kMode);
  Job job;
  job.acc_row = s.word(r::kAccAddr);
  job.out_addr = s.word(r::kOutAddr);
  job.out_channels = s.word(r::kOutChannels);
  job.x = r::out_size::kX.get(out_size);
  job.y = r::out_size::kY.get(out_size);
  job.x_stride = s.word(r::kXStride);
  job.y_stride = s.word(r::kYStride);
  job.mode = decode_mode(mode);
  job.per_tensor = r::mode::kPerTensor.get(mode) != 0;
  job.param_load = r::mode::kParamLoad.get(mode) != 0;
  job.tensor = decode_tensor(s);
  job.param_addr = s.word(r::kParamAddr);
  return job;
}

}  // namespace

Fault RequantModel::decode(const JobSnapshot& job) {
  decoded_ = decode_job(job);
  const Fault fault = check(decoded_, config_, geometry_);
  if (!fault) ports_ = scratchpad::ports_of(geometry_, footprint(decoded_));
  return fault;
}

uint64_t RequantModel::begin(const JobInfo& info) {
  const Timing timing = engine_.run(info, decoded_, config_, acc_, table_.data(), spad_);
  causes_.stream = timing.stream;
  causes_.fill = timing.param_load + timing.fill;
  return info.start + std::max<uint64_t>(timing.total(), 1);
}

void RequantModel::map_table() {
  RegisterFile& file = registers();
  file.on_value(r::kParamMult, [this](uint32_t i) { return table_[i].mult; });
  file.on_value(r::kParamBias, [this](uint32_t i) { return table_[i].bias; });
  file.on_value(r::kParamShift,
                [this](uint32_t i) { return static_cast<uint32_t>(table_[i].shift); });
  file.on_write(r::kParamMult, [this](uint32_t i, uint32_t word) { table_[i].mult = word; });
  file.on_write(r::kParamBias, [this](uint32_t i, uint32_t word) { table_[i].bias = word; });
  file.on_write(r::kParamShift, [this](uint32_t i, uint32_t word) {
    table_[i].shift = static_cast<int32_t>(word);
  });
}

RequantModel::RequantModel(const Config& config, const scratchpad::Geometry& geometry,
                           uint32_t queue_depth, const int32_t* acc, uint8_t* spad, Engine& engine)
    : JobUnit(UnitId::kRequant, r::kBlock, Layout{r::kTokens, r::kStart}, queue_depth),
      config_(config),
      geometry_(geometry),
      acc_(acc),
      spad_(spad),
      engine_(engine) {
  map_table();
}

}  // namespace systole::requant
