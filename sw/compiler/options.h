// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#pragma once

#include <cstddef>

namespace systole::compiler {

struct CompileOptions {
  // Plans per layer whose jobs are made and timed; the search's closed form ranks the others.
  size_t timed_plans = 9;
  // Takes the plan of this rank (modulo their number) instead of the fastest. 0: the fastest. With
  // other numbers tests walk through plans that no network of theirs would choose.
  size_t plan_rank = 0;
  bool constants = true;     // false: a layer is lowered for its cycles only
  bool keep_on_chip = true;  // tensors stay in the scratchpad where that is faster
  bool prefetch = true;      // weights are loaded during the layer before
};

}  // namespace systole::compiler
