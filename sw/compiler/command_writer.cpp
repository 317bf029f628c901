// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/command_writer.h"

#include <stdexcept>

#include "sw/program/command_list.h"

namespace systole::compiler {
namespace {

using regs::Field;
using Values = std::map<uint32_t, uint32_t>;

// `value` in its field. A value that does not fit is a fault of the tiling, which keeps to limits.
uint32_t put(const Field& field, int64_t value) {
  const int64_t limit = int64_t{1} << field.width;
  if (value < 0 || value >= limit) throw std::logic_error("a job register's field overflows");
  return field.put(static_cast<uint32_t>(value));
}

// A two's complement field.
uint32_t put_signed(const Field& field, int64_t value) {
  const int64_t limit = int64_t{1} << (field.width - 1);
  if (value < -limit || value >= limit) throw std::logic_error("a signed field overflows");
  return field.put(static_cast<uint32_t>(value));
}

void add_dma(const DmaJob& body, Values* values) {
  namespace r = regs::dma;
  const dma::Job& job = body.job;
  Values& v = *values;
  v[r::kDramAddr] = job.dram_addr;
  v[r::kRegion] = put(r::region::kIndex, body.region);
  v[r::kSpadAddr] = put(r::spad_addr::kAddr, job.spad_addr);
  v[r::kSize0] = put(r::size0::kBytes, job.size0);
  v[r::kSize1] = put(r::size1::kCount, job.size1);
  v[r::kSize2] = put(r::size2::kCount, job.size2);
  v[r::kDramStride1] = job.dram_stride1;
  v[r::kDramStride2] = job.dram_stride2;
  v[r::kSpadStride1] = put(r::spad_stride1::kBytes, job.spad_stride1);
  v[r::kSpadStride2] = put(r::spad_stride2::kBytes, job.spad_stride2);
  v[r::kPad] = put(r::pad::kBefore1, job.before1) | put(r::pad::kAfter1, job.after1) |
               put(r::pad::kBefore2, job.before2) | put(r::pad::kAfter2, job.after2);
  v[r::kPadValue] = job.pad_value;
}

void add_mac_array(const mac_array::Job& job, Values* values) {
  namespace r = regs::mac_array;
  Values& v = *values;
  v[r::kInAddr] = put(r::in_addr::kAddr, job.in_addr);
  v[r::kWgtAddr] = put(r::wgt_addr::kAddr, job.wgt_addr);
  v[r::kAccAddr] = put(r::acc_addr::kRow, job.acc_row);
  v[r::kKLen] = put(r::k_len::kBytes, job.k_len);
  v[r::kOutChannels] = put(r::out_channels::kCount, job.out_channels);
  v[r::kKLoops] = put(r::k_loops::kKx, job.kx) | put(r::k_loops::kKy, job.ky);
  v[r::kKxStride] = put(r::kx_stride::kBytes, job.kx_stride);
  v[r::kKyStride] = put(r::ky_stride::kBytes, job.ky_stride);
  v[r::kOutSize] = put(r::out_size::kX, job.x) | put(r::out_size::kY, job.y);
  v[r::kXStride] = put(r::x_stride::kBytes, job.x_stride);
  v[r::kYStride] = put(r::y_stride::kBytes, job.y_stride);
  v[r::kZeroPoint] =
      put_signed(r::zero_point::kInZp, job.in_zp) | put_signed(r::zero_point::kWgtZp, job.wgt_zp);
  v[r::kMode] = r::mode::kInSigned.put(job.in_signed) | r::mode::kWgtSigned.put(job.wgt_signed) |
                r::mode::kAccumulate.put(job.accumulate) | r::mode::kWgtZpLine.put(job.wgt_zp_line);
}

uint32_t requant_mode(const requant::Job& job) {
  namespace m = regs::requant::mode;
  const requant::Mode& mode = job.mode;
  return m::kArith.put(static_cast<uint32_t>(mode.arith)) | m::kZpFirst.put(mode.zp_first) |
         m::kTiesUp.put(mode.ties_up) | m::kOverflow.put(static_cast<uint32_t>(mode.overflow)) |
         m::kOutSigned.put(mode.out_signed) | m::kPerTensor.put(job.per_tensor) |
         m::kParamLoad.put(job.param_load) | m::kAccFp32.put(mode.acc_fp32);
}

void add_requant(const requant::Job& job, Values* values) {
  namespace r = regs::requant;
  Values& v = *values;
  v[r::kAccAddr] = put(r::acc_addr::kRow, job.acc_row);
  v[r::kOutAddr] = put(r::out_addr::kAddr, job.out_addr);
  v[r::kOutChannels] = put(r::out_channels::kCount, job.out_channels);
  v[r::kOutSize] = put(r::out_size::kX, job.x) | put(r::out_size::kY, job.y);
  v[r::kXStride] = put(r::x_stride::kBytes, job.x_stride);
  v[r::kYStride] = put(r::y_stride::kBytes, job.y_stride);
  v[r::kMode] = requant_mode(job);
  v[r::kZeroPoint] = put_signed(r::zero_point::kZp, job.tensor.zero_point);
  v[r::kClamp] =
      put_signed(r::clamp::kQmin, job.tensor.qmin) | put_signed(r::clamp::kQmax, job.tensor.qmax);
  v[r::kAux] = job.tensor.aux;
  v[r::kAvgCount] = put(r::avg_count::kCount, job.tensor.avg_count);
  v[r::kParamAddr] = put(r::param_addr::kAddr, job.param_addr);
}

void add_vector(const vector::Job& job, Values* values) {
  namespace r = regs::vector;
  Values& v = *values;
  v[r::kInAddr] = put(r::in_addr::kAddr, job.in_addr);
  v[r::kOutAddr] = put(r::out_addr::kAddr, job.out_addr);
  v[r::kChannels] = put(r::channels::kCount, job.channels);
  v[r::kOutSize] = put(r::out_size::kX, job.x) | put(r::out_size::kY, job.y);
  v[r::kInXStride] = put(r::in_x_stride::kBytes, job.in_x_stride);
  v[r::kInYStride] = put(r::in_y_stride::kBytes, job.in_y_stride);
  v[r::kOutXStride] = put(r::out_x_stride::kBytes, job.out_x_stride);
  v[r::kOutYStride] = put(r::out_y_stride::kBytes, job.out_y_stride);
  v[r::kWindow] = put(r::window::kKx, job.kx) | put(r::window::kKy, job.ky);
  v[r::kKxStride] = put(r::kx_stride::kBytes, job.kx_stride);
  v[r::kKyStride] = put(r::ky_stride::kBytes, job.ky_stride);
  v[r::kMode] = put(r::mode::kOp, job.op) | r::mode::kSigned.put(job.is_signed) |
                r::mode::kIn2Splat.put(job.in2_splat) | r::mode::kLoadA.put(job.load_a) |
                r::mode::kLoadB.put(job.load_b);
  v[r::kClamp] = put_signed(r::clamp::kQmin, job.qmin) | put_signed(r::clamp::kQmax, job.qmax);
  v[r::kIn2Addr] = put(r::in2_addr::kAddr, job.in2_addr);
  v[r::kIn2XStride] = put(r::in2_x_stride::kBytes, job.in2_x_stride);
  v[r::kIn2YStride] = put(r::in2_y_stride::kBytes, job.in2_y_stride);
  v[r::kTableAddr] = put(r::table_addr::kAddr, job.table_addr);
  v[r::kAccAddr] = put(r::acc_addr::kRow, job.acc_row);
}

// Registers that do not change what the job does.
bool is_ignored(const vector::Job& job, uint32_t offset) {
  namespace r = regs::vector;
  switch (offset) {
    case r::kTableAddr:
      return job.tables_loaded() == 0;
    case r::kIn2Addr:
    case r::kIn2XStride:
    case r::kIn2YStride:
    case r::kAccAddr:
      return !job.writes_accumulators();
    case r::kOutAddr:
    case r::kOutXStride:
    case r::kOutYStride:
      return job.writes_accumulators();
    default:
      return false;
  }
}

// The same for a job of any unit. Of a DMA job: strides of loops of one turn, the padding's value
// when there is none.
bool is_ignored(const Job& job, uint32_t offset) {
  namespace r = regs::dma;
  if (const auto* body = std::get_if<vector::Job>(&job.body)) return is_ignored(*body, offset);
  if (const auto* body = std::get_if<requant::Job>(&job.body)) {
    return offset == regs::requant::kParamAddr && !body->param_load;
  }
  const auto* body = std::get_if<DmaJob>(&job.body);
  if (body == nullptr) return false;
  const dma::Job& dma = body->job;
  const uint32_t entries = dma.before1 + dma.size1 + dma.after1;
  const uint32_t rows = dma.before2 + dma.size2 + dma.after2;
  if (offset == r::kDramStride1 || offset == r::kSpadStride1) return entries == 1;
  if (offset == r::kDramStride2 || offset == r::kSpadStride2) return rows == 1;
  return offset == r::kPadValue && entries == dma.size1 && rows == dma.size2;
}

// Where a unit's block lies, and its registers that every unit has.
struct UnitMap {
  uint32_t base, tag, tokens, start;
};
constexpr UnitMap kUnitMaps[kUnitCount] = {
    {regs::npu::kDmaLoad, regs::dma::kTag, regs::dma::kTokens, regs::dma::kStart},
    {regs::npu::kDmaStore, regs::dma::kTag, regs::dma::kTokens, regs::dma::kStart},
    {regs::npu::kMacArray, regs::mac_array::kTag, regs::mac_array::kTokens,
     regs::mac_array::kStart},
    {regs::npu::kRequant, regs::requant::kTag, regs::requant::kTokens, regs::requant::kStart},
    {regs::npu::kVector, regs::vector::kTag, regs::vector::kTokens, regs::vector::kStart},
};

}  // namespace

std::map<uint32_t, uint32_t> register_values(const Job& job, uint16_t tag) {
  const UnitMap& unit = kUnitMaps[static_cast<int>(job.unit)];
  Values values;
  if (const auto* body = std::get_if<DmaJob>(&job.body)) add_dma(*body, &values);
  if (const auto* body = std::get_if<mac_array::Job>(&job.body)) add_mac_array(*body, &values);
  if (const auto* body = std::get_if<requant::Job>(&job.body)) add_requant(*body, &values);
  if (const auto* body = std::get_if<vector::Job>(&job.body)) add_vector(*body, &values);
  values[unit.tag] = tag;
  namespace tokens = regs::dma::tokens;  // the same in every unit
  values[unit.tokens] = tokens::kWait.put(job.wait) | tokens::kSignal.put(job.signal);
  return values;
}

void CommandWriter::job(const Job& job, uint16_t tag) {
  const UnitMap& unit = kUnitMaps[static_cast<int>(job.unit)];
  Values& staged = staged_[static_cast<int>(job.unit)];
  Values values = register_values(job, tag);
  values[unit.start] = regs::dma::start::kGo.put(1);
  constexpr size_t kNoHeader = SIZE_MAX;
  size_t header = kNoHeader;  // of the open WRITE
  uint32_t next = 0;          // offset that continues it
  for (const auto& [offset, value] : values) {
    const auto known = staged.find(offset);
    if (offset != unit.start && known != staged.end() &&
        (known->second == value || is_ignored(job, offset))) {
      continue;
    }
    staged[offset] = value;
    if (header != kNoHeader && offset == next + 4) {
      // One unchanged register between two changed ones costs no more than another header.
      words_.push_back(staged.at(next));
      next = offset;
    }
    if (header == kNoHeader || offset != next) {
      header = words_.size();
      words_.push_back(0);
      next = offset;
    }
    words_.push_back(value);
    next += 4;
    const uint32_t count = static_cast<uint32_t>(words_.size() - header - 1);
    words_[header] = program::write_header(count, unit.base + next - 4 * count);
  }
}

void CommandWriter::fence() { words_.push_back(program::fence_word()); }
void CommandWriter::mark(uint16_t tag) { words_.push_back(program::mark_word(tag)); }
void CommandWriter::end() { words_.push_back(program::end_word()); }

}  // namespace systole::compiler
