// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/requant_job.h"

#include <cstring>

namespace systole::compiler {

requant::Job requant_job(const quant::RequantParams& params) {
  requant::Job job;
  job.mode.arith = static_cast<requant::Arith>(params.mode);
  job.mode.zp_first = params.zp_first;
  job.mode.ties_up = params.ties_up;
  job.mode.overflow = static_cast<requant::Overflow>(params.ovf);
  job.mode.out_signed = params.out_signed;
  job.mode.acc_fp32 = params.acc_fp32;
  job.tensor.zero_point = params.zero_point;
  job.tensor.qmin = params.qmin;
  job.tensor.qmax = params.qmax;
  std::memcpy(&job.tensor.aux, &params.aux, sizeof job.tensor.aux);
  if (params.mode == quant::RequantMode::kAvgDiv) job.tensor.avg_count = params.channels[0].mult;
  return job;
}

void append_word(uint32_t word, std::vector<uint8_t>* bytes) {
  for (int shift = 0; shift < 32; shift += 8) {
    bytes->push_back(static_cast<uint8_t>(word >> shift));
  }
}

void append_params(const quant::ChannelParams& channel, std::vector<uint8_t>* bytes) {
  append_word(channel.mult, bytes);
  append_word(channel.bias, bytes);
  append_word(static_cast<uint32_t>(channel.shift), bytes);
}

}  // namespace systole::compiler
