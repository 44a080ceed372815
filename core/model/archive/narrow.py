"""Numbers for which NumPy has no type, bfloat16 and three of 8 bits: read as float32, each exactly, and stored again.

All of them are among the numbers of bfloat16, which are the first 16 bits of float32's. Sources: the documentation of
TensorFlow on bfloat16; Micikevicius and others, "FP8 Formats for Deep Learning" (2022); "OCP Microscaling Formats"
(2023) on scales.
"""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    Bits = npt.NDArray[np.unsignedinteger[Any]]

BFLOAT16 = "bfloat16"
"""What files call numbers of the first 16 bits of a float32."""

SIGN, INFINITY, NOT_A_NUMBER = 0x8000, 0x7F80, 0x7FC0
"""Bits of bfloat16."""


def _halves(numbers: Iterable[float]) -> Bits:
    """Return the bits that bfloat16 has for ``numbers``; for each NaN other ones, so that it is found again."""
    of_each = ((np.float32(one).view(np.uint32) >> 16, one != one) for one in numbers)
    return np.array([NOT_A_NUMBER + at % 64 if is_nan else half for at, (half, is_nan) in enumerate(of_each)], "<u2")


def _number(code: int, mantissa_bits: int, bias: int) -> float:
    """Return the number of 7 bits, an exponent and a mantissa, as IEEE 754 has those below its largest exponent."""
    exponent, mantissa = code >> mantissa_bits, code & (1 << mantissa_bits) - 1
    leading = 1 << mantissa_bits if exponent else 0
    return float((leading + mantissa) * 2.0 ** (max(exponent, 1) - bias - mantissa_bits))


def _signed(positive: Iterable[float]) -> Bits:
    halves = _halves(positive)
    return np.concatenate([halves, halves | SIGN])


FLOAT8 = {
    # Of its largest exponent the format has numbers too, and no infinity.
    "float8_e4m3fn": _signed(_number(code, 3, 7) if code < 0x7F else nan for code in range(128)),
    "float8_e5m2": _signed(
        _number(code, 2, 15) if code < 0x7C else inf if code == 0x7C else nan for code in range(128)
    ),
    "float8_e8m0fnu": _halves(2.0 ** (code - 127) if code < 0xFF else nan for code in range(256)),
}
"""A type of 8 bits -> the bits of bfloat16 for each of its 256 numbers."""

NARROW = (BFLOAT16, *FLOAT8)

STORED = {name: "<u2" if name == BFLOAT16 else "|u1" for name in NARROW}
"""What NumPy calls the bits of such a type."""


def widened(bits: Bits, dtype: str) -> npt.NDArray[np.float32]:
    """Return the numbers of a type that has these ``bits`` for them, each of them exactly."""
    halves = bits if dtype == BFLOAT16 else FLOAT8[dtype][bits]
    return (halves.astype("<u4") << 16).view("<f4")


def narrowed(numbers: npt.NDArray[Any], dtype: str) -> Bits:
    """Return the bits that a type has for float32 ``numbers`` of its own; of others the first 16 bits count."""
    halves = (np.ascontiguousarray(numbers, "<f4").view("<u4") >> 16).astype("<u2").reshape(numbers.shape)
    if dtype == BFLOAT16:
        return halves
    codes, own = np.zeros(1 << 16, np.uint8), FLOAT8[dtype]
    # Any other NaN, such as NumPy's own, is one of the type's.
    codes[np.arange(1 << 16) & 0x7FFF > INFINITY] = np.flatnonzero(own & 0x7FFF > INFINITY)[0]
    codes[own] = np.arange(256)
    return np.asarray(codes[halves])


def nearest(number: float, dtype: str) -> float:
    """Return the number of the type that is nearest to ``number``, of two the one whose last bit is 0; NaN if there
    is none: it is beyond the largest.
    """
    bits = np.arange(1 << 16 if dtype == BFLOAT16 else 1 << 8, dtype=STORED[dtype])
    with np.errstate(invalid="ignore"):
        having = widened(bits, dtype).astype(np.float64)
        off = np.where(np.isfinite(having), np.abs(having - number), inf)
    if not np.isfinite(number):
        return number if (having == number).any() else nan
    largest = int(np.flatnonzero(np.isfinite(having) & (having > 0))[-1])
    # What would come next, were the exponent not at its end.
    beyond = 2 * having[largest] - having[largest - 1]
    found = np.flatnonzero(off == off.min())
    at = int(min(found, key=lambda code: (code % 2, np.signbit(having[code]) != np.signbit(number))))
    past, short = abs(number) - having[largest], beyond - abs(number)
    return nan if past > short or (past == short and largest % 2) else float(having[at])
