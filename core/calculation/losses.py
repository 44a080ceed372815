"""Loss by hand of a whole model: that of each output for one row and, of several, their weighed sum as Keras has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.loss import loss_by_hand
from core.calculation.paper import Paper
from core.errors import Refused
from core.formatting import DEFAULT_DIGITS
from core.operations.rounding import Carry, Rounding
from core.tasks.several import label_sizes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float

    from core.arrays import Array
    from core.calculation.loss import LossWork, Predicted
    from core.calculation.paper import PaperLine
    from core.losses import Loss


@dataclass(frozen=True)
class LossesWork:
    """The loss of one row of a model: of each output and, of several, the ``last`` lines, which add them up.

    ``of_prediction`` is what Keras's losses make of the outputs alone, where they are another number.
    """

    parts: tuple[LossWork, ...]
    last: tuple[PaperLine, ...]
    total: float
    of_prediction: float | None
    symbol: str
    name: str

    @property
    def label(self) -> tuple[float, ...]:
        """The labels of all outputs, one after the other."""
        return tuple(number for part in self.parts for number in part.label)


def losses_by_hand(
    losses: Sequence[Loss],
    label: Float[Array, "labels"],
    predicted: Predicted,
    rounding: Rounding = Rounding.SHOWN,
    digits: int = DEFAULT_DIGITS,
) -> LossesWork:
    """Return the loss of one row with this ``label``: of several outputs, those of one after those of the other.

    Raises:
        Refused: labels, losses and outputs don't fit.
    """
    if len(losses) == 1:
        return of_one(loss_by_hand(losses[0], label, predicted.made[0], rounding, digits))
    parts = tuple(
        loss_by_hand(loss, of_output, made, rounding, digits, f"({made.name})")
        for loss, of_output, made in zip(losses, _labels_of_each(losses, label, predicted), predicted.made, strict=True)
    )
    paper = Paper(Carry(rounding, digits), digits)
    made_total = paper.line("L", paper.total(paper.given(part.symbol, part.total) for part in parts))
    functions = [
        part.total if part.of_prediction is None else loss.weight * part.of_prediction
        for loss, part in zip(losses, parts, strict=True)
    ]
    of_prediction = None if all(part.of_prediction is None for part in parts) else sum(functions)
    return LossesWork(parts, tuple(paper.lines), float(made_total.value), of_prediction, "L", "of all outputs")


def of_one(work: LossWork) -> LossesWork:
    """Return the loss of a model's only output as that of the model."""
    return LossesWork((work,), (), work.total, work.of_prediction, work.symbol, work.loss.name)


def _labels_of_each(losses: Sequence[Loss], label: Array, predicted: Predicted) -> list[Array]:
    """Return the label of each output.

    Raises:
        Refused: there are other numbers than they take.
    """
    shapes = [made.spread or made.outputs.shape for made in predicted.made]
    sizes = label_sizes(label.size, shapes, losses)
    if sizes is None:
        wanted = [loss.label_size(shape) for loss, shape in zip(losses, shapes, strict=True)]
        names = ", ".join(f"{made.name} {size:,}" for made, size in zip(predicted.made, wanted, strict=True))
        raise Refused(
            f"expected {sum(wanted):,} numbers as the label, those of one output after those of the other "
            f"({names}), got {label.size:,}"
        )
    return np.split(label, np.cumsum(sizes)[:-1])
