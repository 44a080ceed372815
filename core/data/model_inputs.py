"""What a model of any inputs is given: numbers separated by commas, or arrays in a file."""

from __future__ import annotations

import zipfile
import zlib
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Refused, shorten

if TYPE_CHECKING:
    from core.arrays import AnyArray
    from core.model.graph import Graph

SUFFIXES = (".npz", ".npy")


def arrays_in(path: Path) -> list[AnyArray]:
    """Return the arrays x0, x1 ... of an .npz file, or the one array of an .npy file; the points come first.

    Raises:
        Refused: there is no such file, or it has something else.
    """
    import numpy as np

    try:
        held = np.load(path, allow_pickle=False)
        arrays = [held] if isinstance(held, np.ndarray) else [held[f"x{at}"] for at in range(len(held.files))]
    except FileNotFoundError:
        raise Refused(f"there is no file {shorten(str(path), 80)}; check the name") from None
    except KeyError:
        raise Refused(f"expected the inputs as x0, x1 ... in {shorten(path.name)}, got other names") from None
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error):
        raise Refused(f"expected arrays of numbers in {shorten(path.name)}, got something else") from None
    for array in arrays:
        if array.dtype.kind not in "fiub" or array.ndim == 0:
            raise Refused(f"expected arrays of numbers, the points first, got {array.dtype} of shape {array.shape}")
    return arrays


def one_point(text: str, graph: Graph) -> list[AnyArray]:
    """Return one point: numbers in a row in the shape of the only input, or the first point of a file.

    Raises:
        Refused: they are not as many as the input has, or the model has several inputs and they are in no file.
    """
    from core.model.literal import parse_numbers

    if text.endswith(SUFFIXES):
        arrays = arrays_in(Path(text))
        if not all(map(len, arrays)):
            raise Refused(f"expected a point in {shorten(text)}, the points first, got none")
        return [array[0] for array in arrays]
    if len(graph.inputs) != 1:
        names = ", ".join(shorten(given.name) for given in graph.inputs)
        raise Refused(f"expected --x as an .npz file with x0, x1 ... for {names}, got numbers")
    shape = graph.inputs[0].shape
    fixed = prod(size for size in shape if size is not None)
    count = text.replace(";", ",").count(",") + 1 if None in shape else fixed
    if None in shape and (shape.count(None) > 1 or count % max(fixed, 1)):
        raise Refused(
            f"expected --x as an .npy file of shape (1, ...) for inputs of shape {shape}, got {count} numbers"
        )
    return [parse_numbers(text, count).reshape(*(-1 if size is None else size for size in shape))]
