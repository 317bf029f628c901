// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/report/report.h"

#include <algorithm>

namespace systole::report {

uint64_t Report::macs() const {
  uint64_t sum = 0;
  for (const Layer& layer : layers) sum += layer.time.macs;
  return sum;
}

uint64_t Report::cycles() const {
  uint64_t sum = tail_cycles;
  for (const Layer& layer : layers) sum += layer.time.cycles;
  return sum;
}

int Report::labelled() const {
  return static_cast<int>(std::count_if(inferences.begin(), inferences.end(),
                                        [](const Inference& i) { return i.label >= 0; }));
}

int Report::right() const {
  return static_cast<int>(
      std::count_if(inferences.begin(), inferences.end(),
                    [](const Inference& i) { return i.label >= 0 && i.label == i.answer; }));
}

double utilization(const LayerTime& time, const Params& params) {
  const double peak = double(params.array_rows) * params.array_cols * double(time.cycles);
  return peak > 0 ? double(time.macs) / peak : 0.0;
}

}  // namespace systole::report
