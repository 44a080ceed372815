"""A model's graph and its weights, out of what a file says of it and the arrays that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.model.files.file_arrays import weights_in, with_sealed_arrays
from core.model.files.graph_config import read_graph
from core.model.files.needed import needed_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.arrays import KerasArray
    from core.layers.writer import Weight
    from core.model.archive.gate import Json
    from core.model.files.file_arrays import FileArrays
    from core.model.graph import Graph
    from core.operations.operation import Shape


class WholeGraph(NamedTuple):
    """The graph, the numbers of every weight, the shapes of those that the calculation needs, and what stops it."""

    graph: Graph
    weights: Mapping[Weight, KerasArray]
    needed: Mapping[Weight, Shape]
    stops: str

    @classmethod
    def by(cls, model: Json, held: FileArrays) -> WholeGraph:
        """Return what ``model``, a description as of Keras 3, and the file's arrays amount to.

        Raises:
            Refused: it is none, or an array is missing, or of another shape.
        """
        graph = with_sealed_arrays(read_graph(model), held)
        needed, stops = needed_weights(graph)
        return cls(graph, weights_in(graph, needed, held, whole=not stops), needed, stops)
