// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/vector/vector_kernel.h"

#include <algorithm>

#include "hw/common/job_check.h"

namespace systole::vector {
namespace {

namespace r = regs::vector;
using scratchpad::Range;

Range input_range(const Job& job) {
  const uint64_t last = job.in_addr + uint64_t{job.y - 1} * job.in_y_stride +
                        uint64_t{job.x - 1} * job.in_x_stride +
                        uint64_t{job.ky - 1} * job.ky_stride + uint64_t{job.kx - 1} * job.kx_stride;
  return {job.in_addr, last + job.channels};
}

Range output_range(const Job& job) {
  const uint64_t last = job.out_addr + uint64_t{job.y - 1} * job.out_y_stride +
                        uint64_t{job.x - 1} * job.out_x_stride;
  return {job.out_addr, last + job.channels};
}

bool overlap(const Range& a, const Range& b) { return a.begin < b.end && b.begin < a.end; }

// out[c] = clamp(maximum over the window of in[... + c], lo, hi). Input and output do not overlap.
template <typename T>
void pool_position(const Job& job, const T* in, T* __restrict out, T lo, T hi) {
  const uint32_t channels = job.channels;
  std::fill(out, out + channels, lo);
  for (uint32_t ky = 0; ky < job.ky; ++ky) {
    for (uint32_t kx = 0; kx < job.kx; ++kx) {
      const T* __restrict a = in + uint64_t{ky} * job.ky_stride + uint64_t{kx} * job.kx_stride;
      for (uint32_t c = 0; c < channels; ++c) out[c] = a[c] > out[c] ? a[c] : out[c];
    }
  }
  for (uint32_t c = 0; c < channels; ++c) out[c] = out[c] < hi ? out[c] : hi;
}

template <typename T>
void run_typed(const Job& job, T* spad) {
  for (uint32_t y = 0; y < job.y; ++y) {
    for (uint32_t x = 0; x < job.x; ++x) {
      const T* in =
          spad + job.in_addr + uint64_t{y} * job.in_y_stride + uint64_t{x} * job.in_x_stride;
      T* out =
          spad + job.out_addr + uint64_t{y} * job.out_y_stride + uint64_t{x} * job.out_x_stride;
      pool_position(job, in, out, static_cast<T>(job.qmin), static_cast<T>(job.qmax));
    }
  }
}

}  // namespace

Fault check(const Job& job, const scratchpad::Geometry& geometry) {
  const int32_t lo = type_min(job.is_signed), hi = type_max(job.is_signed);
  if (const Fault fault = check_limits({
          {job.channels, 1, max_of(r::channels::kCount), r::kChannels},
          {job.x, 1, max_of(r::out_size::kX), r::kOutSize},
          {job.y, 1, max_of(r::out_size::kY), r::kOutSize},
          {job.kx, 1, max_of(r::window::kKx), r::kWindow},
          {job.ky, 1, max_of(r::window::kKy), r::kWindow},
          {job.op, 0, static_cast<int64_t>(Op::kMaxPool), r::kMode},
          {job.qmin, lo, hi, r::kClamp},
          {job.qmax, job.qmin, hi, r::kClamp},
      })) {
    return fault;
  }
  // Bounds the work of a job whose strides are zero.
  if (job.positions() * job.channels > geometry.bytes) return bad_job(r::kOutSize);
  if (const Fault fault = scratchpad::check_range(geometry, input_range(job))) return fault;
  if (const Fault fault = scratchpad::check_range(geometry, output_range(job))) return fault;
  // Outputs are written while later inputs are read: what those would see depends on the pipeline.
  if (overlap(input_range(job), output_range(job))) return bad_job(r::kOutAddr);
  return {};
}

scratchpad::Footprint footprint(const Job& job) {
  scratchpad::Footprint result;
  result.read[0] = input_range(job);
  result.write = output_range(job);
  return result;
}

void run(const Job& job, uint8_t* spad) {
  if (job.is_signed) {
    run_typed(job, reinterpret_cast<int8_t*>(spad));
  } else {
    run_typed(job, spad);
  }
}

Timing timing(const Job& job, uint32_t lanes) {
  const uint64_t groups = (job.channels + lanes - 1) / lanes;
  return {job.positions() * groups * job.kx * job.ky, kSetupCycles + kLatencyCycles};
}

}  // namespace systole::vector
