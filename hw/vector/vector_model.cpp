// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/vector/vector_model.h"

#include <algorithm>

namespace systole::vector {
namespace {

namespace r = regs::vector;

Job decode_job(const JobSnapshot& s) {
  const uint32_t out_size = s.word(r::kOutSize), window = s.word(r::kWindow);
  const uint32_t mode = s.word(r::kMode), clamp = s.word(r::kClamp);
  Job job;
  job.in_addr = s.word(r::kInAddr);
  job.out_addr = s.word(r::kOutAddr);
  job.channels = s.word(r::kChannels);
  job.x = r::out_size::kX.get(out_size);
  job.y = r::out_size::kY.get(out_size);
  job.in_x_stride = s.word(r::kInXStride);
  job.in_y_stride = s.word(r::kInYStride);
  job.out_x_stride = s.word(r::kOutXStride);
  job.out_y_stride = s.word(r::kOutYStride);
  job.kx = r::window::kKx.get(window);
  job.ky = r::window::kKy.get(window);
  job.kx_stride = s.word(r::kKxStride);
  job.ky_stride = s.word(r::kKyStride);
  job.op = r::mode::kOp.get(mode);
  job.is_signed = r::mode::kSigned.get(mode) != 0;
  job.qmin = r::clamp::kQmin.get_signed(clamp);
  job.qmax = r::clamp::kQmax.get_signed(clamp);
  job.in2_addr = s.word(r::kIn2Addr);
  job.in2_x_stride = s.word(r::kIn2XStride);
  job.in2_y_stride = s.word(r::kIn2YStride);
  job.in2_splat = r::mode::kIn2Splat.get(mode) != 0;
  job.acc_row = s.word(r::kAccAddr);
  job.load_a = r::mode::kLoadA.get(mode) != 0;
  job.load_b = r::mode::kLoadB.get(mode) != 0;
  job.table_addr = s.word(r::kTableAddr);
  return job;
}

}  // namespace

Fault VectorModel::decode(const JobSnapshot& job) {
  decoded_ = decode_job(job);
  const Fault fault = check(decoded_, config_, geometry_);
  if (!fault) ports_ = scratchpad::ports_of(geometry_, footprint(decoded_));
  return fault;
}

uint64_t VectorModel::begin(const JobInfo& info) {
  const bool shared_bank = shares_bank(decoded_, geometry_);
  const Timing timing = engine_.run(info, decoded_, config_, shared_bank, &tables_, spad_, acc_);
  causes_.stream = timing.stream;
  causes_.fill = timing.table_load + timing.fill;
  return info.start + std::max<uint64_t>(timing.total(), 1);
}

VectorModel::VectorModel(const Config& config, const scratchpad::Geometry& geometry,
                         uint32_t queue_depth, uint8_t* spad, int32_t* acc, Engine& engine)
    : JobUnit(UnitId::kVector, r::kBlock, Layout{r::kTokens, r::kStart}, queue_depth),
      config_(config),
      geometry_(geometry),
      spad_(spad),
      acc_(acc),
      engine_(engine) {}

}  // namespace systole::vector
