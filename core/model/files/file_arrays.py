"""A file's arrays, whatever layers they are of: those that a calculation needs, and any layer's by the file's names.

Keras has two layouts: groups named after classes, with numbered arrays (``.keras``), and for each layer a list of named
arrays (HDF5).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Protocol

import msgspec
import numpy as np

from core.arrays import fixed, in_float32
from core.errors import Refused, shorten
from core.layers.nested import layer_at, paths_of, sealed_in, with_layer_at
from core.layers.writer import Weight
from core.limits import require_most
from core.model.archive.described import JSON
from core.model.files.kept import groups_of, require_all, require_owners, weights_of
from core.model.files.layer_arrays import placed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.arrays import AnyArray, KerasArray
    from core.layers.layer import Layer
    from core.layers.nested import Path
    from core.model.archive.described import Described
    from core.model.graph import Graph
    from core.operations.operation import Shape

    Named = tuple[str, AnyArray]

NO_WEIGHTS = frozenset({"seed_generator", "idf_weights"})
"""What files have of a layer and Keras doesn't count as its weights: what its random numbers go on from, a table."""

MOST_AXES = 6

MOST_TO_COME = 200_000_000
"""How many numbers a description alone may ask for: 800 MB of zeros."""

WIDEST_NAME = 80


class FileArrays(Protocol):
    """What a file has for the layers of its model."""

    def weights(self, layers: Sequence[Layer], needed: Mapping[Weight, Shape], whole: bool) -> dict[Weight, AnyArray]:
        """Return which arrays the weights ``needed`` of layers that are followed are; that may not be all of them.

        Raises:
            Refused: an array is missing or of another shape.
        """

    def of_layers(self, graph: Graph, paths: Iterable[Path]) -> Iterator[tuple[Path, list[Named]]]:
        """Give all arrays of the layers at ``paths`` in the file's order, with their names within the layer."""


def arrays_of(described: Described) -> FileArrays:
    """Return the arrays of a model file; those of a description alone are yet to come."""
    if described.saved.format == JSON:
        return ToCome()
    return InOrder(described.lists) if described.lists else InGroups(described.groups, described.owners)


@dataclass(frozen=True)
class InGroups:
    """Arrays by their paths in the group of all layers, such as ``dense_1/vars/0``; ``owners`` are the groups' names of
    the layers that they are of.
    """

    arrays: Mapping[str, AnyArray]
    owners: Mapping[str, str]

    def weights(self, layers: Sequence[Layer], needed: Mapping[Weight, Shape], whole: bool) -> dict[Weight, AnyArray]:
        """Return the arrays of ``needed``; see :class:`FileArrays`."""
        require_owners(layers, self.owners)
        arrays = self._as_today(layers)
        if whole:
            require_all(layers, needed, arrays)
        return weights_of(layers, needed, arrays)

    def _as_today(self, layers: Sequence[Layer]) -> Mapping[str, AnyArray]:
        """Return the arrays by today's paths, where Keras 2 wrote the name of a class otherwise."""
        arrays = self.arrays
        for today, older in groups_of(layers).values():
            if today != older:
                arrays = {
                    today + path.removeprefix(older) if path.startswith(older) else path: array
                    for path, array in arrays.items()
                }
        return arrays

    def of_layers(self, graph: Graph, paths: Iterable[Path]) -> Iterator[tuple[Path, list[Named]]]:
        """Give the arrays of the layers' groups at any depth; those of a followed layer by Keras's names."""
        groups = groups_of(graph.layers)
        return ((path, self._in_groups(layer_at(graph, path), groups.get(path, ()))) for path in paths)

    def _in_groups(self, layer: Layer, groups: Sequence[str]) -> list[Named]:
        group = next((one for one in groups if any(held.startswith(one) for held in self.arrays)), "")
        below = [name.removeprefix(group) for name in self.arrays if group and name.startswith(group)]
        found = sorted((one for one in below if NO_WEIGHTS.isdisjoint(one.split("/"))), key=_in_order)
        found = [name for name in found if name not in layer.kept_again]
        arrays = [self.arrays[group + name] for name in found]
        return list(zip(_known_names(layer, arrays) or found, arrays, strict=True))


@dataclass(frozen=True)
class InOrder:
    """Named arrays for each of the model's own layers; those of a model within it are all in one list."""

    arrays: Mapping[str, Sequence[Named]]

    def weights(self, layers: Sequence[Layer], needed: Mapping[Weight, Shape], whole: bool) -> dict[Weight, AnyArray]:
        """Return the arrays of ``needed``; see :class:`FileArrays`."""
        return placed(layers, needed, self.arrays, whole)

    def of_layers(
        self,
        graph: Graph,  # noqa: ARG002 - the lists have the layers' names
        paths: Iterable[Path],
    ) -> Iterator[tuple[Path, list[Named]]]:
        """Give the arrays of the layers' lists; within a model those whose names have the layer's in them."""
        return ((path, self._listed(path)) for path in paths)

    def _listed(self, path: Path) -> list[Named]:
        held = self.arrays.get(path[0], ())
        if len(path) > 1:
            held = [(name, array) for name, array in held if path[-1] in name.split("/")[:-1]]
        names = [_within(name, path[-1]) for name, _ in held]
        whole = [name.partition(":")[0] for name, _ in held]
        names = names if len(set(names)) == len(names) else whole
        return [(name, array) for name, (_, array) in zip(_told_apart(names), held, strict=True)]


class ToCome:
    """What a description without arrays has: zeros wherever a weight is."""

    def weights(self, layers: Sequence[Layer], needed: Mapping[Weight, Shape], whole: bool) -> dict[Weight, AnyArray]:  # noqa: ARG002
        """Return zeros for all ``needed``.

        Raises:
            Refused: they are more than a file of this size should ask for.
        """
        require_most("numbers in a model without its arrays", sum(map(prod, needed.values())), MOST_TO_COME)
        return {weight: np.zeros(shape, np.float32) for weight, shape in needed.items()}

    def of_layers(self, graph: Graph, paths: Iterable[Path]) -> Iterator[tuple[Path, list[Named]]]:  # noqa: ARG002
        """Give no arrays of the layers."""
        return ((path, []) for path in paths)


def _in_order(name: str) -> list[tuple[int, str]]:
    """Return what puts ``vars/10`` after ``vars/9``."""
    # A layer's own come before those of the layers within it, as in Keras's weights.
    return [(int(part), "") if part.isdecimal() else (-2 if part == "vars" else -1, part) for part in name.split("/")]


def _known_names(layer: Layer, arrays: Sequence[AnyArray]) -> list[str]:
    """Return Keras's names of a layer's arrays, if it is followed and these are they by number and rank."""
    for axes in range(1, MOST_AXES):
        try:
            shapes = layer.weights((1,) * axes)
        except (Refused, ArithmeticError, LookupError, TypeError, ValueError):
            continue
        if [len(shape) for shape in shapes.values()] == [array.ndim for array in arrays]:
            return list(shapes)
    return []


def _within(name: str, layer: str) -> str:
    """Return the name of an array within its layer: ``kernel`` of ``lstm_1/kernel:0``, ``W`` of ``dense_1_W``."""
    parts = name.partition(":")[0].split("/")
    last = max((at for at, part in enumerate(parts[:-1]) if part == layer), default=-1)
    return "/".join(parts[last + 1 :]).removeprefix(f"{layer}_")


def _told_apart(names: Sequence[str]) -> Iterator[str]:
    """Give the names as a screen can show them, each another one."""
    seen: set[str] = set()
    for at, name in enumerate(names, start=1):
        shown = shorten(name, WIDEST_NAME) or f"array {at}"
        shown = f"{shown} {at}" if shown in seen else shown
        seen.add(shown)
        yield shown


def with_sealed_arrays(graph: Graph, held: FileArrays) -> Graph:
    """Return ``graph`` with the names and shapes of the arrays that the file has for its sealed layers."""
    layers = dict(sealed_in(graph))
    for path, named in held.of_layers(graph, layers):
        arrays = tuple((name, array.shape) for name, array in named)
        graph = with_layer_at(graph, path, msgspec.structs.replace(layers[path], arrays=arrays))
    return graph


def weights_in(graph: Graph, needed: Mapping[Weight, Shape], held: FileArrays, whole: bool) -> dict[Weight, KerasArray]:
    """Return the numbers of all weights ``needed``; if that is not the ``whole`` calculation, of other layers too.

    Those of layers that are not come to, and of sealed ones, have the names and the type of the file.

    Raises:
        Refused: an array is missing, of another shape, or has numbers that float32 does not hold.
    """
    sealed = {path for path, _ in sealed_in(graph)}
    return {
        weight: fixed(array)
        if weight.layer in sealed or weight not in needed
        else in_float32(array, f"the {weight.name} of {shorten('/'.join(weight.layer), WIDEST_NAME)}")
        for weight, array in arrays_in(graph, needed, held, whole).items()
    }


def arrays_in(graph: Graph, needed: Mapping[Weight, Shape], held: FileArrays, whole: bool) -> dict[Weight, AnyArray]:
    """Return which of the file's arrays all weights ``needed`` are; and others, as :func:`weights_in` says.

    Raises:
        Refused: an array is missing or of another shape.
    """
    as_in_file = [path for path, _ in sealed_in(graph)]
    followed = {weight: shape for weight, shape in needed.items() if weight.layer not in as_in_file}
    found = held.weights(graph.layers, followed, whole)
    if not whole:
        depths = {weight.layer[:depth] for weight in followed for depth in range(1, len(weight.layer) + 1)}
        as_in_file = [path for path in paths_of(graph) if path not in depths]
    for path, named in held.of_layers(graph, as_in_file):
        found |= {Weight(path, name): array for name, array in named}
    return found
