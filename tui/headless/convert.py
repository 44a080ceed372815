"""byhand convert: a model that today's Keras can't load, as one that it loads, after a check that it gives the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.formatting import count, small
from tui.headless.output import note, write
from tui.headless.usage import UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from core.model.converting import Converted

TOLERANCE = 1e-5
"""How far Keras's numbers may be from those by hand, as a share of the largest: Keras calculates in float32."""


def run(arguments: Namespace) -> int:
    """Open the old file, make the new one, compare what both give, and save it."""
    from core.model.converting import convert, largest
    from core.saving import write_whole

    _require_new_name(arguments)
    made = convert(arguments.model, arguments.out.name)
    checked = _checked(made) if arguments.check else ""
    write_whole(arguments.out, made.data)
    most = largest(made.outputs)
    write(
        f"saved by Keras {shorten(made.saved_by)}; now as Keras 3 loads it: {arguments.out}\n"
        f"both files give the same for {count(len(made.rows), 'drawn point')}: largest difference "
        f"{small(made.difference)}, tolerance {made.tolerance * most:.1g}, largest output {most:.4g}\n{checked}"
    )
    note(f"otherwise in it: {words}" for words in made.changed)
    note(f"not carried over: {words}" for words in made.left_out)
    return 0


def _require_new_name(arguments: Namespace) -> None:
    from core.model.keras_file import SUFFIX

    model, out = arguments.model, arguments.out
    if out.suffix != SUFFIX:
        raise UsageError(
            f"expected NEW with a name that ends in {SUFFIX}, got {shorten(out.name)}; load that in Keras and save it "
            "as .h5, if it has to be one"
        )
    if out.exists() and model.exists() and out.samefile(model):
        raise UsageError(f"expected another file than the model, got {shorten(str(out))} for NEW; the old one is kept")


def _checked(made: Converted) -> str:
    """Return in words how far Keras's predictions of the new file are from the old file's numbers.

    Raises:
        Refused: they are further apart than the tolerance.
    """
    from core.engine.client import EngineClient
    from core.engine.protocol import Predict, Predicted, SetWeights, Tensor, to_tensors
    from core.model.converting import apart, largest

    weights, network = made.model.weights, made.model.network
    with EngineClient() as engine:
        engine.ask(SetWeights(1, weights.version, network, to_tensors(weights.layers)))
        answer = engine.ask(Predict(2, weights.version, Tensor.of(made.rows)))
    if not isinstance(answer, Predicted):
        raise Refused(f"expected a prediction from Keras, got {type(answer).__name__}")
    difference = apart(answer.outputs.array().reshape(len(made.rows), -1), made.outputs)
    tolerance = TOLERANCE * largest(made.outputs)
    words = f"largest difference {small(difference)}, tolerance {tolerance:.1g}"
    if difference > tolerance:
        raise Refused(f"expected Keras to predict the old file's numbers, got others: {words}; nothing was written")
    return f"Keras predicts the same of the new file: {words}\n"
