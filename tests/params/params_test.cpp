// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/params/params.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace systole {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A parameter file that lives as long as the object.
class ParamFile {
 public:
  explicit ParamFile(const std::string& text)
      : path_(::testing::TempDir() + "params_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".json") {
    std::ofstream(path_) << text;
  }
  ~ParamFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string error_of(const std::string& preset, const std::string& file,
                     const std::vector<std::string>& assignments) {
  try {
    load_params(preset, file, assignments);
  } catch (const ParamError& error) {
    EXPECT_THAT(error.what(), Not(HasSubstr("\n"))) << "one line";
    return error.what();
  }
  return "no error";
}

TEST(Params, DefaultsAreThePresetEdge) {
  const Params params = load_params("", "", {});
  EXPECT_EQ(params.array_rows, 16u);
  EXPECT_EQ(params.scratchpad_bytes, 262144u);
}

TEST(Params, EveryPresetIsValid) {
  for (const char* name : kPresetNames) EXPECT_NO_THROW(load_params(name, "", {})) << name;
  EXPECT_EQ(load_params("server", "", {}).array_cols, 64u);
}

TEST(Params, LaterOneWins) {
  const ParamFile file(R"({"preset": "tiny", "array": {"rows": 4}, "array.cols": 12})");
  EXPECT_EQ(load_params("", file.path(), {}).array_rows, 4u);
  EXPECT_EQ(load_params("", file.path(), {}).array_cols, 12u);
  EXPECT_EQ(load_params("", file.path(), {}).scratchpad_bytes, 65536u) << "the file's preset";
  EXPECT_EQ(load_params("server", file.path(), {}).scratchpad_bytes, 2097152u);
  const Params params = load_params("", file.path(), {"array.rows=5", "array.rows=6"});
  EXPECT_EQ(params.array_rows, 6u);
}

TEST(Params, UnknownNameSuggestsTheNearest) {
  EXPECT_THAT(error_of("", "", {"array.row=4"}),
              AllOf(HasSubstr("'array.row'"), HasSubstr("'array.rows'")));
  EXPECT_THAT(error_of("", "", {"dram.latency=4"}), HasSubstr("'dram.latency_cycles'"));
  const ParamFile file(R"({"scratchpad": {"bank": 4}})");
  EXPECT_THAT(error_of("", file.path(), {}), HasSubstr("'scratchpad.banks'"));
}

TEST(Params, ValuesOutOfRangeNameParameterValueAndRange) {
  EXPECT_THAT(error_of("", "", {"array.rows=0"}),
              AllOf(HasSubstr("array.rows"), HasSubstr("is 0"), HasSubstr("1 to 128")));
  EXPECT_THAT(error_of("", "", {"array.rows=129"}), HasSubstr("is 129"));
  EXPECT_THAT(error_of("", "", {"array.rows=4294967298"}), HasSubstr("is 4294967298"));
  EXPECT_THAT(error_of("", "", {"array.rows=99999999999999999999999"}), HasSubstr("array.rows"));
  EXPECT_THAT(error_of("", "", {"scratchpad.bytes=3000"}), HasSubstr("power of two"));
}

TEST(Params, ValuesMustBePlainNumbers) {
  for (const char* value : {"", "-1", "1.5", "0x10", "ten", " 8", "8k"}) {
    EXPECT_THAT(error_of("", "", {std::string("array.rows=") + value}), HasSubstr("array.rows"))
        << value;
  }
  const ParamFile file(R"({"array": {"rows": [1]}})");
  EXPECT_THAT(error_of("", file.path(), {}), HasSubstr("array.rows"));
}

TEST(Params, CrossRules) {
  EXPECT_THAT(error_of("", "", {"scratchpad.bytes=1024", "scratchpad.banks=32"}),
              HasSubstr("scratchpad.banks"));
  EXPECT_THAT(error_of("", "", {"accumulator.bytes=64", "array.cols=17"}),
              HasSubstr("accumulator.bytes"));
  EXPECT_THAT(error_of("", "", {"dma.burst_bytes=4096"}), HasSubstr("dma.burst_bytes"));
  EXPECT_THAT(error_of("", "", {"dram.bytes_per_cycle=128"}), HasSubstr("dram.bytes_per_cycle"));
}

TEST(Params, BadFilesAreNamed) {
  EXPECT_THAT(error_of("", "/nonexistent/p.json", {}), HasSubstr("/nonexistent/p.json"));
  const ParamFile broken("{\"array\": ");
  EXPECT_THAT(error_of("", broken.path(), {}), HasSubstr(broken.path()));
  const ParamFile list("[1, 2]");
  EXPECT_THAT(error_of("", list.path(), {}), HasSubstr("object"));
}

TEST(Params, BadPresetsAndAssignmentsAreNamed) {
  EXPECT_THAT(error_of("huge", "", {}), AllOf(HasSubstr("huge"), HasSubstr("tiny, edge, server")));
  EXPECT_THAT(error_of("", "", {"array.rows"}), HasSubstr("NAME=VALUE"));
  EXPECT_THAT(error_of("", "", {"=3"}), HasSubstr("NAME=VALUE"));
}

TEST(Params, TheEffectiveConfigurationReadsBack) {
  const Params params = load_params("server", "", {"array.rows=7", "cpu.quantum_us=3"});
  const ParamFile file(params_json(params));
  const Params again = load_params("", file.path(), {});
  for (const ParamInfo& info : kParams)
    EXPECT_EQ(params.*info.member, again.*info.member) << info.name;
}

}  // namespace
}  // namespace systole
