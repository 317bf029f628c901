// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "tests/npu/jobs.h"

namespace systole::test {
namespace {

uint32_t bits9(int32_t value) { return static_cast<uint32_t>(value) & 0x1FF; }
uint32_t pair16(uint32_t low, uint32_t high) { return low | high << 16; }
uint32_t pair8(uint32_t low, uint32_t high) { return low | high << 8; }

RegisterJob dma_job(uint32_t base, const dma::Job& job, const JobOptions& options) {
  namespace r = regs::dma;
  const uint32_t pad = pair16(pair8(job.before1, job.after1), pair8(job.before2, job.after2));
  return {base,
          {{r::kTag, options.tag},
           {r::kDramAddr, job.dram_addr},
           {r::kRegion, 0},
           {r::kSpadAddr, job.spad_addr},
           {r::kSize0, job.size0},
           {r::kSize1, job.size1},
           {r::kSize2, job.size2},
           {r::kDramStride1, job.dram_stride1},
           {r::kDramStride2, job.dram_stride2},
           {r::kSpadStride1, job.spad_stride1},
           {r::kSpadStride2, job.spad_stride2},
           {r::kPad, pad},
           {r::kPadValue, job.pad_value},
           {r::kTokens, options.tokens()},
           {r::kStart, options.start()}}};
}

}  // namespace

RegisterJob load_job(const dma::Job& job, const JobOptions& options) {
  return dma_job(regs::npu::kDmaLoad, job, options);
}

RegisterJob store_job(const dma::Job& job, const JobOptions& options) {
  return dma_job(regs::npu::kDmaStore, job, options);
}

RegisterJob mac_job(const mac_array::Job& job, const JobOptions& options) {
  namespace r = regs::mac_array;
  const uint32_t mode =
      r::mode::kInSigned.put(job.in_signed) | r::mode::kWgtSigned.put(job.wgt_signed) |
      r::mode::kAccumulate.put(job.accumulate) | r::mode::kWgtZpLine.put(job.wgt_zp_line);
  return {regs::npu::kMacArray,
          {{r::kTag, options.tag},
           {r::kInAddr, job.in_addr},
           {r::kWgtAddr, job.wgt_addr},
           {r::kAccAddr, job.acc_row},
           {r::kKLen, job.k_len},
           {r::kOutChannels, job.out_channels},
           {r::kKLoops, pair8(job.kx, job.ky)},
           {r::kKxStride, job.kx_stride},
           {r::kKyStride, job.ky_stride},
           {r::kOutSize, pair16(job.x, job.y)},
           {r::kXStride, job.x_stride},
           {r::kYStride, job.y_stride},
           {r::kZeroPoint, pair16(bits9(job.in_zp), bits9(job.wgt_zp))},
           {r::kMode, mode},
           {r::kTokens, options.tokens()},
           {r::kStart, options.start()}}};
}

RegisterJob requant_job(const requant::Job& job, const JobOptions& options) {
  namespace r = regs::requant;
  const uint32_t mode =
      r::mode::kArith.put(static_cast<uint32_t>(job.mode.arith)) |
      r::mode::kZpFirst.put(job.mode.zp_first) | r::mode::kTiesUp.put(job.mode.ties_up) |
      r::mode::kOverflow.put(static_cast<uint32_t>(job.mode.overflow)) |
      r::mode::kOutSigned.put(job.mode.out_signed) | r::mode::kPerTensor.put(job.per_tensor) |
      r::mode::kParamLoad.put(job.param_load) | r::mode::kAccFp32.put(job.mode.acc_fp32);
  return {regs::npu::kRequant,
          {{r::kTag, options.tag},
           {r::kAccAddr, job.acc_row},
           {r::kOutAddr, job.out_addr},
           {r::kOutChannels, job.out_channels},
           {r::kOutSize, pair16(job.x, job.y)},
           {r::kXStride, job.x_stride},
           {r::kYStride, job.y_stride},
           {r::kMode, mode},
           {r::kZeroPoint, bits9(job.tensor.zero_point)},
           {r::kClamp, pair16(bits9(job.tensor.qmin), bits9(job.tensor.qmax))},
           {r::kAux, job.tensor.aux},
           {r::kAvgCount, job.tensor.avg_count},
           {r::kParamAddr, job.param_addr},
           {r::kTokens, options.tokens()},
           {r::kStart, options.start()}}};
}

RegisterJob vector_job(const vector::Job& job, const JobOptions& options) {
  namespace r = regs::vector;
  const uint32_t mode = r::mode::kOp.put(job.op) | r::mode::kSigned.put(job.is_signed) |
                        r::mode::kIn2Splat.put(job.in2_splat) | r::mode::kLoadA.put(job.load_a) |
                        r::mode::kLoadB.put(job.load_b);
  return {regs::npu::kVector,
          {{r::kTag, options.tag},
           {r::kInAddr, job.in_addr},
           {r::kOutAddr, job.out_addr},
           {r::kChannels, job.channels},
           {r::kOutSize, pair16(job.x, job.y)},
           {r::kInXStride, job.in_x_stride},
           {r::kInYStride, job.in_y_stride},
           {r::kOutXStride, job.out_x_stride},
           {r::kOutYStride, job.out_y_stride},
           {r::kWindow, pair8(job.kx, job.ky)},
           {r::kKxStride, job.kx_stride},
           {r::kKyStride, job.ky_stride},
           {r::kMode, mode},
           {r::kClamp, pair16(bits9(job.qmin), bits9(job.qmax))},
           {r::kIn2Addr, job.in2_addr},
           {r::kIn2XStride, job.in2_x_stride},
           {r::kIn2YStride, job.in2_y_stride},
           {r::kTableAddr, job.table_addr},
           {r::kAccAddr, job.acc_row},
           {r::kTokens, options.tokens()},
           {r::kStart, options.start()}}};
}

}  // namespace systole::test
