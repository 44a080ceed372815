"""Giving a model the arrays of a file: by their names, else by order and shape; which goes where is known before."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from core.errors import Refused, shorten
from core.formatting import count
from core.layers.sealed import Sealed
from core.model.alone import WeightsAlone
from core.model.archive.held_array import HeldArray
from core.model.files.cudnn_arrays import from_cudnn
from core.model.files.first_arrays import joined_gates
from core.model.files.kept import paths_in_file
from core.model.files.layer_arrays import matched_by_order
from core.model.files.opening import open_model
from core.model.weights import Weights
from core.model.weights_file import open_alone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from core.layers.layer import Layer
    from core.layers.writer import Weight
    from core.model.network import Network
    from core.model.weights_file import WeightsFile
    from core.operations.operation import Shape

CONTAINERS = ("layers/", "_layer_checkpoint_dependencies/", "")
"""Under which Keras 3 keeps the arrays of layers: today, in its first versions, and in a person's own class."""

KERAS = "Keras"
"""What begins what files say that saved them whose layers list their arrays in Keras's order."""

BY_NAME, BY_ORDER = "name", "order and shape"


class Goes(NamedTuple):
    """What a weight gets: the numbers, what the file calls them, and by what it is known that they are its own."""

    weight: Weight
    array: str
    values: npt.NDArray[Any]
    by: str

    @property
    def words(self) -> str:
        """What the weight is called."""
        return "/".join((*self.weight.layer, self.weight.name))


@dataclass(frozen=True, eq=False)
class Giving:
    """What every weight of a model gets, in the model's order; ``left`` are the file's arrays that go nowhere."""

    goes: tuple[Goes, ...]
    left: tuple[str, ...]

    def weights(self, network: Network) -> Weights:
        """Return the weights that the model has then.

        Raises:
            Refused: a number is too large for float32.
        """
        return Weights.of_names(network, {one.weight: one.values for one in self.goes})

    @property
    def in_words(self) -> str:
        """How many arrays go by what, and what is not as it was in the file."""
        by = Counter(one.by for one in self.goes)
        said = [f"{count(by[kind], 'array')} by {kind}" for kind in (BY_NAME, BY_ORDER) if by[kind]]
        left = [f"{count(len(self.left), 'array')} of the file left out"] if self.left else []
        rounded = sum(not _holds(one.values) for one in self.goes)
        return ", ".join([*said, *left, *([f"{count(rounded, 'array')} rounded to float32"] if rounded else [])])


def _holds(values: npt.NDArray[Any]) -> bool:
    """Say whether float32 holds the numbers as they are."""
    with np.errstate(all="ignore"):
        back = values.astype(np.float32).astype(values.dtype)
    return values.dtype == np.float32 or np.array_equal(back, values, equal_nan=values.dtype.kind == "f")


def giving(network: Network, held: WeightsFile) -> Giving:
    """Return which array of a file each weight of ``network`` gets; see :func:`giving_to`."""
    shapes = network.weight_shapes
    needed = {weight: shapes[place][at] for weight, (place, at) in network.places.items()}
    return giving_to(network.graph.layers, needed, held)


def giving_to(layers: Sequence[Layer], needed: Mapping[Weight, Shape], held: WeightsFile) -> Giving:
    """Return which array of a file each weight gets that is ``needed`` for ``layers``, whatever these are.

    A layer gets the arrays that Keras keeps for it, by its place or its name, a weight the array of its own name. What
    is left on both sides goes in its order if that has the same shapes, else by those shapes that are there once.

    Raises:
        Refused: a weight is left without an array; the first is named.
    """
    arrays = [one for one in held.arrays if not one.of_optimizer]
    matching = _Matching(layers, needed, _joined(arrays) if held.saved_by.startswith(KERAS) else arrays)
    matching.by_keras_3()
    if held.saved_by.startswith(KERAS):
        matching.by_layers()
    matching.by_names()
    matching.by_order()
    return matching.made()


def weights_for(network: Network, path: Path) -> Weights:
    """Return the weights in the file at ``path``, of the model in it; weights alone as they go to ``network``.

    Raises:
        Refused: it can't be read, or has weights alone and none for a weight of the network.
    """
    try:
        return open_model(path).weights
    except WeightsAlone as alone:
        return giving(network, open_alone(path, alone)).weights(network)


def _joined(arrays: Iterable[HeldArray]) -> Iterator[HeldArray]:
    """Give the arrays of Keras 1 and 2 as layers have them today: Keras 1's gates of a cell joined, CuDNN's turned."""
    for layer, own in groupby(arrays, key=lambda one: one.layer):
        for name, values in from_cudnn(joined_gates([(one.name, one.values) for one in own])):
            yield HeldArray(layer, name.removeprefix(f"{layer}/"), values, str(values.dtype))


class _Matching:
    """Finds an array for each weight, in one way after the other; what one way found stays."""

    def __init__(self, layers: Sequence[Layer], needed: Mapping[Weight, Shape], arrays: Iterable[HeldArray]) -> None:
        self._layers, self._missing = layers, dict(needed)
        self._order = tuple(self._missing)
        self._left = {array.path: array for array in arrays}
        self._found = dict["Weight", "Goes"]()

    def _take(self, weight: Weight, path: str, values: npt.NDArray[Any], by: str) -> None:
        del self._missing[weight], self._left[path]
        self._found[weight] = Goes(weight, path, values, by)

    def by_keras_3(self) -> None:
        """Take what lies where Keras 3 keeps it, or Keras 2, whose parts are called such as ``_query_dense``."""
        held = {_of_keras_3(path): array for path, array in self._left.items()}
        for weight, path in paths_in_file(self._layers, self._order).items():
            for container in CONTAINERS:
                array = held.get(_of_keras_3(f"{container}{path}"))
                if array is not None and weight in self._missing and array.values.shape == self._missing[weight]:
                    self._take(weight, array.path, array.values, BY_NAME)

    def by_layers(self) -> None:
        """Take what a layer of the same name has, in the order of Keras 1 and 2."""
        arrays, weights = defaultdict[str, list[HeldArray]](list), defaultdict[str, dict["Weight", "Shape"]](dict)
        for array in self._left.values():
            arrays[array.layer].append(array)
        for weight, shape in self._missing.items():
            weights[weight.layer[0]][weight] = shape
        for layer in self._layers:
            own = {array.name: array for array in arrays[layer.name]}
            if not own or not weights[layer.name]:
                continue
            try:
                named = [(name, array.values) for name, array in own.items()]
                matched = matched_by_order(layer, weights[layer.name], named)
            except Refused:
                # The layer is another one than the file's of that name.
                continue
            # What is not followed has arrays whose names say nothing that holds in another format.
            by = BY_ORDER if isinstance(layer, Sealed) else BY_NAME
            for weight, name, values in matched:
                self._take(weight, own[name].path, values, by)

    def by_names(self) -> None:
        """Take what has the weight's own name behind those of the layers that it is in."""
        named = dict[tuple[str, ...], HeldArray]()
        for array in self._left.values():
            named.setdefault(_names(array.path), array)
        for weight, shape in list(self._missing.items()):
            found = named.get((*weight.layer, *weight.name.split("/")))
            if found is not None and found.values.shape == shape:
                self._take(weight, found.path, found.values, BY_NAME)

    def by_order(self) -> None:
        """Take what is left in its order, if the shapes are in the same; else by the shapes that are there once."""
        missing, left = list(self._missing.items()), list(self._left.values())
        if [shape for _, shape in missing] == [array.values.shape for array in left]:
            pairs = [(weight, array) for (weight, _), array in zip(missing, left, strict=True)]
        else:
            wanted, there = Counter(self._missing.values()), Counter(array.values.shape for array in left)
            once = {array.values.shape: array for array in left if there[array.values.shape] == 1}
            pairs = [(weight, once[shape]) for weight, shape in missing if wanted[shape] == 1 and shape in once]
        for weight, array in pairs:
            self._take(weight, array.path, array.values, BY_ORDER)

    def made(self) -> Giving:
        """Return what was found.

        Raises:
            Refused: a weight is left without an array.
        """
        for weight, shape in self._missing.items():
            called = shorten("/".join((*weight.layer, weight.name)), 80)
            fits = sum(array.values.shape == shape for array in self._left.values())
            got = f"{fits} of that shape and no name that says which" if fits else "none of that shape that is left"
            raise Refused(
                f"expected an array of shape {shape} for {called} in the file, got {got}; give them to a model of the "
                "same shapes"
            )
        return Giving(tuple(self._found[weight] for weight in self._order), tuple(self._left))


def _of_keras_3(path: str) -> str:
    return "/".join(part.lstrip("_") for part in path.split("/"))


def _names(path: str) -> tuple[str, ...]:
    """Return the names in a path, without the number that TensorFlow puts behind: ``dense``, ``kernel``."""
    *layers, name = path.replace(".", "/").split("/")
    return (*layers, name.partition(":")[0])
