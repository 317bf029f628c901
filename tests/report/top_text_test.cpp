// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The best classes of each inference, and the layers left out, as text and as JSON.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/report/report.h"

namespace systole::report {
namespace {

Report two_inferences() {
  Report report;
  report.inputs = {"photos/", {"Input 'in': 2 pictures."}};
  Inference cat, unknown;
  cat.input = "cat.png";
  cat.top = {{281, 0.75, "tabby"}, {7, 0.125, "tiger cat"}};
  unknown.top = {{3, -2, ""}};
  report.inferences = {cat, unknown};
  return report;
}

TEST(TopText, ShowsIndexNameAndValue) {
  EXPECT_EQ(top_text(two_inferences()),
            "input   0   cat.png\n"
            "      281   tabby       0.75\n"
            "        7   tiger cat   0.125\n"
            "input   1\n"
            "        3               -2\n");
}

TEST(TopText, IsInTheTextWhenWanted) {
  Report report = two_inferences();
  EXPECT_EQ(to_text(report).find("tabby"), std::string::npos);
  EXPECT_NE(to_text(report).find("Input 'in': 2 pictures.\n"), std::string::npos);
  report.show_top = true;
  EXPECT_NE(to_text(report).find(top_text(report)), std::string::npos);
}

TEST(LeftOut, IsNamedInTextAndJson) {
  Report report = two_inferences();
  report.outputs.resize(2);
  report.outputs[0].name = "scores";
  report.outputs[1].name = "prob";
  report.outputs[1].left_out = "Softmax 'sm'";
  EXPECT_NE(to_text(report).find("Output 'prob' is without Softmax 'sm', which the model computes "
                                 "in float32.\n"),
            std::string::npos);
  EXPECT_EQ(to_text(report).find("scores"), std::string::npos);
  const nlohmann::json json = nlohmann::json::parse(to_json(report));
  EXPECT_FALSE(json["outputs"][0].contains("left_out"));
  EXPECT_EQ(json["outputs"][1]["left_out"], "Softmax 'sm'");
}

TEST(TopText, IsInTheJson) {
  const nlohmann::json json = nlohmann::json::parse(to_json(two_inferences()));
  EXPECT_EQ(json["inputs"]["from"], "photos/");
  EXPECT_EQ(json["inputs"]["notes"][0], "Input 'in': 2 pictures.");
  const nlohmann::json& first = json["inferences"][0];
  EXPECT_EQ(first["input"], "cat.png");
  EXPECT_EQ(first["top"][1],
            (nlohmann::json{{"index", 7}, {"value", 0.125}, {"label", "tiger cat"}}));
  EXPECT_FALSE(json["inferences"][1].contains("input"));
  EXPECT_FALSE(json["inferences"][1]["top"][0].contains("label"));
}

}  // namespace
}  // namespace systole::report
