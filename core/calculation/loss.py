"""Loss by hand: the loss of one labelled row, step by step as a person with paper calculates it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.loss_steps import EACH
from core.calculation.loss_steps_of_classes import OF_CLASSES
from core.calculation.loss_steps_of_overlaps import OF_OVERLAPS
from core.calculation.paper import Paper, PaperLine, Written
from core.calculation.rounding import EXACT, Carry, Rounding
from core.errors import Refused
from core.formatting import DEFAULT_DIGITS
from core.losses import Labels, Loss, Over, loss_called, signs
from core.tasks.row import checked_label

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float

    from core.arrays import AnyArray, Array

CONVERTED = "All labels are 0 or 1, so Keras makes -1 of 0 and leaves 1 as it is."


@dataclass(frozen=True)
class LossWork:
    """The loss of one row: what it is made of, every line of the calculation, the total, and the slope.

    ``label`` and ``outputs`` are as they were written down; ``slope`` is how the loss changes with each output.
    """

    loss: Loss
    label: tuple[float, ...]
    outputs: tuple[float, ...]
    lines: tuple[PaperLine, ...]
    total: float
    slope: tuple[float, ...]

    @property
    def converted(self) -> bool:
        """Whether the label is not y itself, but Keras makes -1 and +1 of its 0 and 1."""
        return self.loss.labels is Labels.SIGNS and 0.0 in self.label


def loss_by_hand(
    loss_name: str,
    label: npt.ArrayLike,
    outputs: Float[AnyArray, "outputs"],
    rounding: Rounding = Rounding.SHOWN,
    digits: int = DEFAULT_DIGITS,
) -> LossWork:
    """Return the loss of one row with this ``label`` and the model's ``outputs`` for it, in float64.

    The label is one number for each output, for a loss of one column for each class a 1 for the label's class and 0
    for the others, for one of class numbers the class, counted from 0. A loss that is one number for a batch is that of
    a batch of this row alone. With ``Rounding.CARRIED`` every number is rounded to ``digits`` decimal places as it is
    written down; only a clipped probability is written in full.

    Raises:
        Refused: there is no such loss, or label, loss and outputs don't fit.
    """
    loss = loss_called(loss_name)
    if outputs.ndim != 1 or outputs.size == 0:
        raise Refused(f"expected one row of outputs, got an array of shape {outputs.shape}")
    carry = EXACT if rounding is Rounding.SHOWN else Carry(rounding, digits)
    y, yhat = carry(checked_label(loss, label, outputs.size)), carry(outputs)
    paper = Paper(rounding, digits)
    with np.errstate(all="ignore"):
        made = _steps(paper, loss, y, yhat)
        slope = carry(loss.slope(y[np.newaxis], yhat[np.newaxis])[0])
    lines = tuple(paper.lines)
    return LossWork(loss, tuple(y.tolist()), tuple(yhat.tolist()), lines, float(made.value), tuple(slope.tolist()))


def _steps(paper: Paper, loss: Loss, y: Array, yhat: Array) -> Written:
    if loss.over is Over.OUTPUT:
        return _mean_over_outputs(paper, loss, y, yhat)
    outputs = _outputs(paper, yhat)
    if loss.over is Over.BATCH:
        return OF_OVERLAPS[loss.name](paper, _labels(paper, loss, y), outputs)
    place = int(y[0] if loss.labels is Labels.CLASSES else np.argmax(y))
    return OF_CLASSES[loss.name](paper, place, outputs)


def _outputs(paper: Paper, yhat: Array) -> list[Written]:
    tags = [""] if yhat.size == 1 else range(1, yhat.size + 1)
    return [paper.given(f"yhat{tag}", value) for tag, value in zip(tags, yhat, strict=True)]


def _mean_over_outputs(paper: Paper, loss: Loss, y: Array, yhat: Array) -> Written:
    one = yhat.size == 1
    parts = []
    for place, (label, output) in enumerate(zip(_labels(paper, loss, y), _outputs(paper, yhat), strict=True), start=1):
        tag, symbol = ("", "L") if one else (f"{place}", f"l{place}")
        parts.append(EACH[loss.name](paper, label, output, tag, symbol))
    if one:
        return parts[0]
    template, terms = paper.plus(parts)
    return paper.line("L", f"({template}) / {yhat.size}", terms, float(np.mean([part.value for part in parts])))


def _labels(paper: Paper, loss: Loss, y: Array) -> list[Written]:
    """Return the labels, those of the hinge losses converted as Keras converts them."""
    tags = [""] if y.size == 1 else range(1, y.size + 1)
    if loss.labels is not Labels.SIGNS or 0.0 not in y:
        return [paper.label(f"y{tag}", value) for tag, value in zip(tags, y, strict=True)]
    converted: list[Written] = []
    for tag, value, sign in zip(tags, y, signs(y), strict=True):
        given = paper.label(f"label{tag}", value)
        made = paper.label(f"y{tag}", sign)
        converted.append(paper.write("2*{} - 1", [given], made, "" if converted else CONVERTED))
    return converted
