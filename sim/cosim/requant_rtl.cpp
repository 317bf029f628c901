// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cosim/requant_rtl.h"

#include "VRequant16x16.h"
#include "VRequant64x64.h"
#include "VRequantDebug16x16.h"
#include "VRequantDebug4x6.h"
#include "VRequantDebug64x64.h"
#include "VRequantDebug8x8.h"
#include "sim/cosim/requant_transactor.h"

namespace systole::cosim {
namespace {

namespace r = regs::requant;

uint32_t mode_word(const requant::Job& job) {
  const requant::Mode& mode = job.mode;
  return r::mode::kArith.put(static_cast<uint32_t>(mode.arith)) |
         r::mode::kZpFirst.put(mode.zp_first) | r::mode::kTiesUp.put(mode.ties_up) |
         r::mode::kOverflow.put(static_cast<uint32_t>(mode.overflow)) |
         r::mode::kOutSigned.put(mode.out_signed) | r::mode::kPerTensor.put(job.per_tensor) |
         r::mode::kParamLoad.put(job.param_load) | r::mode::kAccFp32.put(mode.acc_fp32);
}

// The models that rtl/CMakeLists.txt builds.
struct Size {
  uint32_t lanes, cols;
  RtlBuild build;
  std::unique_ptr<RequantRtl> (*make)();
};

template <typename Model, uint32_t kLanes, uint32_t kCols, RtlBuild kBuild>
constexpr Size size_of() {
  return {kLanes, kCols, kBuild, []() -> std::unique_ptr<RequantRtl> {
            return std::make_unique<RequantTransactor<Model, kLanes, kCols>>();
          }};
}

constexpr Size kSizes[] = {
    size_of<VRequant16x16, 16, 16, RtlBuild::kFast>(),
    size_of<VRequantDebug16x16, 16, 16, RtlBuild::kDebug>(),
    size_of<VRequant64x64, 64, 64, RtlBuild::kFast>(),
    size_of<VRequantDebug64x64, 64, 64, RtlBuild::kDebug>(),
    size_of<VRequantDebug8x8, 8, 8, RtlBuild::kDebug>(),
    size_of<VRequantDebug4x6, 4, 6, RtlBuild::kDebug>(),
};

}  // namespace

std::array<RegisterWrite, 12> requant_registers(const requant::Job& job) {
  const requant::TensorParams& tensor = job.tensor;
  return {{
      {r::kAccAddr, job.acc_row},
      {r::kOutAddr, job.out_addr},
      {r::kOutChannels, job.out_channels},
      {r::kOutSize, r::out_size::kX.put(job.x) | r::out_size::kY.put(job.y)},
      {r::kXStride, job.x_stride},
      {r::kYStride, job.y_stride},
      {r::kMode, mode_word(job)},
      {r::kZeroPoint, r::zero_point::kZp.put(static_cast<uint32_t>(tensor.zero_point))},
      {r::kClamp, r::clamp::kQmin.put(static_cast<uint32_t>(tensor.qmin)) |
                      r::clamp::kQmax.put(static_cast<uint32_t>(tensor.qmax))},
      {r::kAux, tensor.aux},
      {r::kAvgCount, tensor.avg_count},
      {r::kParamAddr, job.param_addr},
  }};
}

std::unique_ptr<RequantRtl> make_requant_rtl(uint32_t lanes, uint32_t cols, RtlBuild build) {
  const Size* found = nullptr;
  for (const Size& size : kSizes) {
    if (size.lanes != lanes || size.cols != cols) continue;
    if (size.build == build) return size.make();
    if (build == RtlBuild::kFast) found = &size;
  }
  return found != nullptr ? found->make() : nullptr;
}

std::string requant_rtl_sizes() {
  std::string text;
  for (const Size& size : kSizes) {
    if (size.build != RtlBuild::kDebug) continue;  // there is one of every size
    if (!text.empty()) text += ", ";
    text += std::to_string(size.lanes) + "x" + std::to_string(size.cols);
  }
  return text;
}

}  // namespace systole::cosim
