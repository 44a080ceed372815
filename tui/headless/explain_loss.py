"""byhand explain --loss --label: what the two options ask for, and Keras's answer to the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused

if TYPE_CHECKING:
    from argparse import Namespace

    from core.arrays import Array
    from core.calculation.forward import Trace
    from core.calculation.loss import LossWork
    from core.calculation.rounding import Rounding
    from core.engine.client import EngineClient
    from core.model.weights import Weights

FORMATS = ("text", "json")
"""The formats that a loss can be written in."""


def asked_loss(arguments: Namespace, steps: Trace, rounding: Rounding, digits: int) -> LossWork | None:
    """Return the loss of the row that the command line labels, calculated by hand, or None if it asks for none.

    Raises:
        Refused: the options, the format and the model's outputs don't fit.
    """
    from core.calculation.loss import loss_by_hand
    from core.losses import loss_called

    if arguments.loss is None:
        if arguments.label is not None:
            raise Refused("--label goes with --loss, such as --loss hinge --label -1")
        return None
    loss = loss_called(arguments.loss)
    if arguments.label is None:
        raise Refused(f"--loss {loss.name} goes with the row's --label; it wants {loss.labels}")
    if arguments.format not in FORMATS:
        raise Refused(f"expected --format {' or '.join(FORMATS)} with --loss, got {arguments.format}")
    return loss_by_hand(loss.name, label(arguments), steps.prediction, rounding, digits)


def label(arguments: Namespace) -> Array:
    """Return the numbers of ``--label``: one, or several with commas (or semicolons) between."""
    from core.half_width import with_semicolons
    from core.model.literal import parse_numbers

    text = with_semicolons(arguments.label)
    return parse_numbers(text, text.count(";" if ";" in text else ",") + 1)


def ask_loss(engine: EngineClient, arguments: Namespace, weights: Weights, x: Array) -> float:
    """Return what Keras's function gives for the label and its own prediction; it must hold ``weights``."""
    from core.engine.protocol import AskLoss, RowLoss, Tensor

    asked = AskLoss(3, weights.version, Tensor.of(x), Tensor.of(label(arguments)), arguments.loss)
    answer = engine.ask(asked)
    if not isinstance(answer, RowLoss):
        raise Refused(f"expected a loss from Keras, got {type(answer).__name__}")
    return answer.loss
