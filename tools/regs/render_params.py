# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Views of hw/params/params.json: C++ struct and table, C and SystemVerilog defaults, Markdown page."""

SOURCE = "hw/params/params.json"


def member(name):
    return name.replace(".", "_")


def presets_of(parameter, presets):
    return [parameter.get(p, parameter["default"]) for p in presets]


def render_hpp(params, presets, head):
    out = [head, "// SPDX-License-Identifier: Apache-2.0", "#pragma once", "", "#include <cstdint>", "",
           "namespace systole {", "", "// Every size and speed of the machine; see hw/params/README.md.", "struct Params {"]
    out += [f"  uint32_t {member(p['name'])} = {p['default']};  // {p['unit']}: {p['doc']}" for p in params]
    out += ["};", "", f"inline constexpr int kPresetCount = {len(presets)};",
            "inline constexpr const char* kPresetNames[kPresetCount] = {" + ", ".join(f'"{n}"' for n in presets) + "};",
            "inline constexpr const char* kPresetDocs[kPresetCount] = {"]
    out += [f'    "{d}",' for d in presets.values()]
    out += ["};", "", "struct ParamInfo {", "  const char* name;", "  const char* unit;", "  uint32_t default_value, min, max;",
            "  bool power_of_two;", "  uint32_t preset[kPresetCount];", "  const char* doc;", "  uint32_t Params::*member;", "};", "",
            "// clang-format off", "inline constexpr ParamInfo kParams[] = {"]
    for p in params:
        values = ", ".join(str(v) for v in presets_of(p, presets))
        out.append(f'    {{"{p["name"]}", "{p["unit"]}", {p["default"]}u, {p["min"]}u, {p["max"]}u, '
                   f'{str(p["power_of_two"]).lower()}, {{{values}}}, "{p["doc"]}", &Params::{member(p["name"])}}},')
    out += ["};", "// clang-format on", "", "}  // namespace systole", ""]
    return "\n".join(out)


def render_h(params, head):
    out = [head, "// SPDX-License-Identifier: Apache-2.0", "#pragma once", "",
           "// Defaults. Firmware reads the real sizes from the NPU's CONFIG registers.", ""]
    out += [f"#define NPU_DEFAULT_{member(p['name']).upper()} {p['default']}u" for p in params]
    return "\n".join(out) + "\n"


def render_sv(params, head):
    out = [head, "// SPDX-License-Identifier: Apache-2.0", "package npu_params_pkg;", ""]
    out += [f"  localparam int unsigned {member(p['name']).upper()} = {p['default']};" for p in params]
    return "\n".join(out + ["", "endpackage", ""])


def render_md(params, presets, head):
    out = [head, "# Parameters", "", "| name | unit | " + " | ".join(presets) + " | allowed | meaning |",
           "|---|---|" + "---|" * len(presets) + "---|---|"]
    for p in params:
        allowed = f"{p['min']} to {p['max']}" + (", a power of two" if p["power_of_two"] else "")
        values = " | ".join(str(v) for v in presets_of(p, presets))
        out.append(f"| `{p['name']}` | {p['unit']} | {values} | {allowed} | {p['doc']} |")
    return "\n".join(out) + "\n"


def outputs(spec, first_line):
    params, presets = spec["parameters"], spec["presets"]
    return {
        "hw/params/gen/params.hpp": render_hpp(params, presets, first_line(SOURCE, "//")),
        "hw/params/gen/npu_params.h": render_h(params, first_line(SOURCE, "//")),
        "hw/params/gen/npu_params_pkg.sv": render_sv(params, first_line(SOURCE, "//")),
        "hw/params/gen/params.md": render_md(params, presets, first_line(SOURCE, "<!--")),
    }
