// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The base of every transactor: a Verilated model with one clock and one reset, its cycles, and a
// wave file for the cycles that somebody wants to see.
//
// A cycle, seen from outside: the rising edge (edge()) starts it; then the transactor reads what
// the model drives and sets the inputs of this cycle; settle() lets them through and ends it.
#pragma once

#include <verilated.h>
#include <verilated_fst_c.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>

namespace systole::cosim {

// Moves bytes between memory and a port of any width. Requires: count <= width of the port / 8.
template <typename Port>
void to_port(Port& port, const void* bytes, size_t count) {
  std::memcpy(&port, bytes, count);
}
template <typename Port>
void from_port(const Port& port, void* bytes, size_t count) {
  std::memcpy(bytes, &port, count);
}

template <typename Model>
class Transactor {
 public:
  Transactor() : context_(new VerilatedContext), model_(new Model(context_.get(), "top")) {
    context_->traceEverOn(true);
  }
  ~Transactor() { close_wave(); }
  Transactor(const Transactor&) = delete;
  Transactor& operator=(const Transactor&) = delete;

  Model& pins() { return *model_; }
  uint64_t cycle() const { return cycle_; }

  // The clock must have been low once, or the first edge is lost.
  void reset() {
    pins().clk_i = 0;
    pins().rst_ni = 0;
    model_->eval();
    for (int i = 0; i < 2; ++i) step();
    pins().rst_ni = 1;
    settle();
  }

  void edge() {
    ++cycle_;
    pins().clk_i = 1;
    model_->eval();
    if (wave_) wave_->dump(2 * cycle_);
  }
  void settle() {
    pins().clk_i = 0;
    model_->eval();
    if (wave_) wave_->dump(2 * cycle_ + 1);
  }
  void step() {
    edge();
    settle();
  }

  // Whether the model was built to write waves (WAVES in systole_add_verilated).
  static constexpr bool has_waves() { return HasTrace<Model>::value; }
  // From now on every cycle goes into an FST file; one tick of its time is half a cycle.
  // Requires: has_waves().
  void open_wave(const std::string& path) {
    close_wave();
    wave_ = std::make_unique<VerilatedFstC>();
    trace(*model_, *wave_, 0);
    wave_->open(path.c_str());
  }
  void close_wave() {
    if (wave_) wave_->close();
    wave_.reset();
  }

 private:
  template <typename M, typename = void>
  struct HasTrace : std::false_type {};
  template <typename M>
  struct HasTrace<M, std::void_t<decltype(&M::trace)>> : std::true_type {};

  template <typename M>
  static auto trace(M& model, VerilatedFstC& wave, int) -> decltype(model.trace(&wave, 99)) {
    model.trace(&wave, 99);
  }
  template <typename M>
  static void trace(M&, VerilatedFstC&, long) {}

  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<VerilatedFstC> wave_;
  uint64_t cycle_ = 0;
};

}  // namespace systole::cosim
