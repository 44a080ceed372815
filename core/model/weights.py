"""Weights: one version of every array of a network, read-only, layer by layer as ``get_weights()`` gives them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import KerasArray, frozen
from core.errors import Refused, shorten
from core.formatting import count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from core.layers.writer import Weight
    from core.model.network import Network
    from core.operations.operation import Shape

LayerArrays = tuple[KerasArray, ...]

_versions = itertools.count(1)


@dataclass(frozen=True, eq=False)
class Weights:
    """The arrays of every layer; ``version`` tells one from every other in this process.

    Two ``Weights`` are the same only if they are the same object: a new version is made for every change.
    """

    layers: tuple[LayerArrays, ...]
    version: int = field(default_factory=lambda: next(_versions))

    @classmethod
    def for_network(cls, network: Network, layers: Sequence[Sequence[npt.ArrayLike]]) -> Weights:
        """Return ``layers`` as the weights of ``network``.

        Raises:
            Refused: the number of layers, of arrays or a shape is not the network's.
        """
        if len(layers) != len(network.layers):
            message = f"expected arrays for {len(network.layers)} layers, got {len(layers)}"
            raise Refused(message)
        return cls(
            tuple(
                checked_arrays(layer.name, network.arrays_of(place), arrays)
                for place, (layer, arrays) in enumerate(zip(network.layers, layers, strict=True))
            )
        )

    @classmethod
    def of_names(cls, network: Network, arrays: Mapping[Weight, npt.ArrayLike]) -> Weights:
        """Return ``arrays``, by the weights that they are, as the weights of ``network``.

        Raises:
            Refused: one is missing, or of another shape than the network's.
        """
        layers: list[list[npt.ArrayLike]] = [[] for _ in network.paths]
        for weight, (place, _) in network.places.items():
            if weight not in arrays:
                raise Refused(
                    f"expected an array for the {weight.name} of {shorten('/'.join(weight.layer), 80)}, got none"
                )
            layers[place].append(arrays[weight])
        return cls.for_network(network, layers)

    def by_name(self, network: Network) -> dict[Weight, KerasArray]:
        """Return every array by the weight of ``network`` that it is."""
        return {weight: self.layers[place][array] for weight, (place, array) in network.places.items()}

    def with_layer(self, place: int, arrays: LayerArrays) -> Weights:
        """Return new weights in which the layer at ``place`` holds ``arrays``."""
        return Weights((*self.layers[:place], arrays, *self.layers[place + 1 :]))

    def with_number(self, place: int, array: int, index: tuple[int, ...], value: float) -> Weights:
        """Return new weights in which one number of one array of one layer is ``value``.

        Raises:
            Refused: float32 cannot hold ``value``.
        """
        _require_float32("a weight", np.float64(value))
        changed = self.layers[place][array].copy()
        changed[index] = value
        arrays = list(self.layers[place])
        arrays[array] = frozen(changed)
        return self.with_layer(place, tuple(arrays))

    @property
    def count(self) -> int:
        """Return how many numbers there are in all."""
        return sum(array.size for arrays in self.layers for array in arrays)

    def equal(self, other: Weights) -> bool:
        """Return whether every number is the same, bit for bit."""
        return len(self.layers) == len(other.layers) and all(
            len(mine) == len(theirs)
            and all(a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in zip(mine, theirs, strict=True))
            for mine, theirs in zip(self.layers, other.layers, strict=True)
        )


def _require_float32(what: str, values: npt.ArrayLike) -> None:
    """Refuse finite numbers that float32 would make infinite; NaN and the infinities themselves it holds."""
    given = np.asarray(values)
    if given.dtype == np.float32:
        return
    with np.errstate(over="ignore"):
        beyond = np.isfinite(given) & np.isinf(given.astype(np.float32))
    if beyond.any():
        raise Refused(f"{what}: expected numbers that float32 holds (up to 3.4e38), got {given[beyond].flat[0]:g}")


def checked_arrays(name: str, expected: Mapping[str, Shape], arrays: Sequence[npt.ArrayLike]) -> LayerArrays:
    """Return ``arrays`` frozen, if ``set_weights`` of the layer called ``name`` takes them; it has ``expected`` ones.

    Raises:
        Refused: another number of arrays, another shape, or a number that float32 cannot hold.
    """
    name = shorten(name)
    if len(arrays) != len(expected):
        wanted = ", ".join(f"{label} {shape}" for label, shape in expected.items())
        raise Refused(f"{name}: expected {count(len(expected), 'array')} ({wanted or 'no weights'}), got {len(arrays)}")
    result = []
    for (label, shape), array in zip(expected.items(), arrays, strict=True):
        with np.errstate(over="ignore"):
            values = frozen(array)
        _require_float32(f"{name}: the {label}", array)
        if values.shape != shape:
            raise Refused(f"{name}: expected a {label} of shape {shape}, got {values.shape}")
        result.append(values)
    return tuple(result)
