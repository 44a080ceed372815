"""Loss by hand: that of one labelled row, step by step as a person with paper calculates it; of several outputs too."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.loss_steps import EACH
from core.calculation.loss_steps_of_rows import OF_ROWS, formula_of_rows, is_one_hot
from core.calculation.paper import Paper, PaperLine, term
from core.calculation.penalties import all_penalties
from core.calculation.running import every_value, unmasked
from core.errors import Refused
from core.formatting import DEFAULT_DIGITS, count
from core.losses import Labels, Loss, Over, signs
from core.losses.batches import counted, of_batch
from core.losses.logits import logits_under, seen_under
from core.model.network import require_loss
from core.operations.rounding import Carry, Rounding
from core.tasks.row import checked_label
from core.tasks.several import label_sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    import numpy.typing as npt
    from jaxtyping import Bool, Float

    from core.arrays import Array
    from core.calculation.followed import Asked
    from core.calculation.paper import Term
    from core.calculation.penalties import Penalty
    from core.operations.operation import Shape

SEEN = "Keras sees the {} and calculates from z, what goes into it; its loss function can't do so on predict()."
SEEN_AS_SIGMOID = "Keras sees the softmax and calculates from z, as if every z went into a sigmoid."
FROM_LOGITS = "from_logits: the output is z, and its {} is part of the loss."

FOCAL = "binary_focal_crossentropy"

WEIGHED = "loss"
"""The symbol of a loss once it is multiplied by its ``loss_weights``."""

WEIGHED_BY_COMPILE = "loss_weights: compile multiplies the loss by that."

MASKED = "The mask leaves out {}: Keras multiplies what they cost by 0{}."

NOTHING_LEFT = "All places are left out: there is nothing to add up, and Keras's loss is 0."

CONVERTED = "All labels are 0 or 1, so Keras makes -1 of 0 and leaves 1 as it is."


@dataclass(frozen=True, eq=False)
class Made:
    """One of a model's outputs for a row: the numbers in a row, and its name.

    Those that are an image or a sequence, of shape ``spread``, have losses at several places: where a mask, if there is
    one, has ``kept`` them. ``z`` is what Keras finds under the last ``activation`` (:mod:`core.losses.logits`).
    """

    outputs: Float[Array, "outputs"]
    name: str = ""
    spread: Shape = ()
    kept: Bool[npt.NDArray[np.bool_], "places"] | None = None
    activation: str = ""
    z: Float[Array, "outputs"] | None = None


class Predicted(NamedTuple):
    """What the loss of one row is calculated from: what each output is for it, and what regularizers add."""

    made: tuple[Made, ...]
    penalties: tuple[Penalty, ...]

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return sum(one.outputs.size for one in self.made)


def predicted(asked: Asked) -> Predicted:
    """Return what losses need of a model of any layers for a row, rounded as is ``asked``; penalties are exact.

    Raises:
        Refused: an output has no loss here, or the calculation stops before them.
    """
    network, weights, row = asked.network, asked.weights, np.asarray(asked.x[np.newaxis], dtype=np.float64)
    require_loss(network)
    under = [logits_under(network, output) for output in range(len(network.graph.outputs))]
    values = every_value(network, weights, asked.x, Carry(asked.rounding, asked.digits))
    kept, made = unmasked(network, weights, row), list[Made]()
    for output, number, found in zip(network.each_output, network.written.outputs, under, strict=True):
        left = None if kept is None or output.mask is None else kept[0, output.columns][:: output.shape[-1]]
        seen = ("", None) if found is None else (found.activation, values[found.value].reshape(-1))
        made.append(Made(values[number].reshape(-1), output.name, output.spread, left, *seen))
    return Predicted(tuple(made), all_penalties(network, weights, row))


@dataclass(frozen=True, eq=False)
class LossWork:
    """The loss of one row: what it is ``made`` of, every line of the calculation, and the slope.

    ``label`` and ``made`` are as they were written down, without what Keras does not look at; ``slope`` is how the loss
    changes with each output. Where Keras's ``evaluate`` calculates it from pre-activations, ``made.z``, the slope is
    along them, and ``of_prediction`` is what Keras's loss function makes of the outputs alone; None otherwise.
    ``taken`` says as what the label was taken, where that is another than was given. Of several outputs it says
    ``whose`` it is.
    """

    loss: Loss
    label: tuple[float, ...]
    made: Made
    lines: tuple[PaperLine, ...]
    slope: tuple[float, ...]
    of_prediction: float | None = None
    taken: str = ""
    whose: str = ""

    @property
    def total(self) -> float:
        """The loss."""
        return self.lines[-1].value

    @property
    def places(self) -> int:
        """At how many places there is a loss, of which it is the mean or the sum."""
        return self.loss.places(self.made.spread)

    @property
    def about_z(self) -> str:
        """That it is calculated from z, and why, in a sentence; nothing where it is not."""
        own = "sigmoid" if self.loss.over is Over.OUTPUT else "softmax"
        if self.made.z is None:
            return FROM_LOGITS.format(own) if self.loss.of_logits else ""
        activation = self.made.activation
        return SEEN_AS_SIGMOID if own != activation and own == "sigmoid" else SEEN.format(activation)

    @property
    def converted(self) -> bool:
        """Whether the label is not y itself, but Keras makes -1 and +1 of its 0 and 1."""
        return self.loss.labels is Labels.SIGNS and 0.0 in self.label

    @property
    def formula(self) -> str:
        """The formula for such a label."""
        rows = np.reshape(self.label, (self.places, -1))
        of_numbers = self.loss.labels is Labels.ONE_HOT and not all(map(is_one_hot, rows))
        return formula_of_rows(self.loss) if of_numbers else self.loss.formula_text

    @property
    def symbol(self) -> str:
        """What the total is called."""
        return ("L" if self.loss.weight == 1.0 else WEIGHED) + self.whose

    @property
    def of(self) -> str:
        """What the loss is calculated of and its slope is along: z or yhat."""
        return "z" if self.made.z is not None or self.loss.of_logits else "yhat"


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


def loss_by_hand(
    loss: Loss,
    label: npt.ArrayLike,
    made: Made,
    rounding: Rounding = Rounding.SHOWN,
    digits: int = DEFAULT_DIGITS,
    whose: str = "",
) -> LossWork:
    """Return the loss of one row with this ``label`` and what a model has ``made`` of it, in float64.

    The label is what a row of data may have: one number for each output, or the class, counted from 0. A loss that is
    one number for a batch is that of a batch of this row alone. At several places there is a loss each, along the last
    axis, and a row has their mean or sum. It is what ``evaluate`` gives for the row, without regularizers. With
    ``Rounding.CARRIED`` every number is rounded to ``digits`` decimal places as it is written down; only a clipped
    probability is written in full.

    Raises:
        Refused: label, loss and outputs don't fit.
    """
    if made.outputs.ndim != 1 or made.outputs.size == 0:
        raise Refused(f"expected one row of outputs, got an array of shape {made.outputs.shape}")
    carry, several = Carry(rounding, digits), loss.places(made.spread)
    named = f"the output {whose.strip('()')}" if whose else "the model"
    wanted, taken = checked_label(loss, label, made.outputs.size, made.spread, named)
    of_z = None if made.z is None else seen_under(loss, made.activation)
    kept, z = _kept(loss, made.kept), None if made.z is None or of_z is None else carry(made.z)
    made = replace(made, outputs=carry(made.outputs), z=z, kept=kept)
    y, of, paper = carry(wanted), of_z or loss, Paper(carry, digits, whose)
    left = counted(loss, wanted.reshape(several, -1), kept)
    with np.errstate(all="ignore"):
        total = paper.line("L", _steps(paper, of, y, made, left))
        if loss.weight != 1.0:
            paper.line(WEIGHED, (loss.weight * total).because(WEIGHED_BY_COMPILE))
        slope = carry(_slope(of, y, made.outputs if z is None else z, left))
        # What predict gives has neither a mask nor an activation to look under.
        bare = z is None and kept is None
        of_outputs = None if bare else of_batch(loss.alone, y[np.newaxis], made.outputs[np.newaxis], places=several)
    of_prediction = None if of_outputs is None else float(carry(of_outputs))
    return LossWork(
        loss, tuple(y.tolist()), made, tuple(paper.lines), tuple(slope.tolist()), of_prediction, taken, whose
    )


def _kept(loss: Loss, kept: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_] | None:
    """Return what of a mask the loss of one row goes by: one number for a batch, by whether any place is left."""
    if kept is None or loss.over is not Over.BATCH:
        return kept
    if loss.reduction in ("sum", "none"):
        raise Refused(
            f"{loss.name} is one number for a batch, and with the reduction {loss.reduction} Keras counts it once "
            "for every step that is not masked: this is not written out here; the other reductions are"
        )
    if loss.of_columns:
        raise Refused(
            f"{loss.name} with axis 0 is one number for each output, to which Keras can't put a mask: "
            "expected another axis, or a model without a mask"
        )
    return None if kept.any() else kept


def _slope(loss: Loss, y: Array, of_what: Array, left: npt.NDArray[np.bool_]) -> Array:
    """Return how the loss of a row changes with each number that it is calculated of."""
    slope = loss.slope(y.reshape(len(left), -1), of_what.reshape(len(left), -1))
    return np.where(left[:, np.newaxis], slope, 0.0).reshape(-1) / _divisor(loss, left)


def _divisor(loss: Loss, left: npt.NDArray[np.bool_]) -> int:
    """Return what the sum over the places is divided by; with the reduction none Keras's History counts them all."""
    return 1 if loss.reduction == "sum" else left.size if loss.reduction == "none" else max(int(left.sum()), 1)


def _steps(paper: Paper, loss: Loss, y: Array, made: Made, left: npt.NDArray[np.bool_]) -> Term:
    """Write the loss at each place that is ``left``; return what Keras makes of several: their mean or sum."""
    if left.size == 1 and made.kept is None:
        return _at_one_place(paper, loss, y, made.outputs, made.z)
    kept = np.ones(left.size, dtype=bool) if made.kept is None else made.kept
    labels, numbers = np.split(y, left.size), np.split(made.outputs, left.size)
    logits = [None] * left.size if made.z is None else np.split(made.z, left.size)
    parts: list[Term] = []
    for at, place in enumerate(np.ndindex(made.spread[:-1])):
        if kept[at]:
            on = paper.at(f"[{','.join(f'{axis + 1}' for axis in place)}]")
            of_place = on.line("L", _at_one_place(on, loss, labels[at], numbers[at], logits[at]))
            parts += [of_place] if left[at] else []
    if not parts:
        return term("", "", 0.0).because(NOTHING_LEFT)
    by, total = _divisor(loss, left), paper.total(parts)
    others = "" if loss.reduction in ("sum", "none") else ", and divides by how many others there are"
    why = "" if kept.all() else MASKED.format(count(int((~kept).sum()), "place"), others)
    return (total if by == 1 else total / by).because(why)


def _at_one_place(paper: Paper, loss: Loss, y: Array, yhat: Array, z: Array | None) -> Term:
    labels, settings = _labels(paper, loss, y), loss.settings
    outputs = _outputs(paper, "z" if z is not None or loss.of_logits else "yhat", yhat if z is None else z)
    settings.pop("axis", None)
    if loss.name in OF_ROWS:
        steps = partial(OF_ROWS[loss.name], **settings)
        if not loss.of_columns:
            return steps(paper, labels, outputs)
        return _of_columns(paper, loss, steps, [([y], [p]) for y, p in zip(labels, outputs, strict=True)])
    seen = [_outputs(paper, "yhat", yhat)] if z is not None and loss.name == FOCAL else []
    settings |= {"from_logits": True} if seen else {}
    return _of_columns(paper, loss, partial(EACH[loss.name], **settings), [*zip(labels, outputs, *seen, strict=True)])


def _of_columns(paper: Paper, loss: Loss, steps: Callable[..., Term], columns: Sequence[tuple[Any, ...]]) -> Term:
    """Write what each output costs by itself, if there are several; return their mean, or sum."""
    if len(columns) == 1:
        return steps(paper, *columns[0])
    total = paper.total(on.line("l", steps(on, *column)) for on, column in paper.each(columns))
    return total if loss.sums_columns else total / len(columns)


def _outputs(paper: Paper, name: str, values: Array) -> list[Term]:
    return [on.given(name, value) for on, value in paper.each(values.tolist())]


def _labels(paper: Paper, loss: Loss, y: Array) -> list[Term]:
    """Return the labels, those of the hinge losses converted as Keras converts them."""
    if loss.labels is not Labels.SIGNS or 0.0 not in y:
        return [on.label("y", value) for on, value in paper.each(y.tolist())]
    converted: list[Term] = []
    for on, (value, sign) in paper.each([*zip(y, signs(y), strict=True)]):
        made = 2 * on.label("label", value) - 1
        converted.append(on.write(made.because("" if converted else CONVERTED), on.label("y", sign)))
    return converted


# Of a whole model


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
