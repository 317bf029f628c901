# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Writes .npy files without numpy."""


def write(path, dtype, shape, data):
    """dtype: "uint8" or "int8". data: the bytes, row-major."""
    kind = {"uint8": "|u1", "int8": "|i1"}[dtype]
    extents = ", ".join(str(extent) for extent in shape)
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({extents},), }}"
    padding = -(10 + len(header) + 1) % 64
    text = header.encode() + b" " * padding + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data)
