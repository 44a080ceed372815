"""byhand explain: the whole calculation of one prediction, as text or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.headless.output import note, write, write_json
from tui.headless.usage import usage

if TYPE_CHECKING:
    from argparse import Namespace

    from core.arrays import Array, KerasArray
    from core.model.keras_file import OpenedModel


def run(arguments: Namespace) -> int:
    """Open the model, calculate by hand, and with ``--check`` let Keras predict the same point."""
    from core.calculation.forward import trace
    from core.calculation.rounding import Rounding
    from core.export.as_json import explanation
    from core.export.text import explanation_text
    from core.model.keras_file import open_model
    from core.model.literal import parse_numbers

    model = open_model(arguments.model)
    with usage():
        x = parse_numbers(arguments.x, model.network.inputs)
    rounding, digits = Rounding(arguments.rounding), arguments.digits
    steps = trace(model.network, model.weights, x, rounding, digits)
    keras = _ask_keras(model, x) if arguments.check else None
    note(model.notes)
    if arguments.format == "json":
        write_json(explanation(steps, rounding, digits, keras))
    else:
        write(explanation_text(model.network, steps, rounding, digits, keras))
    return 0


def _ask_keras(model: OpenedModel, x: Array) -> KerasArray:
    """Return ``model.predict`` of the one point ``x``."""
    from core.engine.client import EngineClient
    from core.engine.protocol import Predict, Predicted, SetWeights, Tensor, to_tensors
    from core.errors import Refused

    version = model.weights.version
    with EngineClient() as engine:
        engine.ask(SetWeights(1, version, model.network, to_tensors(model.weights.layers)))
        answer = engine.ask(Predict(2, version, Tensor.of(x[None, :])))
    if not isinstance(answer, Predicted):
        raise Refused(f"expected a prediction from Keras, got {type(answer).__name__}")
    first: KerasArray = answer.outputs.array()[0]
    return first
