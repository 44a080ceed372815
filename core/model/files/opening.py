"""A model file as a graph with its weights: any layers, any calls; opened without running anything of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.errors import Refused
from core.layers.nested import sealed_in
from core.model.alone import WeightsAlone
from core.model.archive.gate import mapping
from core.model.archive.json_text import read_json
from core.model.archive.protocol import Parts, ReadParts, Saved
from core.model.files.described import Described
from core.model.files.file_arrays import weights_in
from core.model.keras_file import NoAnswer, OpenedModel, ask, open_model, read_file
from core.model.written import write_graph
from core.saving import GONE, Stamp, stamp_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from core.arrays import KerasArray
    from core.layers.writer import Weight
    from core.model.archive.gate import Json
    from core.model.between import Content
    from core.model.files.file_arrays import FileArrays
    from core.model.graph import Graph
    from core.model.written import OutsideShapes
    from core.operations.operation import Shape


@dataclass(frozen=True, eq=False)
class OpenedGraph:
    """What a file holds: the model, and the numbers of every weight.

    ``stops`` says why the calculation can't be done here, if it can't: a layer is sealed, say. Arrays of sealed layers,
    and of those that it does not come to, have the names of the file.
    """

    graph: Graph
    weights: Mapping[Weight, KerasArray]
    stops: str = ""
    held: FileArrays | None = None
    """The file's arrays, where the calculation may yet go on."""
    saved: Saved = field(default_factory=Saved)
    config: Json = field(default_factory=dict)
    """The file's own description of the model, as Keras 3 would have it, with how it was compiled."""
    archive: Content = b""
    stamp: Stamp = GONE
    path: Path | None = None
    """The file itself, by what it is known whether somebody else has changed it since, and where it is."""

    @property
    def compiled(self) -> object:
        """How the file says that the model was compiled."""
        return self.config.get("compile_config")

    @property
    def missing(self) -> str:
        """Why the calculation stops, with every sealed layer and the models that it is in if they are several."""
        sealed = [f"{'/'.join(path)} ({layer.keras_class})" for path, layer in sealed_in(self.graph)]
        return f"{self.stops}; sealed: {', '.join(sealed)}" if self.stops and len(sealed) > 1 else self.stops

    def weights_for(self, shapes: tuple[Shape, ...], outside: OutsideShapes) -> Mapping[Weight, KerasArray]:
        """Return the numbers of the weights over inputs of such shapes, where outputs of sealed layers are given.

        Raises:
            Refused: an array is missing in the file, or of another shape.
        """
        if self.held is None or not outside:
            return self.weights
        written = write_graph(self.graph, shapes, outside)
        needed = {weight: written.program.lines[number].shape for weight, number in written.weights.items()}
        return weights_in(self.graph, needed, self.held, whole=not written.stops)


def open_any(path: Path) -> OpenedModel | OpenedGraph:
    """Return the model in the file at ``path``; one that can't be calculated to its end here, as a graph.

    Raises:
        Refused: it can be opened neither way; the reason is the first.
    """
    try:
        return open_model(path)
    except (WeightsAlone, NoAnswer):
        # What crashed once would crash again.
        raise
    except Refused as reason:
        try:
            return open_graph(path)
        except Refused:
            raise reason from None


def open_graph(path: Path) -> OpenedGraph:
    """Return the model in the file at ``path``.

    Raises:
        Refused: there is no such file, it can't be read, is damaged, or is no Functional or Sequential model.
    """
    stamp, file = stamp_at(path), read_file(path)
    parts = ask(ReadParts(), path.name, file)
    if not isinstance(parts, Parts):
        raise Refused(f"{path.name} could not be opened: its reader answered something else; try again")
    held = parts.held(file.content)
    model = mapping("a model", read_json("the configuration", parts.config))
    graph, weights, _, stops = Described.by(model, held)
    return OpenedGraph(graph, weights, stops, held if stops else None, parts.saved, model, file.content, stamp, path)
