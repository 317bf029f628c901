// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/core.h>

#include <memory>

#include "hw/npu/npu_model.h"
#include "sim/cli/config_options.h"
#include "sim/exec/exec.h"
#include "sim/run/machine.h"

namespace systole::cli {
namespace {

constexpr const char* kAbout =
    "Runs a bare-metal RV32 ELF on the platform: core, UART, CLINT, PLIC, test finisher and NPU at "
    "the\naddresses of QEMU's virt machine (NPU: 0x14000000, PLIC source 12). What the firmware "
    "prints goes to\nstandard output. The exit code is the firmware's: written to the finisher, or "
    "to the symbol `tohost`\nas riscv-tests do. A firmware that is ended by a limit or that can "
    "never go on gives 1 and a line\nthat says where it stood.";

}  // namespace

int exec_command(const Args& args) {
  po::options_description options("options");
  options.add_options()("max-cycles", po::value<uint64_t>()->value_name("N"),
                        "end the firmware after N cycles of the core")(
      "max-time", po::value<std::string>()->value_name("T"),
      "end the firmware after a simulated time such as 10ms or 2.5s")(
      "no-dmi", "memory accesses as transactions: slower, same time");
  add_config_options(options);
  const Parsed parsed =
      parse(args, "exec FIRMWARE.elf [options]", kAbout, options, "FIRMWARE.elf", true);
  if (parsed.help) return kDone;
  const Params params = params_from(parsed);

  ExecOptions exec;
  exec.firmware = parsed.text("FIRMWARE.elf");
  if (parsed.has("max-cycles")) exec.max_cycles = parsed.values["max-cycles"].as<uint64_t>();
  if (parsed.has("max-time")) exec.max_time = parsed.text("max-time");
  exec.platform = run::platform_config(params, !parsed.has("no-dmi"));
  std::unique_ptr<npu::NpuModel> npu;
  exec.on_platform = [&](Platform& platform) {
    npu = run::connect_npu(platform, params, !parsed.has("no-dmi"), nullptr);
  };
  const ExecResult result = run_exec(exec);
  std::fflush(stdout);
  if (!result.message.empty()) fmt::print(stderr, "systole: {}\n", result.message);
  return result.exit_code;
}

}  // namespace systole::cli
