"""A model file as a graph with its weights: any layers, any calls; opened without running anything of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Refused
from core.model.alone import WeightsAlone
from core.model.archive.protocol import Parts, ReadParts
from core.model.files.graph_config import read_graph
from core.model.files.kept import weights_of
from core.model.files.needed import needed_weights
from core.model.keras_file import OpenedModel, ask, open_model, read_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from core.arrays import KerasArray
    from core.layers.writer import Weight
    from core.model.graph import Graph


@dataclass(frozen=True, eq=False)
class OpenedGraph:
    """What a file holds: the model, and the numbers of every weight that its calculation needs.

    ``stops`` says why the calculation can't be done here, if it can't: a layer is sealed, say.
    """

    graph: Graph
    weights: Mapping[Weight, KerasArray]
    stops: str = ""


def open_any(path: Path) -> OpenedModel | OpenedGraph:
    """Return the model in the file at ``path``; one that can't be calculated to its end here, as a graph.

    Raises:
        Refused: it can be opened neither way; the reason is the first.
    """
    try:
        return open_model(path)
    except WeightsAlone:
        raise
    except Refused as reason:
        try:
            return open_graph(path)
        except Refused:
            raise reason from None


def open_graph(path: Path) -> OpenedGraph:
    """Return the model in the ``.keras`` file at ``path``.

    Raises:
        Refused: there is no such file, it can't be read, is damaged, or is no Functional or Sequential model.
    """
    parts = ask(ReadParts(read_file(path)), path.name)
    if not isinstance(parts, Parts):
        raise Refused(f"{path.name} could not be opened: its reader answered something else; try again")
    graph = read_graph(json.loads(parts.config))
    arrays = {name: tensor.array() for name, tensor in parts.arrays.items()}
    needed, stops = needed_weights(graph)
    return OpenedGraph(graph, weights_of(graph.layers, needed, arrays), stops)
