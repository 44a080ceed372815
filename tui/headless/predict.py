"""byhand predict: a model's outputs for given inputs, calculated by hand in float64; Keras is not asked."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from core.data.model_inputs import arrays_in
from core.errors import Refused, on_one_line, shorten
from tui.headless.output import write

if TYPE_CHECKING:
    from argparse import Namespace

    from core.arrays import Array

SHOWN = 6
"""Significant digits of an output that is written as text."""


def run(arguments: Namespace) -> int:
    """Open the model, read the inputs, and save or write its outputs."""
    import numpy as np

    from core.calculation.running import predictions
    from core.model.files.opening import open_graph
    from core.saving import write_whole

    opened = open_graph(arguments.model)
    outputs = predictions(opened.graph, opened.weights, arrays_in(arguments.x))
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


def _as_text(names: list[str], outputs: list[Array]) -> str:
    import numpy as np

    with np.printoptions(precision=SHOWN, suppress=True, threshold=1000, linewidth=100):
        return "".join(
            f"{on_one_line(name)} {output.shape}\n{output}\n" for name, output in zip(names, outputs, strict=True)
        )
