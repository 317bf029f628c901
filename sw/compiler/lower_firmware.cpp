// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/lower_firmware.h"

#include "sw/compiler/layer.h"

namespace systole::compiler {

FirmwareLayer lower_firmware(const graph::Graph& /*graph*/, const graph::Node& node) {
  throw graph::ModelError(layer_label(node) + ": neither the NPU nor the firmware can do it yet");
}

}  // namespace systole::compiler
