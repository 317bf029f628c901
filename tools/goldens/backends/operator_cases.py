# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The table of operators without weights: which ones each backend gets, on which shapes.

Shapes are [H, W, C] (or [K]) of one sample. A case is computed `sets` times, each time with other
scales, zero points and codes; `scale` says how the scales belong together (operators.py).
"""

PYTORCH = ("qnnpack", "fbgemm", "onednn")
FUNCTIONS = [3, 1, 107]  # 321 elements: five times PyTorch's vector loop, and one
WINDOWS = [  # input, kernel, stride, padding
    ([9, 10, 20], [3, 3], [1, 1], 0), ([8, 10, 37], [2, 2], [2, 2], 0),
    ([7, 7, 70], [7, 7], [1, 1], 0), ([9, 10, 21], [3, 3], [2, 2], 1)]


def case(op, inputs, sets, scale, **more):
    return dict({"op": op, "inputs": inputs, "sets": sets, "scale": scale}, **more)


def pair(op, scale, single):
    """Operands of one shape, and a broadcast second one."""
    return [case(op, [[5, 7, 70]] * 2, 300, scale), case(op, [[16, 16, 64]] * 2, 20, scale),
            case(op, [[5, 7, 70], single], 150, scale)]


def averages(scale, include_pad):
    return [case("average_pool", [shape], 420, scale, kernel=kernel, stride=stride, pad=pad,
                 count_include_pad=bool(include))
            for shape, kernel, stride, pad in WINDOWS for include in ((0, 1) if pad else (0,))
            if include or not pad or include_pad != "always"]


def resizes(modes):
    """Bilinear ones, and a nearest one whose ways to find the pixel agree."""
    return [case("resize_bilinear", [[6, 7, 37]], 110, "same", out=[13, 21], mode=mode)
            for mode in modes] + [case("resize_nearest", [[6, 7, 37]], 120, "same", out=[12, 21],
                                       mode="asymmetric")]


def means(scale):
    return [case("mean", [[4, 4, 256]], 3200, scale), case("mean", [[7, 7, 64]], 4000, scale)]


def pytorch_cases(backend):
    cases = pair("add", "sum", [1, 1, 70]) + pair("mul", "product", [1, 1, 70])
    cases += averages("same", "always" if backend == "qnnpack" else "")
    if backend == "qnnpack":
        cases += means("same")
    cases += resizes(("half_pixel", "align_corners"))
    cases += [case("concat", [[3, 5, 70], [3, 5, 13]], 820, "near"),
              case("logistic", [FUNCTIONS], 3200, "256th"), case("tanh", [FUNCTIONS], 3200, "128th"),
              case("hard_swish", [FUNCTIONS], 3200, "near"),
              case("leaky_relu", [FUNCTIONS], 3200, "near"),
              case("requantize", [FUNCTIONS], 3200, "near")]
    if backend == "qnnpack":
        cases += [case("softmax", [shape], sets, "256th")
                  for shape, sets in (([1, 2, 1000], 300), (FUNCTIONS, 1600), ([2, 3, 10], 3000))]
    return [dict(c, type="u8") for c in cases]


def whole_images(scale):
    """Global average pools."""
    return [case("average_pool", [[h, w, c]], sets, scale, kernel=[h, w], stride=[1, 1], pad=0,
                 count_include_pad=False, whole=True)
            for h, w, c, sets in ((4, 4, 256, 1600), (7, 7, 64, 2000))]


def onnx_runtime_cases():
    cases = pair("add", "sum", [1, 1, 1]) + pair("mul", "product", [1, 1, 70])
    cases += averages("near", "") + whole_images("near") + means("near")
    cases += resizes(("half_pixel", "align_corners", "asymmetric"))
    cases += [case("concat", [[3, 5, 70], [3, 5, 13]], 820, "near"),
              case("softmax", [[1000]], 500, "256th"), case("softmax", [[10]], 5000, "256th"),
              case("softmax", [[21]], 1000, "near")]
    cases += [case(op, [FUNCTIONS], 1600, scale)
              for op, scale in (("logistic", "256th"), ("logistic", "near"), ("tanh", "128th"),
                                ("tanh", "near"), ("hard_swish", "near"), ("leaky_relu", "near"),
                                ("requantize", "near"), ("clamp", "near"))]
    return [dict(c, type=t) for c in cases for t in ("u8", "s8")]


def operator_cases(backend):
    """The cases of a backend, each with a seed of its own; set k of a case uses seed + k."""
    cases = pytorch_cases(backend) if backend in PYTORCH else onnx_runtime_cases()
    return [dict({"op": c.pop("op"), "seed": 100000 * (i + 1)}, **c) for i, c in enumerate(cases)]
