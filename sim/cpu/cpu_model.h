// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The core as a SystemC module. It is loosely timed, yet exact: it never runs past the next pending
// event, a device access happens at its instruction's time, and an interrupt is taken at the first
// instruction boundary at or after its time. The quantum and DMI change speed, never time.
#pragma once

#include <cstdint>
#include <functional>
#include <systemc>
#include <tlm>

#include "sim/cpu/cpu_config.h"
#include "sim/cpu/riscv_core.h"
#include "tlm_utils/simple_initiator_socket.h"

namespace systole {

class CpuModel : public sc_core::sc_module, private RiscvPort {
 public:
  tlm_utils::simple_initiator_socket<CpuModel> bus;
  sc_core::sc_in<bool> msip{"msip"};
  sc_core::sc_in<bool> mtip{"mtip"};
  sc_core::sc_in<bool> meip{"meip"};

  // Why the core gave up. The simulation stops then, unless on_halt says otherwise.
  enum class Halt {
    kNone,
    kHang,        // WFI, and nothing is left that could end it
    kLockup,      // the trap handler cannot be fetched
    kCycleLimit,  // see set_cycle_limit()
    kBreakpoint,
    kRequested,  // see request_halt()
  };

  CpuModel(const sc_core::sc_module_name& name, const CpuConfig& config);

  RiscvCore& core() { return core_; }
  const RiscvCore& core() const { return core_; }
  const CpuConfig& config() const { return config_; }
  sc_core::sc_time clock_period() const { return period_; }
  // Time at which the instruction at core().pc() begins.
  sc_core::sc_time local_time() const {
    return sc_core::sc_time::from_value(core_.cycle() * period_.value());
  }

  // What the `time` CSR reads; without it, 0.
  void set_time_source(std::function<uint64_t(const sc_core::sc_time&)> source);
  // Called when the core halts. Default: sc_stop(). The core stays halted until resume().
  void set_on_halt(std::function<void(Halt)> handler) { on_halt_ = std::move(handler); }
  // Halts before the first instruction that would begin at this cycle or later.
  void set_cycle_limit(uint64_t cycle) { cycle_limit_ = cycle; }
  // Off: a WFI that nothing inside the simulation can end waits (for the outside) instead.
  void set_hang_detection(bool on) { detect_hang_ = on; }
  // From a callback of the core: halts after the instruction it is in, at that instruction's time.
  void request_halt();
  Halt halted() const { return halt_; }
  void resume();

 private:
  bool fetch(uint32_t address, uint16_t& halfword) override;
  bool read(const Access& access, uint32_t& value) override;
  bool write(const Access& access, uint32_t value) override;
  uint64_t mtime() override;

  void run_thread();
  void synchronize();
  uint64_t next_limit() const;
  uint64_t cycle_at_or_after(const sc_core::sc_time& time) const;
  void wait_for_interrupt();
  void halt(Halt reason);
  void sample_lines();
  bool transport(tlm::tlm_command command, const Access& access, uint8_t* data);
  void request_dmi(uint32_t address);
  void invalidate_dmi(sc_dt::uint64 start, sc_dt::uint64 end);

  CpuConfig config_;
  sc_core::sc_time period_;
  RiscvCore core_;
  tlm::tlm_generic_payload payload_;
  std::function<uint64_t(const sc_core::sc_time&)> time_source_;
  std::function<void(Halt)> on_halt_;
  uint64_t cycle_limit_ = ~0ull;
  bool detect_hang_ = true;
  bool dmi_refused_ = false;
  bool halt_requested_ = false;
  Halt halt_ = Halt::kNone;
  sc_core::sc_event resume_;
};

}  // namespace systole
