# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Views of a compiled SystemRDL block: C, C++, SystemVerilog, Markdown."""
from systemrdl import RDLCompiler
from systemrdl.node import AddrmapNode, RegNode, RegfileNode
from systemrdl.rdltypes import OnWriteType


class Register:
    """One register (or array) of a block, flattened out of its register file."""

    def __init__(self, node, prefix="", base=0, count=1, stride=0):
        self.node = node
        self.name = prefix + node.inst_name
        self.offset = base + node.raw_address_offset
        self.count, self.stride = (node.array_dimensions[0], node.array_stride) if node.is_array else (count, stride or 4)
        self.desc = node.get_property("desc")
        self.fields = list(node.fields())
        for thing in [node] + self.fields:
            if not thing.get_property("desc"):
                raise SystemExit(f"{thing.get_path()}: desc is missing")

    @property
    def upper(self):
        return self.name.replace(".", "_")

    def mask(self, wanted):
        return sum(field_mask(f) for f in self.fields if wanted(f))

    @property
    def reset(self):
        return sum((f.get_property("reset") or 0) << f.low for f in self.fields)


def field_mask(field):
    return ((1 << field.width) - 1) << field.low


def is_pulse(field):
    return bool(field.get_property("singlepulse"))


def is_clear(field):
    return field.get_property("onwrite") == OnWriteType.woclr


def elaborate(path):
    compiler = RDLCompiler()
    compiler.compile_file(str(path))
    return compiler.elaborate("npu").top


def registers(block):
    found = []
    for node in block.children(unroll=False):
        if isinstance(node, RegNode):
            found.append(Register(node))
        elif isinstance(node, RegfileNode):
            count, stride = (node.array_dimensions[0], node.array_stride) if node.is_array else (1, 0)
            found += [Register(r, node.inst_name + ".", node.raw_address_offset, count, stride)
                      for r in node.registers()]
    return sorted(found, key=lambda r: r.offset)


def enums(block):
    """Every enum that a field of the block encodes, by name."""
    found = {}
    for reg in registers(block):
        for field in reg.fields:
            encode = field.get_property("encode")
            if encode is not None:
                found[encode.type_name] = encode
    return found


def find_block(top, name):
    return next(b for b in top.children() if isinstance(b, AddrmapNode) and b.type_name == name)


def pascal(name):
    return "".join(part.capitalize() for part in name.replace(".", "_").lower().split("_"))


def block_outputs(top, name, first_line):
    block = find_block(top, name)
    source = f"hw/{name}/{name}.rdl"
    base = f"hw/{name}/gen"
    return {
        f"{base}/{name}_regs.h": render_c(block, name, first_line(source, "//")),
        f"{base}/{name}_regs.hpp": render_cpp(block, name, first_line(source, "//")),
        f"{base}/{name}_reg_pkg.sv": render_sv(block, name, first_line(source, "//")),
        f"{base}/registers.md": render_md(block, first_line(source, "<!--")),
    }


def spdx(comment="//"):
    return f"{comment} SPDX-License-Identifier: Apache-2.0"


def render_c(block, name, head):
    p = f"NPU_{name.upper()}"
    out = [head, spdx(), "#pragma once", ""]
    for reg in registers(block):
        out += [f"// {reg.desc}", f"#define {p}_{reg.upper}_OFFSET 0x{reg.offset:03X}u"]
        if reg.count > 1:
            out += [f"#define {p}_{reg.upper}_COUNT {reg.count}u", f"#define {p}_{reg.upper}_STRIDE 0x{reg.stride:X}u"]
        for f in reg.fields:
            out += [f"#define {p}_{reg.upper}_{f.inst_name}_SHIFT {f.low}u",
                    f"#define {p}_{reg.upper}_{f.inst_name}_MASK 0x{field_mask(f):08X}u  // {f.get_property('desc')}"]
        out.append("")
    for enum_name, encode in enums(block).items():
        out += [f"#define NPU_{enum_name.upper()}_{m.name} {m.value}u  // {m.rdl_desc}" for m in encode] + [""]
    return "\n".join(out[:-1]) + "\n"


def cpp_row(reg):
    readable = reg.mask(lambda f: f.is_sw_readable)
    writable = reg.mask(lambda f: f.is_sw_writable)
    return (f'    {{"{reg.name}", 0x{reg.offset:03X}, {reg.count}, 0x{reg.stride:X}, 0x{reg.reset:08X}, 0x{readable:08X}, '
            f"0x{writable:08X}, 0x{reg.mask(is_clear):08X}, 0x{reg.mask(is_pulse):08X}}},")


def render_cpp(block, name, head):
    regs = registers(block)
    out = [head, spdx(), "#pragma once", "", '#include "hw/common/register_info.h"', "", f"namespace systole::regs::{name} {{", ""]
    for reg in regs:
        out.append(f"inline constexpr uint32_t k{pascal(reg.name)} = 0x{reg.offset:03X};")
    out.append("")
    for reg in regs:
        out.append(f"namespace {reg.upper.lower()} {{")
        out += [f"inline constexpr Field k{pascal(f.inst_name)}{{{f.low}, {f.width}}};" for f in reg.fields]
        out.append("}")
    out.append("")
    for enum_name, encode in enums(block).items():
        out.append(f"enum class {pascal(enum_name)} : uint32_t {{")
        out += [f"  k{pascal(m.name)} = {m.value},  // {m.rdl_desc}" for m in encode] + ["};", ""]
    out += ["// clang-format off", "inline constexpr RegisterInfo kRegisters[] = {"] + [cpp_row(r) for r in regs]
    out += ["};", "// clang-format on", f'inline constexpr BlockInfo kBlock{{"{name}", kRegisters, {len(regs)}}};', "",
            f"}}  // namespace systole::regs::{name}", ""]
    return "\n".join(out)


def render_sv(block, name, head):
    out = [head, spdx(), f"package {name}_reg_pkg;", ""]
    for reg in registers(block):
        out.append(f"  localparam logic [11:0] {reg.upper}_OFFSET = 12'h{reg.offset:03x};")
    out.append("")
    for reg in registers(block):
        for f in reg.fields:
            out.append(f"  localparam int unsigned {reg.upper}_{f.inst_name}_LSB = {f.low};")
            out.append(f"  localparam int unsigned {reg.upper}_{f.inst_name}_WIDTH = {f.width};")
    for enum_name, encode in enums(block).items():
        width = max(1, max(m.value for m in encode).bit_length())
        rows = ",\n".join(f"    {enum_name.upper()}_{m.name} = {width}'d{m.value}" for m in encode)
        out += ["", f"  typedef enum logic [{width - 1}:0] {{", rows, f"  }} {enum_name}_e;"]
    out += ["", "endpackage", ""]
    return "\n".join(out)


def md_access(f):
    if is_pulse(f):
        return "w, pulse"
    if is_clear(f):
        return "rw1c"
    return ("r" if f.is_sw_readable else "") + ("w" if f.is_sw_writable else "")


def render_md(block, head):
    out = [head, f"# {block.get_property('name')}: registers", "", block.get_property("desc"), "",
           "| offset | register | meaning |", "|---|---|---|"]
    regs = registers(block)
    for reg in regs:
        where = f"0x{reg.offset:03X}" + (f" + 0x{reg.stride:X} i, i < {reg.count}" if reg.count > 1 else "")
        out.append(f"| {where} | `{reg.name}` | {reg.desc} |")
    for reg in regs:
        out += ["", f"## {reg.name}", "", "| bits | field | access | reset | meaning |", "|---|---|---|---|---|"]
        for f in reg.fields:
            bits = f"{f.high}:{f.low}" if f.width > 1 else f"{f.low}"
            out.append(f"| {bits} | `{f.inst_name}` | {md_access(f)} | 0x{f.get_property('reset') or 0:X} | {f.get_property('desc')} |")
    for enum_name, encode in enums(block).items():
        out += ["", f"## Values of {enum_name}", "", "| value | name | meaning |", "|---|---|---|"]
        out += [f"| {m.value} | `{m.name}` | {m.rdl_desc} |" for m in encode]
    return "\n".join(out) + "\n"


def map_outputs(top, first_line):
    """The window of the whole NPU: where each block lies."""
    source = "hw/npu/npu.rdl"
    blocks = [(b.inst_name, b.raw_address_offset, b) for b in top.children()]
    c = [first_line(source, "//"), spdx(), "#pragma once", ""]
    c += [f"#define NPU_{n}_BASE 0x{a:04X}u  // {b.get_property('name')}" for n, a, b in blocks]
    cpp = [first_line(source, "//"), spdx(), "#pragma once", ""]
    cpp += [f'#include "hw/{n}/gen/{n}_regs.hpp"' for n in block_types(blocks)]
    cpp += ["", "namespace systole::regs::npu {", ""]
    cpp += [f"inline constexpr uint32_t k{pascal(n)} = 0x{a:04X};" for n, a, b in blocks]
    cpp += ["", "struct BlockAt {", "  const char* instance;", "  uint32_t base;", "  const BlockInfo* block;", "};",
            "inline constexpr BlockAt kBlocks[] = {"]
    cpp += [f'    {{"{n.lower()}", 0x{a:04X}, &{b.type_name}::kBlock}},' for n, a, b in blocks]
    cpp += ["};", "", "}  // namespace systole::regs::npu", ""]
    sv = [first_line(source, "//"), spdx(), "package npu_map_pkg;", ""]
    sv += [f"  localparam logic [15:0] {n}_BASE = 16'h{a:04x};" for n, a, b in blocks] + ["", "endpackage", ""]
    md = [first_line(source, "<!--"), "# NPU: register window", "", top.get_property("desc"), "",
          "| base | block | registers | what |", "|---|---|---|---|"]
    md += [f"| 0x{a:04X} | `{n.lower()}` | [{b.type_name}](../../{b.type_name}/gen/registers.md) | {b.get_property('desc')} |"
           for n, a, b in blocks]
    return {"hw/npu/gen/npu_map.h": "\n".join(c) + "\n", "hw/npu/gen/npu_map.hpp": "\n".join(cpp),
            "hw/npu/gen/npu_map_pkg.sv": "\n".join(sv), "hw/npu/gen/registers.md": "\n".join(md) + "\n"}


def block_types(blocks):
    return sorted({b.type_name for _, _, b in blocks})
