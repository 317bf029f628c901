// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/explain/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "sw/explain/json.h"
#include "sw/explain/layout.h"
#include "tests/explain/models.h"

namespace systole::explain {
namespace {

using testing::HasSubstr;
using testing::Not;

size_t widest_line(const std::string& text) {
  size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
  return widest;
}

// All blanks and line ends as one blank, so that wrapping does not matter.
std::string flat(const std::string& text) {
  std::istringstream words(text);
  std::string result;
  for (std::string word; words >> word;) result += word + " ";
  return result;
}

std::string all_text(const Model& model, int width) {
  std::string text = model_text(model.facts, "inputs.npy", width);
  for (const LayerFacts& layer : model.facts.layers) text += layer_text(model.facts, layer, width);
  return text;
}

TEST(ExplainLayout, WrapsAtBlanks) {
  EXPECT_EQ(wrap("one two three four", 0, 2, 9), "one two\n  three\n  four\n");
  EXPECT_EQ(wrap("averyveryverylongword x", 0, 2, 9), "averyveryverylongword\n  x\n");
  EXPECT_EQ(wrap("", 0, 2, 9), "\n");
}

TEST(ExplainLayout, LastColumnWraps) {
  Table table(1, 14);
  table.align_right({1});
  table.add({"a", "1", "xxx yyy zzz"});
  table.add({"bb", "22", ""});
  EXPECT_EQ(table.text(), " a    1  xxx\n         yyy\n         zzz\n bb  22\n");
}

TEST(ExplainText, KeepsToTheWidth) {
  for (const char* name :
       {"net_odd", "net_mobile", "seed002_fbgemm", "fc_accumulator_above_2e24"}) {
    const Model model = load(name);
    for (const int width : {80, 100, 120}) {
      EXPECT_LE(widest_line(all_text(model, width)), size_t(width)) << name;
    }
  }
}

TEST(ExplainText, Seed003ShowsWhereEachNumberGoes) {
  const Model model = load("seed003_fbgemm");
  const std::string text = flat(all_text(model, 80));
  EXPECT_THAT(text, HasSubstr("s_in atw[j] 0.125926584"));
  EXPECT_THAT(text, HasSubstr("mult[j] y f(atw[j] / s_out): 0.00197085436 = 0x1.0252e6p-9"));
  EXPECT_THAT(text,
              HasSubstr("1 / mult[0] = 507.3942; a Q31 backend would take 1083488645, shift -8"));
  EXPECT_THAT(text, HasSubstr("codes 8..127 seen in 1 input: as with reduce_range=True"));
  EXPECT_THAT(text, HasSubstr("CAN saturate"));
  EXPECT_THAT(text, HasSubstr("with the input codes seen it cannot"));
  EXPECT_THAT(text, HasSubstr("MODE - 0x00000000: ARITH 0 FP32_INT_BIAS"));
}

TEST(ExplainText, WorkedOutputShowsTheModelsOwnNumbers) {
  const Model model = load("seed003_fbgemm");
  const std::string text = flat(worked_text(model.facts, model.work("conv1", "1,1,0", 0), "x", 80));
  EXPECT_THAT(text, HasSubstr("acc sum of 9 products 64248"));
  EXPECT_THAT(text, HasSubstr("y f(xf * mult[j]) 126.623451 0x1.fa7e6ap+6 64248 * 0.00197085436"));
  EXPECT_THAT(text, HasSubstr("real f(s_out * (code - z_out)) 572.8901"));
  EXPECT_THAT(text, HasSubstr("Byte 0x7f, code 127. The reference computes the same."));
}

TEST(ExplainText, FloatBiasIsNotRounded) {
  const std::string fbgemm = flat(all_text(load("seed002_fbgemm"), 100));
  EXPECT_THAT(fbgemm, HasSubstr("FP32_FMA_BIAS"));
  EXPECT_THAT(fbgemm, HasSubstr("xb = fma(bias[j], aux, x)"));
  EXPECT_THAT(fbgemm, HasSubstr("only integer-bias backends round it"));
  const std::string qnnpack = flat(all_text(load("seed002"), 100));
  EXPECT_THAT(qnnpack, HasSubstr("-2052.3"));
  EXPECT_THAT(qnnpack, Not(HasSubstr("only integer-bias")));
}

TEST(ExplainText, OnednnAddsTheZeroPointBeforeRounding) {
  const std::string text = flat(all_text(load("seed003_fbgemm", graph::Backend::kOnednn), 100));
  EXPECT_THAT(text, HasSubstr("u[j] mult[j]"));
  EXPECT_THAT(text, HasSubstr("f(f(1 / s_out) / u[j])"));
  EXPECT_THAT(text, HasSubstr("yz = f(y + f(z_out))"));
  EXPECT_THAT(text, HasSubstr("ZP_FIRST 1"));
}

TEST(ExplainText, LargeAccumulatorsAreFlagged) {
  const std::string text = flat(all_text(load("fc_accumulator_above_2e24"), 100));
  EXPECT_THAT(text, HasSubstr("< 2^24? - NO: the conversion to fp32 rounds"));
  const std::string q31 =
      flat(all_text(load("fc_accumulator_above_2e24", graph::Backend::kTflite), 100));
  EXPECT_THAT(q31, HasSubstr("Q31 keeps all bits"));
  EXPECT_THAT(q31, HasSubstr("shift[j] r"));
}

TEST(ExplainText, PoolKeepsScaleAndZeroPoint) {
  const std::string text = flat(all_text(load("maxpool_dilation2"), 100));
  EXPECT_THAT(text, HasSubstr("No arithmetic"));
  EXPECT_THAT(text, Not(HasSubstr("mult")));
}

TEST(ExplainJson, HoldsAllChannelsAndTheWorkedOutput) {
  const Model model = load("seed002");
  const Worked worked = model.work("out", "2", 1);
  const auto json = nlohmann::json::parse(to_json(model.facts, {0, 1}, "inputs.npy", &worked));
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["model"], "seed002");
  EXPECT_EQ(json["backend"], "qnnpack");
  EXPECT_EQ(json["layers"][0]["channels"].size(), 3u);
  EXPECT_EQ(json["layers"][1]["channels"].size(), 7u);
  EXPECT_EQ(json["layers"][1]["channels"][2]["bias_q"], 1100);
  EXPECT_EQ(json["layers"][1]["input"]["producer"], "input_layer (fully_connected)");
  EXPECT_EQ(json["layers"][1]["mode"]["ARITH"], "FP32_INT_BIAS");
  EXPECT_EQ(json["worked"]["code"], json["worked"]["reference"]);
  EXPECT_EQ(json["worked"]["acc"], -4800);
}

}  // namespace
}  // namespace systole::explain
