"""byhand explain: the whole calculation of one prediction, in any format, to standard output or into a file.

With ``--check`` the exit status is 1 where Keras's numbers part from those by hand.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import shorten
from tui.headless.explain_any import explain_any
from tui.headless.explain_loss import ask_loss, asked_loss
from tui.headless.output import note, write, write_bytes
from tui.headless.usage import UsageError, usage

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from core.arrays import Array
    from core.calculation.loss import LossWork
    from core.calculation.penalties import Penalty
    from core.engine.protocol import Predicted
    from core.export.explanation import Explanation
    from core.export.loss import KerasLoss
    from core.model.keras_file import OpenedModel

WITH_FRACTIONS = ("text", "markdown", "latex")
"""The formats in which a person reads the numbers."""


def run(arguments: Namespace) -> int:
    """Open the model, calculate by hand, and with ``--check`` let Keras predict the same point."""
    from core.calculation.forward import trace, trace_of_any_size
    from core.calculation.penalties import row_penalties
    from core.export.explanation import explain_trace
    from core.formatting import Notation
    from core.model.files.opening import OpenedGraph, open_any, open_graph
    from core.model.literal import parse_numbers
    from core.operations.rounding import Rounding

    _require_somewhere_to_write(arguments)
    model = open_any(arguments.model) if arguments.number is None else open_graph(arguments.model)
    if not isinstance(model, OpenedGraph) and not model.network.is_chain:
        model = OpenedGraph(model.network.graph, model.weights.by_name(model.network))
    if isinstance(model, OpenedGraph):
        return explain_any(arguments, model)
    with usage():
        x = parse_numbers(arguments.x, model.network.inputs)
    rounding, digits = Rounding(arguments.rounding), arguments.digits
    # Only JSON has a layer's own kernel; every other format writes a convolution out.
    calculated = trace_of_any_size if arguments.format == "json" else trace
    steps = calculated(model.network, model.weights, x, rounding, digits)
    with usage():
        loss = asked_loss(arguments, model, steps, rounding, digits)
    exact = steps if rounding is Rounding.SHOWN else calculated(model.network, model.weights, x)
    keras, keras_loss = _ask_keras(model, x, arguments) if arguments.check else (None, None)
    note(model.notes)
    explanation = explain_trace(model.network, steps, rounding, Notation(digits, arguments.fractions))
    explanation = _checked(replace(explanation, exact=exact), keras)
    penalties = () if loss is None else row_penalties(model.network, model.weights, x)
    _deliver(arguments, _made(arguments.format, explanation, loss, keras_loss, penalties))
    return _verdict(explanation)


def _verdict(explanation: Explanation) -> int:
    """Return the exit status; where Keras's numbers part from those by hand, say so whatever the format."""
    from core.export.checked import agreement_lines

    if explanation.agreement is None or explanation.agreement.parting is None:
        return 0
    note(agreement_lines(explanation))
    return 1


def _checked(explanation: Explanation, keras: Predicted | None) -> Explanation:
    """Return the explanation with Keras's prediction, and with how its outputs of every layer compare."""
    from core.calculation.agreement import agreement

    if keras is None or explanation.exact is None:
        return explanation
    predicted = keras.outputs.array()[0]
    compared = agreement(explanation.exact, [layer.array().reshape(-1) for layer in keras.layers], predicted)
    return replace(explanation, keras=predicted, agreement=compared)


def _require_somewhere_to_write(arguments: Namespace) -> None:
    from core.export.formats import FORMATS

    if arguments.fractions and arguments.format not in WITH_FRACTIONS:
        raise UsageError(f"expected --format {', '.join(WITH_FRACTIONS)} with --fractions, got {arguments.format}")
    if arguments.out is None and not FORMATS[arguments.format].is_text and sys.stdout.isatty():
        raise UsageError(f"expected --out and a file for {arguments.format}, which a terminal cannot show")
    model, out = arguments.model, arguments.out
    if out is not None and out.exists() and model.exists() and out.samefile(model):
        raise UsageError(f"expected another file than the model, got {shorten(str(out))} for --out")


def _made(
    name: str,
    explanation: Explanation,
    loss: LossWork | None,
    keras_loss: KerasLoss | None,
    penalties: Sequence[Penalty],
) -> str | bytes:
    """Return the calculation in the format called ``name``, with the loss in those that have a place for it."""
    from core.export.as_json import whole
    from core.export.formats import FORMATS, json_text
    from core.export.loss import loss_json, loss_text
    from core.export.text import text_page

    if loss is None:
        return FORMATS[name].make(explanation)
    if name == "json":
        return json_text(whole(explanation) | {"loss": loss_json(loss, keras_loss, penalties)})
    return f"{text_page(explanation)}\n{loss_text(loss, explanation.digits, keras_loss, penalties)}"


def _deliver(arguments: Namespace, made: str | bytes) -> None:
    """Write what was made to standard output or, whole or not at all, into the file that was asked for."""
    from core.export.formats import FORMATS
    from core.formatting import count
    from core.saving import write_whole

    if arguments.out is not None:
        data = made.encode() if isinstance(made, str) else made
        write_whole(arguments.out, data)
        write(f"{FORMATS[arguments.format].words}: {count(len(data), 'byte')}, saved as {arguments.out}\n")
    elif isinstance(made, bytes):
        write_bytes(made)
    else:
        write(made)


def _ask_keras(model: OpenedModel, x: Array, arguments: Namespace) -> tuple[Predicted, KerasLoss | None]:
    """Return ``model.predict`` of the one point ``x`` with every layer's outputs, and the row's loss if asked for."""
    from core.engine.client import EngineClient
    from core.engine.protocol import Predict, Predicted, SetWeights, Tensor, to_tensors
    from core.errors import Refused

    version = model.weights.version
    with EngineClient() as engine:
        engine.ask(SetWeights(1, version, model.network, to_tensors(model.weights.layers)))
        answer = engine.ask(Predict(2, version, Tensor.of(x[None, :])))
        loss = None if arguments.loss is None else ask_loss(engine, arguments, model, x)
    if not isinstance(answer, Predicted):
        raise Refused(f"expected a prediction from Keras, got {type(answer).__name__}")
    return answer, loss
