"""Loss by hand: the loss of one labelled row, step by step as a person with paper calculates it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.loss_steps import EACH, focal_of_seen
from core.calculation.loss_steps_of_classes import OF_CLASSES
from core.calculation.loss_steps_of_overlaps import OF_OVERLAPS, overlap
from core.calculation.loss_steps_of_rows import OF_ROWS, formula_of_rows
from core.calculation.paper import Paper, PaperLine, Written
from core.calculation.penalties import row_penalties
from core.calculation.running import every_value, ready_values, unmasked
from core.errors import Refused
from core.formatting import DEFAULT_DIGITS, count
from core.losses import Labels, Loss, Over, loss_called, signs
from core.losses.batches import counted, of_batch
from core.losses.logits import logits_under, seen_under
from core.model.network import require_loss
from core.operations.rounding import EXACT, Carry, Rounding
from core.tasks.row import checked_label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt
    from jaxtyping import Bool, Float

    from core.arrays import AnyArray, Array
    from core.calculation.followed import Asked
    from core.calculation.penalties import Penalty
    from core.operations.operation import Shape
    from core.training.options import Options

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


@dataclass(frozen=True)
class Seen:
    """The pre-activations that Keras finds under the model's last ``activation`` (:mod:`core.losses.logits`)."""

    activation: str
    z: Float[Array, "outputs"]


class Places(NamedTuple):
    """Where outputs that are an image or a sequence of shape ``spread`` have losses: where a mask, if any, has a 1."""

    spread: Shape = ()
    kept: Bool[npt.NDArray[np.bool_], "places"] | None = None


WHOLE = Places()
"""A row of outputs that are neither an image nor a sequence."""


class Made(NamedTuple):
    """One of a model's outputs for a row: the numbers in a row, and what is under them."""

    name: str
    columns: slice
    outputs: Float[Array, "outputs"]
    seen: Seen | None
    places: Places


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
    network, weights, x = asked.network, asked.weights, asked.x
    require_loss(network)
    under = [logits_under(network, output) for output in range(len(network.graph.outputs))]
    wanted = (*network.written.outputs, *(one.value for one in under if one is not None))
    values = dict(zip(wanted, ready_values(network, weights, wanted)(_row(x)), strict=True))
    if asked.rounding is not Rounding.SHOWN:
        every = every_value(network, weights, x, Carry(asked.rounding, asked.digits))
        values = {number: every[number] for number in wanted}
    kept, made = unmasked(network, weights, _row(x)), list[Made]()
    for output, number, found in zip(network.each_output, network.written.outputs, under, strict=True):
        seen = None if found is None else Seen(found.activation, values[found.value].reshape(-1))
        left = None if kept is None or output.mask is None else kept[0, output.columns][:: output.shape[-1]]
        numbers = values[number].reshape(-1)
        made.append(Made(output.name, output.columns, numbers, seen, Places(output.spread, left)))
    return Predicted(tuple(made), row_penalties(network, weights, x))


def _row(x: Array) -> Array:
    return np.asarray(x[np.newaxis], dtype=np.float64)


@dataclass(frozen=True)
class LossWork:
    """The loss of one row: what it is made of, every line of the calculation, the total, and the slope.

    ``label`` and ``outputs`` are as they were written down; ``slope`` is how the loss changes with each output. Where
    Keras's ``evaluate`` calculates it from pre-activations, they are ``z``, the slope is along them, and
    ``of_prediction`` is what Keras's loss function makes of the outputs alone; None otherwise. ``about_z`` says in a
    sentence that the calculation is from z, and why; ``taken`` as what the label was taken, where that is another
    than was given. It is the mean, or the sum, of the losses at so many ``places``; of several outputs it says
    ``whose`` it is.
    """

    loss: Loss
    label: tuple[float, ...]
    outputs: tuple[float, ...]
    lines: tuple[PaperLine, ...]
    total: float
    slope: tuple[float, ...]
    z: tuple[float, ...] | None = None
    of_prediction: float | None = None
    about_z: str = ""
    taken: str = ""
    places: int = 1
    whose: str = ""

    @property
    def parts(self) -> tuple[LossWork, ...]:
        """The losses of the outputs: this one."""
        return (self,)

    @property
    def last(self) -> tuple[PaperLine, ...]:
        """What is calculated of these: nothing."""
        return ()

    @property
    def name(self) -> str:
        """Keras's name of the loss."""
        return self.loss.name

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
    def sums(self) -> bool:
        """Whether the losses at several places are added up; else their mean is taken."""
        return self.loss.reduction == "sum"

    @property
    def symbol(self) -> str:
        """What the total is called."""
        return ("L" if self.loss.weight == 1.0 else WEIGHED) + self.whose

    @property
    def of(self) -> str:
        """What the loss is calculated of and its slope is along: z or yhat."""
        return "z" if self.z is not None or self.loss.of_logits else "yhat"


def loss_by_hand(
    loss_name: str,
    label: npt.ArrayLike,
    outputs: Float[AnyArray, "outputs"],
    rounding: Rounding = Rounding.SHOWN,
    digits: int = DEFAULT_DIGITS,
    options: Options = (),
    seen: Seen | None = None,
    places: Places = WHOLE,
    whose: str = "",
) -> LossWork:
    """Return the loss of one row with this ``label`` and the model's ``outputs`` for it, in float64.

    The label is what a row of data may have: one number for each output, or the class, counted from 0. A loss that is
    one number for a batch is that of a batch of this row alone. ``options`` are the loss's settings. At several
    ``places`` there is a loss each, along the last axis, and a row has their mean or sum. With what Keras has
    ``seen`` under the outputs, it is what ``evaluate`` gives for the row, without regularizers. With
    ``Rounding.CARRIED`` every number is rounded to ``digits`` decimal places as it is written down; only a clipped
    probability is written in full.

    Raises:
        Refused: there is no such loss, or label, loss and outputs don't fit, or an option is not the loss's.
    """
    loss = loss_called(loss_name, options)
    if outputs.ndim != 1 or outputs.size == 0:
        raise Refused(f"expected one row of outputs, got an array of shape {outputs.shape}")
    carry = EXACT if rounding is Rounding.SHOWN else Carry(rounding, digits)
    several = loss.places(places.spread)
    named = f"the output {whose.strip('()')}" if whose else "the model"
    wanted, taken = checked_label(loss, label, outputs.size, places.spread, named)
    left = _left(loss, wanted, places, several)
    y, yhat = carry(wanted), carry(outputs)
    of_z = None if seen is None else seen_under(loss, seen.activation)
    z = None if seen is None or of_z is None else carry(seen.z)
    paper = Paper(rounding, digits, whose)
    with np.errstate(all="ignore"):
        made = _weighed(paper, loss, _steps(paper, of_z or loss, y, yhat, z, left, places))
        slope = carry(_slope(of_z or loss, y, yhat if z is None else z, left))
        # What predict gives has neither a mask nor an activation to look under.
        bare = z is None and places.kept is None
        function = partial(of_batch, loss.alone, y[np.newaxis], yhat[np.newaxis], places=several)
        of_prediction = None if bare else float(carry(function()))
    return LossWork(
        loss,
        tuple(y.tolist()),
        tuple(yhat.tolist()),
        tuple(paper.lines),
        float(made.value),
        tuple(slope.tolist()),
        None if z is None else tuple(z.tolist()),
        of_prediction,
        _about_z(loss, None if z is None else seen),
        taken,
        several,
        whose,
    )


def _about_z(loss: Loss, seen: Seen | None) -> str:
    own = "sigmoid" if loss.over is Over.OUTPUT else "softmax"
    if seen is None:
        return FROM_LOGITS.format(own) if loss.of_logits else ""
    return SEEN_AS_SIGMOID if own != seen.activation and own == "sigmoid" else SEEN.format(seen.activation)


def _weighed(paper: Paper, loss: Loss, made: Written) -> Written:
    if loss.weight == 1.0:
        return made
    return paper.line(WEIGHED, f"{loss.weight:g}*{{}}", [made], loss.weight * made.value, WEIGHED_BY_COMPILE)


def _left(loss: Loss, y: Array, places: Places, several: int) -> npt.NDArray[np.bool_]:
    """Return at which of several places there is a loss: neither a mask nor the loss itself leaves them out."""
    kept = places.kept
    if kept is not None and loss.over is Over.BATCH:
        if loss.reduction in ("sum", "none"):
            raise Refused(
                f"{loss.name} is one number for a batch, and with the reduction {loss.reduction} Keras counts it once "
                "for every step that is not masked: this is not written out here; the other reductions are"
            )
        kept = None
    return counted(loss, y.reshape(several, -1), kept)


def _slope(loss: Loss, y: Array, of_what: Array, left: npt.NDArray[np.bool_]) -> Array:
    """Return how the loss of a row changes with each number that it is calculated of."""
    slope = loss.slope(y.reshape(len(left), -1), of_what.reshape(len(left), -1))
    return np.where(left[:, np.newaxis], slope, 0.0).reshape(-1) / _divisor(loss, left)


def _divisor(loss: Loss, left: npt.NDArray[np.bool_]) -> int:
    """Return what the sum over the places is divided by; with the reduction none Keras's History counts them all."""
    return 1 if loss.reduction == "sum" else left.size if loss.reduction == "none" else max(int(left.sum()), 1)


def _steps(
    paper: Paper,
    loss: Loss,
    y: Array,
    yhat: Array,
    z: Array | None,
    left: npt.NDArray[np.bool_],
    places: Places,
) -> Written:
    """Write the loss at each place that is ``left``, and what Keras makes of several: their mean or sum."""
    if left.size == 1 and places.kept is None:
        return _at_one_place(paper, loss, y, yhat, z)
    labels, numbers = np.split(y, left.size), np.split(yhat, left.size)
    logits: list[Array | None] = [None] * left.size if z is None else [*np.split(z, left.size)]
    masked, parts = np.logical_not(left if places.kept is None else places.kept), []
    for at, place in enumerate(np.ndindex(places.spread[:-1])):
        if masked[at] and places.kept is not None:
            continue
        paper.place = f"[{','.join(f'{axis + 1}' for axis in place)}]"
        made = _at_one_place(paper, loss, labels[at], numbers[at], logits[at])
        parts += [made] if left[at] else []
    paper.place = ""
    if not parts:
        return paper.line("L", "", [], 0.0, NOTHING_LEFT)
    template, terms = paper.plus(parts)
    by = _divisor(loss, left)
    total = float(np.sum([part.value for part in parts])) / by
    others = "" if loss.reduction in ("sum", "none") else ", and divides by how many others there are"
    why = MASKED.format(count(int(masked.sum()), "place"), others) if masked.any() and places.kept is not None else ""
    return paper.line("L", template if by == 1 else f"({template}) / {by}", terms, total, why)


def _at_one_place(paper: Paper, loss: Loss, y: Array, yhat: Array, z: Array | None) -> Written:
    if loss.name in OF_OVERLAPS:
        return overlap(paper, loss, _labels(paper, loss, y), _outputs(paper, yhat))
    name = "z" if z is not None or loss.of_logits else "yhat"
    outputs = _outputs(paper, yhat if z is None else z, name)
    if loss.labels is Labels.ONE_HOT and not is_one_hot(y):
        return OF_ROWS[loss.name](paper, _labels(paper, loss, y), outputs, **loss.settings)
    if loss.over is Over.ROW:
        place = int(y[0] if loss.labels is Labels.CLASSES else np.argmax(y))
        return OF_CLASSES[loss.name](paper, place, outputs, **loss.settings)
    p = None if z is None or loss.name != FOCAL else _outputs(paper, yhat)
    return _mean_over_outputs(paper, yhat.size, _of_output(paper, loss, _labels(paper, loss, y), outputs, p))


def _of_output(
    paper: Paper, loss: Loss, labels: Sequence[Written], outputs: Sequence[Written], p: Sequence[Written] | None
) -> Callable[[int, str, str], Written]:
    """Return what writes the steps for one output; ``p`` are those that the model makes of z, for a focal loss."""
    settings = loss.settings
    if p is None:
        return lambda at, tag, symbol: EACH[loss.name](paper, labels[at], outputs[at], tag, symbol, **settings)
    settings.pop("from_logits", None)
    return lambda at, tag, symbol: focal_of_seen(paper, labels[at], outputs[at], p[at], tag, symbol, **settings)


def is_one_hot(label: Sequence[float] | Array) -> bool:
    """Say whether a label is a single 1 among zeros."""
    return sorted(label) == [*[0.0] * (len(label) - 1), 1.0]


def _outputs(paper: Paper, yhat: Array, name: str = "yhat") -> list[Written]:
    tags = [""] if yhat.size == 1 else range(1, yhat.size + 1)
    return [paper.given(f"{name}{tag}", value) for tag, value in zip(tags, yhat, strict=True)]


def _mean_over_outputs(paper: Paper, outputs: int, each: Callable[[int, str, str], Written]) -> Written:
    if outputs == 1:
        return each(0, "", "L")
    parts = [each(at, f"{at + 1}", f"l{at + 1}") for at in range(outputs)]
    template, terms = paper.plus(parts)
    return paper.line("L", f"({template}) / {outputs}", terms, float(np.mean([part.value for part in parts])))


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
