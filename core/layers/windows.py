"""Windows: where a window stands as it moves over an image or a sequence, and what of it lies under the window.

Formula: Keras 3 documentation, "Conv2D layer" and "MaxPooling2D layer"; padding "same" as TensorFlow divides it
(TensorFlow documentation, "tf.nn.convolution": what is left over goes to the far side).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.operations.program import Value


def steps_along(size: int, window: int, stride: int, padding: str) -> int:
    """Return how many places a window has along an axis of ``size``: 0 or fewer if it is wider than the axis."""
    if padding == "same":
        return -(-size // stride)
    return (size - window) // stride + 1


def moved_over(
    value: Value,
    sizes: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str,
    dilation: tuple[int, ...] = (),
    outside: float = 0.0,
) -> Value:
    """Return what lies under a window at each of its places: after each axis that it moves along, one of what it sees.

    The first axes are moved along, as many as ``sizes``. Padding is "valid", "same" or "causal", of ``outside``.
    """
    for at, (size, stride) in enumerate(zip(sizes, strides, strict=True)):
        apart = dilation[at] if dilation else 1
        before, after = padded_by(value.shape[at], (size - 1) * apart + 1, stride, padding)
        value = value.pad(at, before, after, outside)
    for at, (size, stride) in enumerate(zip(sizes, strides, strict=True)):
        value = value.window(2 * at, size, stride, dilation[at] if dilation else 1)
    return value


def letters_of(axes: int) -> tuple[str, str, str]:
    """Return the letters of what :func:`moved_over` makes, those of the places in it, and those of the window."""
    return "xiyjzk"[: 2 * axes], "xyz"[:axes], "ijk"[:axes]


def fits_under(inputs: Value, sizes: tuple[int, ...], padding: str, dilation: tuple[int, ...] = ()) -> tuple[bool, str]:
    """Return whether a window has a place on ``inputs``, whose channels come last, and what it takes for that."""
    wide = [(size - 1) * apart + 1 for size, apart in zip(sizes, dilation or (1,) * len(sizes), strict=True)]
    fits = inputs.rank == len(sizes) + 1 and all(
        size >= (least if padding == "valid" else 1) for size, least in zip(inputs.shape, wide, strict=False)
    )
    window = " x ".join(str(size) for size in wide)
    return fits, f"{len(sizes) + 1} axes, the channels last, on which there is room for a window of {window}"


def padded_by(size: int, wide: int, stride: int, padding: str) -> tuple[int, int]:
    """Return by how much an axis of ``size`` is padded before and after, for a window so ``wide``."""
    if padding == "causal":
        return wide - 1, 0
    if padding == "valid":
        return 0, 0
    missing = max((-(-size // stride) - 1) * stride + wide - size, 0)
    return missing // 2, missing - missing // 2
