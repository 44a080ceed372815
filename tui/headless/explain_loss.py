"""byhand explain --loss --label: what the two options ask for, and Keras's answer to the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused, shorten

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from core.arrays import Array
    from core.calculation.loss import LossesWork
    from core.calculation.penalties import Penalty
    from core.engine.client import EngineClient
    from core.export.loss import KerasLoss
    from core.losses import Loss
    from core.model.network import Network
    from core.training.recipe import Recipe
    from tui.headless.beyond import Explainable

FORMATS = ("text", "json")
"""The formats that a loss can be written in."""


def asked_loss(arguments: Namespace, asked: Explainable) -> tuple[LossesWork | None, tuple[Penalty, ...]]:
    """Return the loss of the row that the command line labels, by hand, and what regularizers add to it.

    There is none if none is asked for. ``asked`` has the model with the row, and how it was compiled.

    Raises:
        Refused: the options, the format and the model's outputs don't fit.
    """
    from core.calculation import followed
    from core.calculation.loss import losses_by_hand, predicted
    from core.operations.rounding import Rounding

    if arguments.loss is None:
        for name in ("label", "loss_options"):
            if getattr(arguments, name) is not None:
                raise Refused(f"--{name.replace('_', '-')} goes with --loss, such as --loss hinge --label -1")
        return None, ()
    network, weights, x, *_ = asked.for_losses()
    losses = losses_of(arguments, asked.recipe(network), len(network.graph.outputs))
    if arguments.label is None:
        raise Refused(f"--loss {arguments.loss} goes with the row's --label; it wants {_wanted(losses, network)}")
    if arguments.format not in FORMATS:
        raise Refused(f"expected --format {' or '.join(FORMATS)} with --loss, got {arguments.format}")
    rounding, digits = Rounding(arguments.rounding), arguments.digits
    made = predicted(followed.Asked(network, weights, x, {}, rounding, digits))
    return losses_by_hand(losses, label(arguments), made, rounding, digits), made.penalties


def _wanted(losses: Sequence[Loss], network: Network) -> str:
    """Return which labels are wanted, of several outputs for each by its name."""
    if len(losses) == 1:
        return losses[0].labels
    each = zip(network.each_output, losses, strict=True)
    told = ", ".join(f"for {shorten(output.name)} {loss.labels}" for output, loss in each)
    return f"{told}, those of one output after those of the other"


def losses_of(arguments: Namespace, recipe: Recipe | None, outputs: int) -> tuple[Loss, ...]:
    """Return the loss of the command line for each output: with settings of its own, or with the file's where it is it.

    Raises:
        Refused: there is no such loss, or it has no such settings.
    """
    from core.losses import losses_named
    from core.training.options import read

    losses = losses_named(arguments.loss, outputs)
    if arguments.loss_options is not None:
        return tuple(loss.with_options(read(arguments.loss_options, loss.name, loss.options)) for loss in losses)
    own = losses if recipe is None else recipe.losses(outputs)
    return tuple(held if held.name == loss.name else loss for loss, held in zip(losses, own, strict=True))


def label(arguments: Namespace) -> Array:
    """Return the numbers of ``--label``: one, or several with commas (or semicolons) between."""
    from core.half_width import with_semicolons
    from core.model.literal import parse_numbers

    text = with_semicolons(arguments.label)
    return parse_numbers(text, text.count(";" if ";" in text else ",") + 1)


def ask_loss(engine: EngineClient, version: int, work: LossesWork, x: Array) -> KerasLoss:
    """Return what Keras's losses give for the label; the engine must hold the model's weights of this version."""
    import numpy as np

    from core.engine.protocol import AskLoss, RowLoss, Tensor
    from core.export.loss import KerasLoss

    by_output = tuple((part.loss.name, part.loss.given) for part in work.parts)
    point, wanted = Tensor.of(x), Tensor.of(np.array(work.label))
    answer = engine.ask(AskLoss(3, version, point, wanted, *by_output[0], by_output))
    if not isinstance(answer, RowLoss):
        raise Refused(f"expected a loss from Keras, got {type(answer).__name__}")
    return KerasLoss(answer.loss, answer.of_prediction)
