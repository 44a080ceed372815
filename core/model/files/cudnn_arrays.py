"""The arrays of Keras 2's CuDNNLSTM and CuDNNGRU as those of an LSTM and a GRU, which calculate the same.

NVIDIA's library takes a gate's kernel as rows of one unit each, so that its numbers in the order in which they lie are
those of the transposed kernel; and it has a bias for what comes in and one for the state (NVIDIA cuDNN documentation,
"cudnnRNNMode_t"). An LSTM adds both up; a GRU with ``reset_after`` has both, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.arrays import AnyArray

    Named = tuple[str, AnyArray]

NAMES = ["kernel", "recurrent_kernel", "bias"]

LSTM_GATES, GRU_GATES = 4, 3


def from_cudnn(arrays: Sequence[Named]) -> list[Named]:
    """Return named arrays with those of such layers, known by their shapes, as today's Keras has them."""
    made = list(arrays)
    for at, gates in _cells(arrays):
        (kernel, inner, bias), names = (
            (one for _, one in arrays[at : at + 3]),
            [name for name, _ in arrays[at : at + 3]],
        )
        both = bias.reshape(2, -1)
        kernels = [
            np.concatenate([_turned(gate) for gate in np.split(one, gates, axis=1)], axis=1) for one in (kernel, inner)
        ]
        biases = both if gates == GRU_GATES else both[0] + both[1]
        made[at : at + 3] = zip(names, [*kernels, biases], strict=True)
    return made


def has_two_biases(arrays: Sequence[Named]) -> bool:
    """Say whether two arrays of these become one, so that it can't be written back."""
    return any(gates == LSTM_GATES for _, gates in _cells(arrays))


def _cells(arrays: Sequence[Named]) -> Iterator[tuple[int, int]]:
    """Give where the three arrays of such a layer begin, and how many gates it has."""
    for at in range(len(arrays) - 2):
        names = [name.rpartition("/")[2].partition(":")[0] for name, _ in arrays[at : at + 3]]
        kernel, inner, bias = (one.shape for _, one in arrays[at : at + 3])
        if names != NAMES or len(kernel) != 2 or len(inner) != 2 or len(bias) != 1 or not inner[0]:
            continue
        gates, rest = divmod(inner[1], inner[0])
        if gates in (LSTM_GATES, GRU_GATES) and not rest and kernel[1] == inner[1] and bias[0] == 2 * inner[1]:
            yield at, gates


def _turned(kernel: AnyArray) -> AnyArray:
    """Return one gate's kernel of (inputs, units) of the numbers that lie there as (units, inputs)."""
    inputs, units = kernel.shape
    return kernel.reshape(units, inputs).T
