// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The firmware's kernels on the host: every operator against the reference, and parameter blocks
// that were tampered with, in buffers without a byte to spare.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <set>

#include "firmware/kernels/kernel.h"
#include "firmware/kernels/real.h"
#include "sw/program/kernel_params.h"
#include "tests/firmware/firmware_layers.h"

namespace systole::test {
namespace {

constexpr uint32_t kKernels = SYSTOLE_KERNEL_SOFTMAX_SHARES;  // numbered from 1

struct Call {
  explicit Call(const FirmwareCase& c) : params(c.layer.params), output(c.expected.size(), 0xA5) {
    for (const auto& bytes : c.inputs) {
      inputs.push_back({bytes.data(), static_cast<uint32_t>(bytes.size())});
    }
    call.kernel = c.layer.kernel;
    call.params = params.data();
    call.params_bytes = static_cast<uint32_t>(params.size());
    call.inputs = inputs.data();
    call.input_count = static_cast<uint32_t>(inputs.size());
    call.output = output.data();
    call.output_bytes = static_cast<uint32_t>(output.size());
  }
  Call(const Call&) = delete;

  std::vector<uint8_t> params, output;
  std::vector<kernel_input_t> inputs;
  kernel_call_t call{};
};

size_t first_difference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  size_t i = 0;
  while (i < a.size() && a[i] == b[i]) ++i;
  return i;
}

// Short mantissas meet ties often.
TEST(Real, FusesMultiplyAndAddWithOneRounding) {
  std::mt19937 random(6);
  const auto number = [&](int bits) {
    const int32_t mantissa = static_cast<int32_t>(random() >> (32 - bits)) | 1;
    const float value =
        std::ldexp(static_cast<float>(mantissa), static_cast<int>(random() % 60) - 30);
    return random() % 2 ? value : -value;
  };
  for (int round = 0; round < 1000000; ++round) {
    const float a = number(8 + random() % 17), b = number(8 + random() % 17);
    const float c = number(1 + random() % 24);
    ASSERT_EQ(fused_multiply_add(a, b, c), std::fma(a, b, c)) << a << " * " << b << " + " << c;
  }
  // Just off a tie, by a bit that binary64 drops.
  const float above = 1 + std::ldexp(1.0f, -15), below = 1 - std::ldexp(1.0f, -15);
  const float tie = std::ldexp(below, -24), odd = 1 + std::ldexp(1.0f, -23);
  EXPECT_EQ(fused_multiply_add(above, tie, odd), odd);
  EXPECT_EQ(fused_multiply_add(-above, tie, -odd), -odd);
  EXPECT_EQ(fused_multiply_add(-above, tie, odd), std::fma(-above, tie, odd));
}

TEST(Real, RoundsHalfToEven) {
  for (const float value : {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 0.49999997f, 8388607.5f,
                            4194304.5f, -4194305.5f, 16777216.0f, 1e9f}) {
    EXPECT_EQ(nearest(value), std::nearbyint(value)) << value;
  }
}

TEST(Kernels, ComputeTheReferencesBytes) {
  std::set<uint32_t> kernels;
  int failures = 0;
  for_each_firmware_case(1, 25, [&](const FirmwareCase& c) {
    Call call(c);
    kernels.insert(c.layer.kernel);
    ASSERT_TRUE(kernel_check(&call.call)) << c.name;
    kernel_run(&call.call);
    if (call.output == c.expected || ++failures > 10) return;
    const size_t at = first_difference(call.output, c.expected);
    ADD_FAILURE() << c.name << ", kernel " << c.layer.kernel << ", byte " << at << " of "
                  << c.expected.size() << ": " << int{call.output[at]} << " instead of "
                  << int{c.expected[at]};
  });
  EXPECT_EQ(kernels.size(), kKernels) << "each kernel has a case";
}

// A movement need not touch every byte of its tensors; the others do.
TEST(Kernels, RefuseOtherSizes) {
  for_each_firmware_case(2, 1, [](const FirmwareCase& c) {
    Call call(c);
    const bool is_exact = c.layer.kernel != SYSTOLE_KERNEL_MOVE;
    ASSERT_TRUE(kernel_check(&call.call)) << c.name;
    call.call.output_bytes = is_exact ? call.call.output_bytes - 1 : 0;
    EXPECT_FALSE(kernel_check(&call.call)) << c.name << ": a smaller output";
    call.call.output_bytes = static_cast<uint32_t>(c.expected.size());
    call.inputs[0].bytes = is_exact ? call.inputs[0].bytes - 1 : 0;
    EXPECT_FALSE(kernel_check(&call.call)) << c.name << ": a smaller input";
    call.inputs[0].bytes = static_cast<uint32_t>(c.inputs[0].size());
    call.call.params_bytes = call.call.params_bytes / 2;
    EXPECT_FALSE(kernel_check(&call.call)) << c.name << ": a shorter block";
    call.call.params_bytes = 0;
    EXPECT_FALSE(kernel_check(&call.call)) << c.name << ": no block";
  });
}

TEST(Kernels, RefuseUnknownKernelsAndNoInputs) {
  for_each_firmware_case(3, 1, [](const FirmwareCase& c) {
    Call call(c);
    for (const uint32_t kernel : {0u, kKernels + 1, 0xFFFFFFFFu}) {
      call.call.kernel = kernel;
      EXPECT_FALSE(kernel_check(&call.call)) << kernel;
    }
    call.call.kernel = c.layer.kernel;
    call.call.input_count = 0;
    EXPECT_FALSE(kernel_check(&call.call)) << c.name;
    call.call.input_count = KERNEL_MAX_INPUTS + 1;
    EXPECT_FALSE(kernel_check(&call.call)) << c.name;
  });
}

// What is not refused must stay within its buffers: the sanitizer build sees it if not.
TEST(Kernels, SurviveTamperedParameters) {
  constexpr uint32_t kCorners[] = {
      0, 1, 2, 3, 255, 256, 4096, 4097, 0x7FFFFFFF, 0x80000000, 0xFFFFFF80, 0xFFFFFFFC, 0xFFFFFFFF};
  std::mt19937 random(4);
  int accepted = 0, refused = 0;
  for_each_firmware_case(4, 3, [&](const FirmwareCase& c) {
    for (int round = 0; round < 60; ++round) {
      Call call(c);
      const size_t words = std::min<size_t>(call.params.size() / 4, random() % 2 ? 24 : 512);
      for (uint32_t n = 1 + random() % 2; n > 0; --n) {
        const size_t at = random() % words * 4;
        uint32_t word;
        std::memcpy(&word, &call.params[at], 4);
        const uint32_t kind = random() % 3;
        word = kind == 0   ? kCorners[random() % std::size(kCorners)]
               : kind == 1 ? word + 1 - 2 * (random() % 2)
                           : word * 2;
        std::memcpy(&call.params[at], &word, 4);
      }
      if (!kernel_check(&call.call)) {
        ++refused;
        continue;
      }
      kernel_run(&call.call);
      ++accepted;
    }
  });
  EXPECT_GT(accepted, 1000);  // factors, zero points, tables: harmless
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace systole::test
