// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// libFuzzer entry: any bytes as a TensorFlow Lite file. Anything but a graph or ModelError is a
// finding.
#include <cstddef>
#include <cstdint>
#include <string>

#include "sw/frontend/tflite_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    systole::frontend::parse_tflite(std::string(data, data + size), "fuzz.tflite");
  } catch (const systole::graph::ModelError&) {
  }
  return 0;
}
