// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/mac_array/mac_array_model.h"

#include <algorithm>

#include "hw/mac_array/gen/mac_array_regs.hpp"

namespace systole::mac_array {
namespace {

namespace r = regs::mac_array;

Job decode_job(const JobSnapshot& s) {
  const uint32_t loops = s.word(r::kKLoops), out_size = s.word(r::kOutSize);
  const uint32_t zero_point = s.word(r::kZeroPoint), mode = s.word(r::kMode);
  Job job;
  job.in_addr = s.word(r::kInAddr);
  job.wgt_addr = s.word(r::kWgtAddr);
  job.acc_row = s.word(r::kAccAddr);
  job.k_len = s.word(r::kKLen);
  job.out_channels = s.word(r::kOutChannels);
  job.kx = r::k_loops::kKx.get(loops);
  job.ky = r::k_loops::kKy.get(loops);
  job.kx_stride = s.word(r::kKxStride);
  job.ky_stride = s.word(r::kKyStride);
  job.x = r::out_size::kX.get(out_size);
  job.y = r::out_size::kY.get(out_size);
  job.x_stride = s.word(r::kXStride);
  job.y_stride = s.word(r::kYStride);
  job.in_zp = r::zero_point::kInZp.get_signed(zero_point);
  job.wgt_zp = r::zero_point::kWgtZp.get_signed(zero_point);
  job.in_signed = r::mode::kInSigned.get(mode) != 0;
  job.wgt_signed = r::mode::kWgtSigned.get(mode) != 0;
  job.accumulate = r::mode::kAccumulate.get(mode) != 0;
  job.wgt_zp_line = r::mode::kWgtZpLine.get(mode) != 0;
  return job;
}

}  // namespace

Fault MacArrayModel::decode(const JobSnapshot& job) {
  decoded_ = decode_job(job);
  const Fault fault = check(decoded_, config_, geometry_);
  if (fault) return fault;
  const scratchpad::Footprint used = footprint(decoded_);
  ports_ = scratchpad::ports_of(geometry_, used);
  shared_bank_ = (scratchpad::banks_of(geometry_, used.read[0]) &
                  scratchpad::banks_of(geometry_, used.read[1])) != 0;
  return {};
}

uint64_t MacArrayModel::begin(const JobInfo& info) {
  const Timing timing = engine_.run(info, decoded_, config_, shared_bank_, spad_, acc_);
  causes_.stream = timing.stream;
  causes_.weight_wait = timing.weight_wait;
  causes_.fill = timing.fill;
  causes_.macs = decoded_.macs();
  return info.start + std::max<uint64_t>(timing.total(), 1);
}

MacArrayModel::MacArrayModel(const Config& config, const scratchpad::Geometry& geometry,
                             uint32_t queue_depth, const uint8_t* spad, int32_t* acc,
                             Engine& engine)
    : JobUnit(UnitId::kMacArray, r::kBlock, Layout{r::kTokens, r::kStart}, queue_depth),
      config_(config),
      geometry_(geometry),
      spad_(spad),
      acc_(acc),
      engine_(engine) {}

}  // namespace systole::mac_array
