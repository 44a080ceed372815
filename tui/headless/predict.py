"""byhand predict: a model's outputs for given inputs, calculated by hand in float64; Keras is not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused, on_one_line
from tui.headless.how_far import reading
from tui.headless.output import note, write, write_json
from tui.headless.usage import usage

if TYPE_CHECKING:
    from argparse import Namespace

    from core.arrays import Array

SHOWN = 6
"""Significant digits of an output that is written as text."""


def run(arguments: Namespace) -> int:
    """Open the model, read the inputs, and save or write its outputs."""
    from core.calculation.running import predictions
    from core.calculation.troubles import troubles_of_points
    from core.data.model_inputs import model_inputs
    from core.export.predicted import predicted_file, require_writable
    from core.model.archive.penalties import of_states
    from core.model.files.opening import open_graph
    from core.saving import write_whole

    opened = reading(arguments.model, open_graph)
    if opened.stops:
        raise Refused(opened.missing)
    names = list(opened.graph.called)
    with usage():
        inputs = model_inputs(arguments.x, opened.graph)
        if arguments.out is not None:
            require_writable(arguments.out.suffix, names)
    outputs = predictions(opened.graph, opened.weights, inputs)
    note(of_states(opened.config))
    note(troubles_of_points(opened.graph, opened.weights, inputs, outputs))
    if arguments.out is not None:
        write_whole(arguments.out, predicted_file(arguments.out.suffix, names, outputs))
    if arguments.json:
        _write_as_json(arguments, names, outputs)
    elif arguments.out is None:
        write(_as_text(names, outputs))
    else:
        write(f"saved as {arguments.out}\n")
    return 0


def _write_as_json(arguments: Namespace, names: list[str], outputs: list[Array]) -> None:
    from core.export.json_numbers import plain

    written = [
        {
            "name": name,
            "shape": output.shape,
            **({"values": plain(output)} if arguments.out is None else {}),
        }
        for name, output in zip(names, outputs, strict=True)
    ]
    saved = {} if arguments.out is None else {"saved": str(arguments.out)}
    write_json({"model": str(arguments.model), "points": len(outputs[0]), "outputs": written, **saved})


def _as_text(names: list[str], outputs: list[Array]) -> str:
    import numpy as np

    with np.printoptions(precision=SHOWN, suppress=True, threshold=1000, linewidth=100):
        return "".join(
            f"{on_one_line(name)} {output.shape}\n{output}\n" for name, output in zip(names, outputs, strict=True)
        )
