"""Running models over many points: the program of a model is written once for given shapes, and kept."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.chunks import Pause, go_on, pieces
from core.errors import Refused, shorten
from core.formatting import count
from core.model.written import write_graph

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt
    from jaxtyping import Bool, Float

    from core.arrays import AnyArray, Array
    from core.layers.writer import Weight
    from core.model.graph import Graph
    from core.model.network import Network
    from core.model.weights import Weights
    from core.operations.operation import Shape
    from core.operations.rounding import Carry
    from core.operations.run import Ready


OUTPUTS = 1 << 18
"""How many outputs of one layer are held at once: few enough to be stopped soon, enough for fast products."""


def predictions(graph: Graph, weights: Mapping[Weight, AnyArray], inputs: Sequence[AnyArray]) -> list[Array]:
    """Return every output of ``graph`` for all points, in float64; each of ``inputs`` has the points as first axis.

    Raises:
        Refused: an input's shape is not the model's, or its calculation can't be done here.
    """
    require_fitting(graph, inputs)
    written = write_graph(graph, tuple(array.shape[1:] for array in inputs))
    if written.stops:
        raise Refused(written.stops)
    parts = [made for _, made in run(written.ready(weights), inputs, written.rows())]
    shapes = [written.program.lines[number].shape for number in written.outputs]
    return [
        np.concatenate([part[at] for part in parts]) if parts else np.empty((0, *shape))
        for at, shape in enumerate(shapes)
    ]


def run(
    ready: Ready, inputs: Sequence[AnyArray], at_once: int, pause: Pause = go_on
) -> Iterator[tuple[slice, list[Array]]]:
    """Give what ``ready`` makes of so many points ``at_once``, after a ``pause``: of which points, and the values."""
    for rows in pieces(len(inputs[0]), pause, at_once):
        yield rows, ready(*(np.asarray(array[rows], dtype=np.float64) for array in inputs))


def require_fitting(graph: Graph, inputs: Sequence[AnyArray]) -> None:
    """Refuse inputs, the points first, that are not of the model's shapes.

    Raises:
        Refused: another number of inputs, another shape, or not as many points of each.
    """
    if len(inputs) != len(graph.inputs):
        named = ", ".join(shorten(given.name) for given in graph.inputs)
        raise Refused(f"expected {count(len(graph.inputs), 'input')} ({named}), got {len(inputs)}")
    for given, array in zip(graph.inputs, inputs, strict=True):
        fits = len(given.shape) == array.ndim - 1 and all(
            size in (None, got) for size, got in zip(given.shape, array.shape[1:], strict=True)
        )
        if not fits:
            wanted = ", ".join("any" if size is None else f"{size}" for size in (None, *given.shape))
            raise Refused(f"expected {shorten(given.name)!r} of shape ({wanted}), got {array.shape}")
    if len({len(array) for array in inputs}) > 1:
        got = ", ".join(f"{shorten(one.name)} {len(array):,}" for one, array in zip(graph.inputs, inputs, strict=True))
        raise Refused(f"expected as many points of each input, got {got}")


def predict(
    network: Network, weights: Weights, points: Float[AnyArray, "batch inputs"]
) -> Float[Array, "batch outputs"]:
    """Return the predictions for all ``points``, in float64, without keeping the steps.

    Raises:
        Refused: the points have another number of inputs than the network, or it can't be calculated here.
    """
    if points.ndim != 2 or points.shape[1] != network.inputs:
        raise Refused(f"expected points of {count(network.inputs, 'number')}, got an array of shape {points.shape}")
    return _in_rows_of(network, weights, network.written.outputs, points)


def _in_rows_of(
    network: Network, weights: Weights, wanted: tuple[int, ...], points: Float[AnyArray, "rows inputs"]
) -> Float[Array, "rows numbers"]:
    """Return values of the program for every one of ``points``, beside each other."""
    lines = network.written.program.lines
    parts = [in_rows(made, rows.stop - rows.start) for rows, made in in_pieces(network, weights, wanted, points)]
    return np.concatenate(parts) if parts else np.empty((0, sum(prod(lines[number].shape) for number in wanted)))


def in_pieces(
    network: Network,
    weights: Weights,
    wanted: tuple[int, ...],
    points: Float[AnyArray, "rows inputs"],
    pause: Pause = go_on,
    at_once: int = 0,
) -> Iterator[tuple[slice, list[Array]]]:
    """Give values of the program as :func:`run` does, by default as many rows at once as it may.

    Raises:
        Refused: the model's calculation can't be done here.
    """
    return run(ready_values(network, weights, wanted), [points], at_once or network.written.rows(), pause)


def unmasked(
    network: Network, weights: Weights, points: Float[AnyArray, "rows inputs"]
) -> Bool[npt.NDArray[np.bool_], "rows outputs"] | None:
    """Return which numbers of the outputs masks don't leave out for each row; None where no output has a mask."""
    if not network.is_masked:
        return None
    kept = np.ones((len(points), network.outputs), dtype=bool)
    for output in network.each_output:
        if output.mask is not None:
            mask = _in_rows_of(network, weights, (output.mask,), points) != 0.0
            kept[:, output.columns] = np.repeat(mask, output.shape[-1], axis=1)
    return kept


def every_value(network: Network, weights: Weights, x: Float[AnyArray, "inputs"], carry: Carry) -> list[Array]:
    """Return every value of the program over one row, written down as ``carry`` says."""
    (row,), given = network.written.inputs, network.written.given(weights.by_name(network))
    return network.written.tracer({**given, row: np.asarray(x, dtype=np.float64)}, carry, {})


def in_rows(made: Sequence[Array], rows: int) -> Float[Array, "rows numbers"]:
    """Return values of so many rows, the rows first, beside each other as one row of numbers each."""
    return made[0].reshape(rows, -1) if len(made) == 1 else np.concatenate([one.reshape(rows, -1) for one in made], 1)


def layer_outputs(
    network: Network, weights: Weights, points: Float[AnyArray, "rows inputs"]
) -> list[Float[Array, "rows numbers"]]:
    """Return what every layer makes of ``points`` at its first call, in a row."""
    made = ready_values(network, weights, network.made_by_layers)(np.asarray(points, dtype=np.float64))
    # What is made of weights alone is the same for every row.
    return [
        np.broadcast_to(one, (len(points), *shape)).reshape(len(points), -1)
        for one, shape in zip(made, network.shapes()[1:], strict=True)
    ]


def rows_at_once(network: Network) -> int:
    """Return of how many rows all outputs of a layer can be held at once within :data:`OUTPUTS`."""
    return max(1, OUTPUTS // network.written.largest)


@lru_cache(maxsize=4)
def ready_values(network: Network, weights: Weights, wanted: tuple[int, ...]) -> Ready:
    """Return a model ready to make these values of its program of rows of numbers.

    Raises:
        Refused: its calculation can't be done here.
    """
    written = network.written
    if written.stops:
        raise Refused(written.stops)
    return written.ready(weights.by_name(network), wanted)


def in_a_row(arrays: Sequence[AnyArray]) -> Array:
    """Return the numbers of all inputs of one point in a row, as :func:`split` takes them apart."""
    return np.concatenate([np.asarray(array, dtype=np.float64).reshape(-1) for array in arrays])


def lengths_of(graph: Graph, point: Sequence[AnyArray]) -> tuple[int, ...]:
    """Return the sizes that the axes of one point's inputs have whose length is not fixed, in order."""
    return tuple(
        got
        for given, array in zip(graph.inputs, point, strict=True)
        for size, got in zip(given.shape, array.shape, strict=True)
        if size is None
    )


def split(row: AnyArray, shapes: Sequence[Shape]) -> list[AnyArray]:
    """Return the numbers of a row, one part after the other, each in its shape."""
    ends = np.cumsum([prod(shape) for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(row, ends)[:-1], shapes, strict=True)]
