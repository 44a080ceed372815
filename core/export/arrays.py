"""One array of a model's weights, or several, to take away: as a Python literal, ``.npy``, ``.npz``, CSV and more."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Refused, shorten
from core.export.array_tables import csv, latex, markdown
from core.export.format import Format
from core.export.named_array import NamedArray, require_own_names, several
from core.export.weight_files import safetensors, weights_h5
from core.layers.nested import paths_of
from core.model.archive.held_array import BFLOAT16
from core.model.array_axes import axes_of_arrays
from core.model.files import kept
from core.model.literal import format_array

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from core.arrays import KerasArray
    from core.export.named_array import Arrays
    from core.layers.writer import Weight
    from core.model.archive.held_array import HeldArray
    from core.model.graph import Graph
    from core.model.network import Network
    from core.model.weights import Weights

OPENING = "np.array("

OF_KERAS = "Keras's .weights.h5 of all arrays, for load_weights"


def named_arrays(network: Network, weights: Weights) -> tuple[NamedArray, ...]:
    """Return every array of ``weights`` with the names that Keras gives it, in the order of ``get_weights()``."""
    axes, names = axes_of_arrays(network), network.weight_names
    paths = kept.paths_of(network.graph.layers, network.places)
    places = sorted((at, f"layers/{paths[weight]}") for weight, at in network.places.items())
    return tuple(
        NamedArray(network.layers[i].name, names[i][at], weights.layers[i][at], axes[i][at], path, len(places))
        for (i, at), path in places
    )


def as_held(arrays: Sequence[HeldArray]) -> tuple[NamedArray, ...]:
    """Return the arrays of a file of weights, to take away."""
    return tuple(
        NamedArray(one.layer, one.name, one.values, in_all=len(arrays), dtype=BFLOAT16 if one.dtype == BFLOAT16 else "")
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
        return _array_literal(arrays.values, digits, "") + "\n"
    return "[" + ",\n ".join(_array_literal(array.values, digits, " ") for array in arrays) + "]\n"


def _array_literal(values: npt.NDArray[Any], digits: int | None, indent: str) -> str:
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
    _require_file_names(found)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for array in found:
            file.writestr(f"{array.path}.npy", npy(array))
    return buffer.getvalue()


def _require_file_names(arrays: tuple[NamedArray, ...]) -> None:
    for array in arrays:
        folders = array.path.split("/")
        if not array.path.isprintable() or "\\" in array.path or {"", ".", ".."} & set(folders):
            raise Refused(
                f"expected layers whose names a zip file can hold, got {shorten(array.layer)!r}; save it as .npy"
            )
    require_own_names(arrays)


ARRAY_FORMATS = {
    one.name: one
    for one in (
        Format("literal", "p", "Python, for set_weights", ".py", literal, "weights", has_digits=True),
        Format("npy", "n", "NumPy's file of one array", ".npy", npy, "weights", is_text=False),
        Format("npz", "z", "NumPy's file of several arrays", ".npz", npz, "weights", is_text=False),
        Format("weights.h5", "h", OF_KERAS, ".weights.h5", weights_h5, "model", is_text=False),
        Format("safetensors", "t", "safetensors", ".safetensors", safetensors, "weights", is_text=False),
        Format("csv", "c", "CSV, all digits", ".csv", csv, "weights"),
        Format("markdown", "m", "Markdown tables", ".md", markdown, "weights", has_digits=True),
        Format("latex", "l", "LaTeX matrices", ".tex", latex, "weights", has_digits=True),
    )
}
"""How arrays can be taken away."""
