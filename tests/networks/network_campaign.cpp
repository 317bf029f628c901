// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Random networks through the compiler and the whole platform, firmware and all: every layer of
// every inference is compared with the reference. A network, its inputs and its machine follow from
// one seed.
//
//   network_campaign FIRMWARE.elf [--first SEED] [--count N] [--jobs J] [--show]
//
// Exit code 1 when a network differs, fails or cannot be compiled; each such one has a line with
// its seed. SystemC elaborates once per process, so every network has a process of its own.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "sim/run/session.h"
#include "sw/program/program_image.h"
#include "sw/reference/reference.h"
#include "tests/compiler/random_network.h"

namespace systole::test {
namespace {

constexpr int kSamples = 2;

struct Options {
  std::string firmware;
  uint32_t first = 1, count = 200;
  int jobs = 1;
  bool show = false;
};

[[noreturn]] void usage(const std::string& what) {
  fmt::print(
      stderr,
      "network_campaign: {}\n"
      "usage: network_campaign FIRMWARE.elf [--first SEED] [--count N] [--jobs J] [--show]\n",
      what);
  std::exit(2);
}

uint32_t number(const char* text) {
  char* end = nullptr;
  const unsigned long value = text == nullptr ? 0 : std::strtoul(text, &end, 10);
  if (text == nullptr || *text == '\0' || *end != '\0') usage("a number is missing");
  return static_cast<uint32_t>(value);
}

Options parse(char** args) {
  Options options;
  for (char** arg = args; *arg != nullptr; ++arg) {
    const std::string name = *arg;
    if (name == "--show") {
      options.show = true;
    } else if (name == "--first" || name == "--count" || name == "--jobs") {
      const uint32_t value = number(*++arg);
      if (name == "--first") options.first = value;
      if (name == "--count") options.count = value;
      if (name == "--jobs") options.jobs = static_cast<int>(value);
    } else if (name[0] != '-' && options.firmware.empty()) {
      options.firmware = name;
    } else {
      usage("unknown argument " + name);
    }
  }
  if (options.firmware.empty()) usage("no firmware");
  if (options.jobs < 1) usage("--jobs must be at least 1");
  return options;
}

std::string machine_text(const Params& params) {
  return fmt::format(
      "array {}x{}, scratchpad {} bytes in {} banks, accumulators {} bytes, queues of {}",
      params.array_rows, params.array_cols, params.scratchpad_bytes, params.scratchpad_banks,
      params.accumulator_bytes, params.sequencer_queue_depth);
}

// Outputs that are views or copies belong to no layer that is compared.
std::string outputs_fault(const run::Workload& workload,
                          const std::vector<std::vector<std::vector<uint8_t>>>& outputs) {
  const reference::Reference reference(workload.graph);
  for (size_t i = 0; i < workload.samples.size(); ++i) {
    const std::vector<reference::Bytes> golden = reference.run(workload.samples[i]);
    for (size_t port = 0; port < workload.graph.outputs.size(); ++port) {
      if (outputs.at(i).at(port) == golden[workload.graph.outputs[port].tensor]) continue;
      return fmt::format("inference {}, output {} differs", i, port);
    }
  }
  return "";
}

// Empty when all is well, else what is wrong with the network of this seed.
std::string run_network(uint32_t seed, const Options& options) {
  RandomNetwork random(seed);
  run::Workload workload;
  workload.graph = random.make(random.random().between(2, 9));
  workload.samples_from = "random";
  run::SessionOptions session;
  session.params = random.random().machine(16384);
  for (int i = 0; i < kSamples; ++i) {
    workload.samples.push_back(random.random().inputs(workload.graph));
  }
  const compiler::CompileResult compiled = compiler::compile(workload.graph, session.params);
  if (options.show) {
    fmt::print("{}, {}\n{}", machine_text(session.params), graph::to_string(workload.graph.backend),
               compiler::plan_text(compiled));
  }
  std::string console;
  session.console = [&](uint8_t byte) { console.push_back(static_cast<char>(byte)); };
  const run::SessionResult result =
      run::run_session(workload, compiled, load_elf(options.firmware), session);
  if (!result.failure.empty()) return result.failure + "; firmware: " + console;
  if (result.report.check.mismatches != 0) return result.report.check.first_mismatch;
  return outputs_fault(workload, result.outputs);
}

// In the child: its exit code.
int run_child(uint32_t seed, const Options& options) {
  std::string fault;
  try {
    fault = run_network(seed, options);
  } catch (const std::exception& error) {
    fault = error.what();
  }
  if (fault.empty()) return 0;
  fmt::print("seed {}: {}\n", seed, fault);
  return 1;
}

class Campaign {
 public:
  explicit Campaign(const Options& options) : options_(options) {}

  int run() {
    for (uint32_t i = 0; i < options_.count; ++i) {
      if (running_.size() >= static_cast<size_t>(options_.jobs)) wait_for_one();
      start(options_.first + i);
    }
    while (!running_.empty()) wait_for_one();
    fmt::print("{} networks from seed {}: {} differ or fail\n", options_.count, options_.first,
               failed_);
    return failed_ == 0 ? 0 : 1;
  }

 private:
  void start(uint32_t seed) {
    std::fflush(stdout);
    const pid_t pid = fork();
    if (pid < 0) throw std::runtime_error("cannot start a process");
    if (pid == 0) {
      const int code = run_child(seed, options_);
      std::fflush(stdout);
      _exit(code);  // no destructor of SystemC's
    }
    running_[pid] = seed;
  }

  void wait_for_one() {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, 0);
    const auto found = running_.find(pid);
    if (found == running_.end()) throw std::runtime_error("lost a process");
    if (!WIFEXITED(status)) {
      fmt::print("seed {}: its process ended with signal {}\n", found->second, WTERMSIG(status));
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ++failed_;
    running_.erase(found);
  }

  const Options& options_;
  std::map<pid_t, uint32_t> running_;  // seeds
  uint32_t failed_ = 0;
};

}  // namespace
}  // namespace systole::test

int main(int /*argc*/, char** argv) {
  const systole::test::Options options = systole::test::parse(argv + 1);
  try {
    return systole::test::Campaign(options).run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "network_campaign: {}\n", error.what());
    return 1;
  }
}

// libsystemc refers to this name; our main() uses the kernel directly and never calls it.
extern "C" int sc_main(int, char**) { return 0; }
