"""byhand explain: the whole calculation of one prediction, in any format, to standard output or into a file.

With ``--check`` the exit status is 1 where Keras's numbers part from those by hand.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from tui.headless.beyond import BeyondSealed, ToItsEnd
from tui.headless.explain_loss import ask_loss, asked_loss
from tui.headless.explain_number import number_text
from tui.headless.how_far import reading
from tui.headless.output import note, write, write_bytes
from tui.headless.usage import UsageError, usage

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from core.calculation.beyond import Cut
    from core.calculation.loss import LossesWork
    from core.calculation.penalties import Penalty
    from core.engine.client import EngineClient
    from core.engine.protocol import Predicted
    from core.export.calculation.explanation import Explanation
    from core.export.loss import KerasLoss
    from tui.headless.beyond import Explainable

WITH_FRACTIONS = ("text", "markdown", "latex")
"""The formats in which a person reads the numbers."""


def run(arguments: Namespace) -> int:
    """Open the model, calculate by hand, and with ``--check`` let Keras predict the same point."""
    from core.calculation.troubles import troubles
    from core.data.model_inputs import one_point
    from core.export.calculation.explanation import explain
    from core.export.formats import FORMATS, by_ending
    from core.formatting import Notation
    from core.model.files.opening import OpenedGraph, open_any
    from core.operations.rounding import Rounding

    if arguments.format is None:
        # One number is text, whatever the file is called.
        named = None if arguments.out is None or arguments.number is not None else arguments.out.name
        arguments.format = by_ending(FORMATS, named, "text")
    _require_somewhere_to_write(arguments)
    model = reading(arguments.model, open_any)
    graph = model.graph if isinstance(model, OpenedGraph) else model.network.graph
    with usage():
        point, told = one_point(arguments.x, graph)
    note([told] if told else [])
    notation, rounding = Notation(arguments.digits, arguments.fractions), Rounding(arguments.rounding)
    asked: Explainable = BeyondSealed(model, point) if isinstance(model, OpenedGraph) else ToItsEnd(model, point)
    explanation = explain(graph, asked.weights, point, rounding, notation, outside=asked.outside)
    note(troubles(explanation.done)[:1])
    if arguments.number is not None:
        _deliver(arguments, number_text(arguments, explanation.done))
        return 0
    with usage():
        loss, penalties = asked_loss(arguments, asked)
    note(asked.notes)
    keras_loss = None
    if arguments.check:
        cut = asked.for_check()
        note([f"not compared with Keras: {shorten(', '.join(cut.left), 200)}"] if cut.left else [])
        keras, keras_loss = _ask_keras(cut, None if loss is None else (asked.for_losses(), loss))
        explanation = _checked(explanation, cut, keras)
    _deliver(arguments, _made(arguments.format, explanation, loss, keras_loss, penalties))
    return _verdict(explanation)


def _verdict(explanation: Explanation) -> int:
    """Return the exit status; where Keras's numbers part from those by hand, say so whatever the format."""
    if explanation.parting is None:
        # The page ends before where it would stand.
        note(explanation.verdict if explanation.done.written.stops else [])
        return 0
    note(explanation.verdict)
    return 1


def _checked(explanation: Explanation, cut: Cut, keras: Predicted) -> Explanation:
    """Return the explanation with Keras's prediction, if there is one, and its outputs of every layer's first call."""
    row, outputs = keras.outputs.array()[0].reshape(-1), []
    for value in explanation.done.outputs if cut.whole else ():
        outputs.append(row[: prod(value.shape)].reshape(value.shape))
        row = row[prod(value.shape) :]
    calls = {path: tensor.array() for path, tensor in zip(cut.network.paths, keras.layers, strict=False)}
    return replace(explanation, keras=outputs, keras_calls=calls)


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
    loss: LossesWork | None,
    keras_loss: KerasLoss | None,
    penalties: Sequence[Penalty],
) -> str | bytes:
    """Return the calculation in the format called ``name``, with the loss in those that have a place for it."""
    from core.export.calculation.as_json import calculation_json
    from core.export.calculation.text import text_page
    from core.export.formats import FORMATS
    from core.export.json_numbers import json_text
    from core.export.loss import loss_json, loss_text

    if loss is None:
        return FORMATS[name].make(explanation)
    if name == "json":
        return json_text(calculation_json(explanation) | {"loss": loss_json(loss, keras_loss, penalties)})
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


def _ask_keras(cut: Cut, lost: tuple[Cut, LossesWork] | None) -> tuple[Predicted, KerasLoss | None]:
    """Return ``model.predict`` of a point with every layer's outputs, and a row's loss if that is asked for."""
    from core.engine.client import EngineClient
    from core.engine.protocol import Predict, Predicted, Tensor

    with EngineClient() as engine:
        _give(engine, cut)
        answer = engine.ask(Predict(2, cut.weights.version, Tensor.of(cut.x[None, :])))
        loss = None
        if lost is not None:
            of, work = lost
            _give(engine, of)
            loss = ask_loss(engine, of.weights.version, work, of.x)
    if not isinstance(answer, Predicted):
        raise Refused(f"expected a prediction from Keras, got {type(answer).__name__}")
    return answer, loss


def _give(engine: EngineClient, cut: Cut) -> None:
    from core.engine.protocol import SetWeights, to_tensors

    engine.ask(SetWeights(1, cut.weights.version, cut.network, to_tensors(cut.weights.layers)))
