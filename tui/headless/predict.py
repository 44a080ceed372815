"""byhand predict: a model's outputs for given inputs, calculated by hand in float64; Keras is not asked."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from core.errors import Refused, shorten
from tui.headless.output import write

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from core.arrays import AnyArray, Array

SHOWN = 6
"""Significant digits of an output that is written as text."""


def run(arguments: Namespace) -> int:
    """Open the model, read the inputs, and save or write its outputs."""
    import numpy as np

    from core.calculation.running import predictions
    from core.model.files.opening import open_graph
    from core.saving import write_whole

    opened = open_graph(arguments.model)
    outputs = predictions(opened.graph, opened.weights, _inputs(arguments.x))
    if arguments.out is None:
        write(_as_text([source.layer for source in opened.graph.outputs], outputs))
        return 0
    if arguments.out.suffix != ".npz":
        raise Refused(f"expected --out with a name that ends in .npz, got {shorten(arguments.out.name)}")
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {f"y{at}": output for at, output in enumerate(outputs)}
    np.savez(buffer, **arrays)
    write_whole(arguments.out, buffer.getvalue())
    write(f"saved as {arguments.out}\n")
    return 0


def _inputs(path: Path) -> list[AnyArray]:
    """Return the arrays x0, x1 ... of an .npz file, or the one array of an .npy file; the points come first."""
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as held:
            arrays = [held] if isinstance(held, np.ndarray) else [held[f"x{at}"] for at in range(len(held.files))]
    except FileNotFoundError:
        raise Refused(f"there is no file {shorten(str(path), 80)}; check the name") from None
    except KeyError:
        raise Refused(f"expected the inputs as x0, x1 ... in {shorten(path.name)}, got other names") from None
    except (ValueError, OSError, EOFError):
        raise Refused(f"expected arrays of numbers in {shorten(path.name)}, got something else") from None
    for array in arrays:
        if array.dtype.kind not in "fiub" or array.ndim == 0:
            raise Refused(f"expected arrays of numbers, the points first, got {array.dtype} of shape {array.shape}")
    return arrays


def _as_text(names: list[str], outputs: list[Array]) -> str:
    import numpy as np

    with np.printoptions(precision=SHOWN, suppress=True, threshold=1000, linewidth=100):
        return "".join(f"{name} {output.shape}\n{output}\n" for name, output in zip(names, outputs, strict=True))
