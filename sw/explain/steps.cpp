// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One operation per statement: the results depend on each single rounding.
#include "sw/explain/steps.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sw/explain/number.h"

namespace systole::explain {
namespace {

using quant::Overflow;
using quant::RequantMode;
using quant::RequantParams;

constexpr int32_t kInt32Min = std::numeric_limits<int32_t>::min();
constexpr int32_t kInt32Max = std::numeric_limits<int32_t>::max();

// Appends the steps of one output.
class Tracer {
 public:
  Tracer(const quant::ChannelParams& channel, const RequantParams& params)
      : channel_(channel), params_(params), mult_(float_of(channel.mult)) {}

  Trace run(int32_t acc) {
    switch (params_.mode) {
      case RequantMode::kQ31Double:
      case RequantMode::kQ31Single:
        q31(acc);
        break;
      case RequantMode::kBypass32:
        trace_.code = add_int_bias(acc);
        break;
      default:
        fp32(acc);
    }
    return std::move(trace_);
  }

 private:
  void add(Step step) { trace_.steps.push_back(std::move(step)); }

  void add_float(const char* name, const char* formula, std::vector<std::string> uses,
                 const std::string& numbers, float value) {
    add({name, formula, std::move(uses), numbers, decimal(value), hex_float(value), ""});
  }

  void add_int(const char* name, const char* formula, std::vector<std::string> uses,
               const std::string& numbers, int64_t value, const std::string& note = "") {
    add({name, formula, std::move(uses), numbers, std::to_string(value), "", note});
  }

  int32_t add_int_bias(int32_t acc) {
    const int32_t bias = int32_t(channel_.bias);
    const int32_t x = int32_t(uint32_t(acc) + channel_.bias);
    add_int("x", "i32(acc + bias[j])", {"bias[j]"}, fmt::format("{} + {}", acc, bias), x,
            int64_t{acc} + bias == x ? "" : "wrapped: beyond 32 bits");
    return x;
  }

  float to_float(const char* name, const char* formula, int32_t x) {
    const float value = float(x);
    add_float(name, formula, {}, "", value);
    if (double(value) != double(x)) trace_.steps.back().note = "inexact: above 2^24";
    return value;
  }

  float multiply(const char* name, const char* formula, const char* use, float x, float factor) {
    const float product = x * factor;
    add_float(name, formula, {use}, fmt::format("{} * {}", decimal(x), decimal(factor)), product);
    return product;
  }

  // The scaled value before rounding.
  float scaled(int32_t acc) {
    const float bias = float_of(channel_.bias);
    if (params_.mode == RequantMode::kFp32IntBias) {
      const float x = to_float("xf", "f(x)", add_int_bias(acc));
      return multiply("y", "f(xf * mult[j])", "mult[j]", x, mult_);
    }
    const float x = to_float("x", "f(acc)", acc);
    if (params_.mode == RequantMode::kFp32TwoScale) {
      const float first = multiply("t", "f(x * mult[j])", "mult[j]", x, mult_);
      const float sum = first + bias;
      add_float("tb", "f(t + bias[j])", {"bias[j]"},
                fmt::format("{} + {}", decimal(first), decimal(bias)), sum);
      return multiply("y", "f(tb * aux)", "aux", sum, params_.aux);
    }
    return multiply("y", "f(xb * mult[j])", "mult[j]", biased(x, bias), mult_);
  }

  float biased(float x, float bias) {
    if (params_.mode == RequantMode::kFp32FmaBias) {
      const float fused = std::fma(bias, params_.aux, x);
      add_float("xb", "fma(bias[j], aux, x)", {"bias[j]", "aux"},
                fmt::format("{} * {} + {}, rounded once", decimal(bias), decimal(params_.aux),
                            decimal(x)),
                fused);
      return fused;
    }
    const float sum = x + bias;
    add_float("xb", "f(x + bias[j])", {"bias[j]"},
              fmt::format("{} + {}", decimal(x), decimal(bias)), sum);
    return sum;
  }

  void fp32(int32_t acc) {
    const float y = scaled(acc);
    if (params_.zp_first) {
      zero_point_first(y);
      return;
    }
    const float limited = params_.ovf == Overflow::kClampFirst ? clamp_first(y) : y;
    const int32_t rounded = convert(limited);
    add_int("r", params_.ovf == Overflow::kClampFirst ? "rint(yc)" : "rint(y)", {}, "", rounded,
            tie_note(limited));
    add_zero_point(rounded);
  }

  static std::string tie_note(float y) {
    if (!(std::fabs(y) < 2147483648.0f)) return "beyond int32";
    return std::fabs(y - std::trunc(y)) == 0.5f ? "a tie: to the even one" : "";
  }

  float clamp_first(float y) {
    const float low = float(params_.qmin - params_.zero_point);
    const float high = float(params_.qmax - params_.zero_point);
    float limited = y > low ? y : low;
    limited = limited < high ? limited : high;
    add_float("yc", "clamp(y, qmin - z_out, qmax - z_out)", {"qmin", "qmax", "z_out"},
              fmt::format("{} within {}..{}", decimal(y), decimal(low), decimal(high)), limited);
    return limited;
  }

  void zero_point_first(float y) {
    const float zero_point = float(params_.zero_point);
    const float sum = y + zero_point;
    add_float("yz", "f(y + f(z_out))", {"z_out"},
              fmt::format("{} + {}", decimal(y), decimal(zero_point)), sum);
    const bool above = sum > float(params_.qmin);
    trace_.code =
        above ? int32_t(std::nearbyint(std::min(sum, float(params_.qmax)))) : params_.qmin;
    add_int("code", "rint(clamp(yz, qmin, qmax))", {"qmin", "qmax"},
            fmt::format("{} within {}..{}", decimal(sum), params_.qmin, params_.qmax), trace_.code,
            tie_note(sum));
  }

  int32_t convert(float y) const {
    if (y >= -2147483648.0f && y < 2147483648.0f) return int32_t(std::nearbyint(y));
    if (params_.ovf == Overflow::kX86) return kInt32Min;
    if (std::isnan(y)) return 0;
    return y > 0 ? kInt32Max : kInt32Min;
  }

  void add_zero_point(int64_t rounded) {
    const int64_t sum = rounded + params_.zero_point;
    trace_.code = int32_t(std::clamp<int64_t>(sum, params_.qmin, params_.qmax));
    add_int("code", "clamp(r + z_out, qmin, qmax)", {"z_out", "qmin", "qmax"},
            fmt::format("{} + {} within {}..{}", rounded, params_.zero_point, params_.qmin,
                        params_.qmax),
            trace_.code, sum == trace_.code ? "" : "clamped");
  }

  void q31(int32_t acc) {
    const int32_t x = add_int_bias(acc);
    const int32_t mult = int32_t(channel_.mult);
    if (params_.mode == RequantMode::kQ31Single) {
      const int right = 31 - channel_.shift;
      const int64_t r = (int64_t{x} * mult + (int64_t{1} << (right - 1))) >> right;
      add_int("r", "(x * mult[j] + 2^(30-shift[j])) >> (31-shift[j])", {"mult[j]", "shift[j]"},
              fmt::format("({} * {} + 2^{}) >> {}", x, mult, right - 1, right), r);
      add_zero_point(r);
      return;
    }
    add_zero_point(shift_right(high_multiply(shift_left(x), mult)));
  }

  int32_t shift_left(int32_t x) {
    const int left = std::max(channel_.shift, 0);
    if (left == 0) return x;
    const int32_t shifted = int32_t(uint32_t(x) << left);
    add_int("xl", "i32(x << shift[j])", {"shift[j]"}, fmt::format("{} << {}", x, left), shifted);
    return shifted;
  }

  int32_t high_multiply(int32_t x, int32_t mult) {
    const bool overflows = x == kInt32Min && mult == kInt32Min;
    const int32_t high =
        overflows ? kInt32Max : int32_t((int64_t{x} * mult + (int64_t{1} << 30)) >> 31);
    add_int("h", channel_.shift > 0 ? "(xl * mult[j] + 2^30) >> 31" : "(x * mult[j] + 2^30) >> 31",
            {"mult[j]"}, fmt::format("({} * {} + 2^30) >> 31", x, mult), high);
    return high;
  }

  int32_t shift_right(int32_t high) {
    const int right = std::max(-channel_.shift, 0);
    int32_t result = high;
    if (right > 0) {
      const int64_t half = int64_t{1} << (right - 1);
      const int64_t nudge = !params_.ties_up && high < 0 ? half - 1 : half;
      result = int32_t((high + nudge) >> right);
    }
    add_int("r", params_.ties_up ? "h / 2^-shift[j], ties up" : "h / 2^-shift[j], ties away from 0",
            {"shift[j]"},
            fmt::format("{} / 2^{} = {}", high, right, real_text(std::ldexp(double(high), -right))),
            result);
    return result;
  }

  const quant::ChannelParams& channel_;
  const RequantParams& params_;
  const float mult_;
  Trace trace_;
};

}  // namespace

Trace trace_requant(int32_t acc, const quant::ChannelParams& channel, const RequantParams& params) {
  return Tracer(channel, params).run(acc);
}

const char* to_string(RequantMode mode) {
  static constexpr const char* kNames[] = {"FP32_INT_BIAS",  "FP32_FLOAT_BIAS", "FP32_FMA_BIAS",
                                           "FP32_TWO_SCALE", "Q31_DOUBLE",      "Q31_SINGLE",
                                           "BYPASS32",       "AVG_DIV"};
  return kNames[uint32_t(mode)];
}

const char* to_string(Overflow overflow) {
  static constexpr const char* kNames[] = {"X86", "SATURATE", "CLAMP_FIRST"};
  return kNames[uint32_t(overflow)];
}

}  // namespace systole::explain
