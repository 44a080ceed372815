"""A model file as a graph with its weights: any layers, any calls; opened without running anything of it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from core.errors import Refused, shorten
from core.layers.nested import sealed_in
from core.limits import allowing_more
from core.model.alone import WeightsAlone
from core.model.archive.described import Saved
from core.model.archive.protocol import Parts, ReadParts
from core.model.files.earlier import as_keras_3
from core.model.files.file_arrays import arrays_of, weights_in
from core.model.files.whole_graph import WholeGraph
from core.model.keras_file import ask, read_file
from core.model.written import write_graph
from core.saving import GONE, Stamp, stamp_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from core.arrays import KerasArray
    from core.layers.writer import Weight
    from core.model.archive.described import Described
    from core.model.archive.gate import Json
    from core.model.between import Content, Progress
    from core.model.files.file_arrays import FileArrays
    from core.model.graph import Graph
    from core.model.network import Network
    from core.model.weights import Weights
    from core.model.written import OutsideShapes
    from core.operations.operation import Shape
    from core.training.recipe import Recipe


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A model file's content; ``notes`` say what of it is not used, ``archive`` is the file itself, for saving,
    if it is one that can be given other weights: a ``.keras`` file of Keras 3's, or one in HDF5.

    ``not_followed`` are those of the notes by which Keras's loss of this model would be another one: with any of them
    a loss calculated here is not what Keras's ``evaluate`` gives.
    """

    network: Network
    weights: Weights
    recipe: Recipe | None
    notes: tuple[str, ...]
    archive: Content | None
    not_followed: tuple[str, ...] = ()
    stamp: Stamp = GONE
    """That of the file when it was read."""


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


def open_any(path: Path, progress: Progress = lambda _share: None) -> OpenedModel | OpenedGraph:
    """Return the model in the file at ``path``; one that can't be calculated to its end here, as a graph.

    ``progress`` is told the share of the file that was read, from 0 to 1.

    Raises:
        Refused: it can be opened neither way; the reason is the first.
    """
    held = _read(path, progress)
    try:
        return _as_model(held)
    except Refused as reason:
        try:
            return _as_graph(held)
        except Refused:
            raise reason from None


def open_model(path: Path, progress: Progress = lambda _share: None) -> OpenedModel:
    """Return the model in the file at ``path``, which is calculated to its end; ``progress`` as of :func:`open_any`.

    Raises:
        Refused: there is no such file, it can't be read, is damaged, or holds what can't be shown here.
    """
    return _as_model(_read(path, progress))


def open_both(path: Path) -> tuple[OpenedGraph, OpenedModel]:
    """Return the model in the file at ``path``, which is calculated to its end, as its file has it and as the tabs do.

    Raises:
        Refused: as of :func:`open_graph`, or it is not; the sentence names all layers that are sealed.
    """
    held = _read(path)
    graph = _as_graph(held)
    if graph.stops:
        raise Refused(graph.missing)
    return graph, _as_model(held)


def open_graph(path: Path, progress: Progress = lambda _share: None) -> OpenedGraph:
    """Return the model in the file at ``path``, as far as it is calculated; ``progress`` as of :func:`open_any`.

    Raises:
        Refused: there is no such file, it can't be read, is damaged, or is no Functional or Sequential model.
    """
    return _as_graph(_read(path, progress))


class _Held(NamedTuple):
    """Where a file is, what it is called, its stamp and content, and what was found in it."""

    path: Path
    name: str
    stamp: Stamp
    content: Content
    described: Described


def _read(path: Path, progress: Progress = lambda _share: None) -> _Held:
    # First: a file that is changed while it is read is another one than this.
    stamp, file, name = stamp_at(path), read_file(path, progress), shorten(path.name)
    try:
        parts = ask(ReadParts(), name, file)
    except WeightsAlone as alone:
        alone.stamp = stamp
        raise
    if not isinstance(parts, Parts):
        raise Refused(f"{name} could not be opened: its reader answered something else; try again")
    with named(name):
        return _Held(path, name, stamp, file.content, as_keras_3(parts.described(file.content)))


def _as_model(held: _Held) -> OpenedModel:
    # Loaded for what needs it: a list of layers is there sooner.
    from core.model.files.assembled import assembled

    with named(held.name):
        made = assembled(held.described)
    if not made.network.on_one_page:
        # Whoever opens a file has time; whoever shows it has none.
        made.network.summary  # noqa: B018
    kept = held.content if made.patches else None
    return OpenedModel(made.network, made.weights, made.recipe, made.notes, kept, made.not_followed, held.stamp)


def _as_graph(held: _Held) -> OpenedGraph:
    with named(held.name):
        arrays, model = arrays_of(held.described), held.described.model
        graph, weights, _, stops = WholeGraph.by(model, arrays)
    kept, saved = arrays if stops else None, held.described.saved
    return OpenedGraph(graph, weights, stops, kept, saved, model, held.content, held.stamp, held.path)


@contextmanager
def named(name: str) -> Iterator[None]:
    """Let refusals begin with the file's ``name``, and damage that nobody foresaw be one."""
    try:
        yield
    except Refused as reason:
        raise Refused(f"{name}: {reason}") from None
    except RecursionError:
        raise Refused(f"{name}: expected a model, got one too deep in itself; get it again") from None
    except MemoryError:
        raise Refused(f"{name}: it wants more memory than there is; get it again or, {allowing_more()}") from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as problem:
        # A description can be wrong in more ways than anybody has thought of.
        kind = type(problem).__name__
        raise Refused(f"{name}: it is damaged: it could not be read ({kind}); get it again") from None
