"""Which weights a model's calculation needs, and what stops it, where lengths are not fixed too."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from core.layers.nested import write_as_far
from core.layers.writer import Writer

if TYPE_CHECKING:
    from core.layers.writer import Weight
    from core.model.graph import Graph
    from core.model.written import OutsideShapes
    from core.operations.operation import Shape

LENGTHS = (4, 8, 32, 128, 512)
"""What stands for a length that is not fixed until somebody gives it: the first that the model can be run over."""


def needed_weights(graph: Graph) -> tuple[dict[Weight, Shape], str]:
    """Return the shapes of the weights that the calculation needs, and what stops it."""
    is_open = any(None in given.shape for given in graph.inputs)
    for length in LENGTHS[: None if is_open else 1]:
        on, stops = written_for(graph, length, ())
        if not stops:
            break
    return {weight: value.shape for weight, value in on.weights.items()}, stops


@lru_cache(maxsize=4)
def written_for(graph: Graph, length: int, outside: OutsideShapes) -> tuple[Writer, str]:
    """Return the calculation with ``length`` for every one that is not fixed, as far as it goes, and what stops it.

    ``outside`` has the shapes of the outputs that are given for calls of sealed layers.
    """
    on = Writer(dict(outside))
    _, stops = write_as_far(on, graph, [on.input(_with_length(given.shape, length)) for given in graph.inputs])
    return on, stops


def _with_length(shape: tuple[int | None, ...], length: int) -> Shape:
    return tuple(length if size is None else size for size in shape)
