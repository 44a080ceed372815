"""Arrays of weights to take away, with the names that Keras gives them: as a Python literal, ``.npy`` and ``.npz``."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Refused, shorten
from core.formatting import count
from core.layers.nested import paths_of
from core.model.archive.narrow import NARROW
from core.model.array_axes import axes_of_arrays
from core.model.files import kept
from core.model.in_layer import InLayer
from core.model.literal import format_array

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from core.arrays import KerasArray
    from core.layers.writer import Weight
    from core.model.archive.held_array import HeldArray
    from core.model.array_axes import ArrayAxes
    from core.model.graph import Graph
    from core.model.network import Network
    from core.model.weights import Weights

OPENING = "np.array("


@dataclass(frozen=True, eq=False)
class NamedArray(InLayer):
    """The array called ``name`` (kernel, bias) of the layer called ``layer``.

    Keras's are float32; in a file of weights there are others, and such as are under no layer.
    """

    layer: str
    name: str
    values: npt.NDArray[Any]
    axes: ArrayAxes | None = None
    """What its axes are called, if that is known."""
    kept: str = ""
    """Where Keras 3's files of weights have it, if that is known: ``layers/dense/vars/0``."""
    in_all: int = 0
    """How many arrays its model has, or the file that it is of, if that is known."""
    dtype: str = ""
    """What a file calls its numbers, if NumPy has no such ones: bfloat16, float8_e5m2."""


Arrays = NamedArray | tuple[NamedArray, ...]
"""One array by itself, or those of a layer or of a model, of which there may be just one too."""


def several(arrays: Arrays) -> tuple[NamedArray, ...]:
    """Return ``arrays`` as a tuple in any case."""
    return (arrays,) if isinstance(arrays, NamedArray) else arrays


def require_own_names(arrays: tuple[NamedArray, ...]) -> None:
    """Refuse arrays of which two have the same names."""
    if len({array.path for array in arrays}) != len(arrays):
        raise Refused(f"expected layers with a name of their own each, got {count(len(arrays), 'array')} with fewer")


def named_arrays(network: Network, weights: Weights) -> tuple[NamedArray, ...]:
    """Return every array of ``weights`` with the names that Keras gives it, in the order of ``get_weights()``."""
    axes, names = axes_of_arrays(network), network.weight_names
    paths = kept.paths_in_file(network.graph.layers, network.places)
    places = sorted((at, f"layers/{paths[weight]}") for weight, at in network.places.items())
    return tuple(
        NamedArray(network.layers[i].name, names[i][at], weights.layers[i][at], axes[i][at], path, len(places))
        for (i, at), path in places
    )


def as_held(arrays: Sequence[HeldArray]) -> tuple[NamedArray, ...]:
    """Return the arrays of a file of weights, to take away."""
    return tuple(
        NamedArray(one.layer, one.name, one.values, in_all=len(arrays), dtype=one.dtype if one.dtype in NARROW else "")
        for one in arrays
    )


def arrays_by_name(graph: Graph, weights: Mapping[Weight, KerasArray]) -> tuple[NamedArray, ...]:
    """Return every array of ``weights``, layer by layer, of a model that may have sealed layers too."""
    held: dict[tuple[str, ...], list[NamedArray]] = {path: [] for path in paths_of(graph)}
    for weight, values in weights.items():
        path = next(weight.layer[:end] for end in range(len(weight.layer), 0, -1) if weight.layer[:end] in held)
        name = "/".join((*weight.layer[len(path) :], weight.name))
        held[path].append(NamedArray("/".join(path), name, values))
    return tuple(array for arrays in held.values() for array in arrays)


def literal(arrays: Arrays, digits: int | None = None) -> str:
    """Return Python for an array, or for the list of several that ``set_weights`` takes.

    Keras refuses plain lists, so each is an ``np.array``; with all ``digits`` it has the very same float32 numbers.
    """
    if isinstance(arrays, NamedArray):
        return array_literal(arrays.values, digits) + "\n"
    return "[" + ",\n ".join(array_literal(array.values, digits, " ") for array in arrays) + "]\n"


def array_literal(values: npt.NDArray[Any], digits: int | None = None, indent: str = "") -> str:
    """Return Python for an array, its further lines behind ``indent``, with ``digits`` decimal places or all."""
    text = format_array(values, digits).replace("\n", "\n" + indent + " " * len(OPENING))
    # Python has no literals for these; NumPy has names.
    text = re.sub("nan|inf", r"np.\g<0>", text)
    return f"{OPENING}{text}, dtype=np.{values.dtype})"


def npy(arrays: Arrays) -> bytes:
    """Return the one array as a ``.npy`` file, bit for bit.

    Raises:
        Refused: they are several.
    """
    found = several(arrays)
    if len(found) != 1:
        raise Refused(f"expected one array, which is what .npy holds, got {len(found)}; .npz holds several")
    buffer = io.BytesIO()
    np.save(buffer, found[0].values, allow_pickle=False)
    return buffer.getvalue()


def npz(arrays: Arrays) -> bytes:
    """Return the arrays as a ``.npz`` file, bit for bit, each under ``layer/array``.

    Raises:
        Refused: a layer has a name that cannot be a folder's in every zip program, or two have the same.
    """
    found = several(arrays)
    for array in found:
        folders = array.path.split("/")
        if not array.path.isprintable() or "\\" in array.path or {"", ".", ".."} & set(folders):
            raise Refused(
                f"expected layers whose names a zip file can hold, got {shorten(array.layer)!r}; save it as .npy"
            )
    require_own_names(found)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for array in found:
            file.writestr(f"{array.path}.npy", npy(array))
    return buffer.getvalue()
