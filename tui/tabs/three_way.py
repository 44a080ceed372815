"""The three-way check in words: the learner's number, the calculation by hand, and Keras's own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.agreement import apart
from core.calculation.running import unmasked
from core.decimals import rounded
from core.errors import Refused, shorten
from core.export.calculation.explanation import parting_words
from core.export.calculation.symbols import Symbols
from core.formatting import count, exact, number, small
from core.half_width import with_commas
from core.model.literal import parse_number
from core.practice.marks import in_short
from core.tasks import Answers, Binary, Classes, Errors, NoLabels, Numbers, Several, Signs
from core.tasks.row import BY_RULE, row_label
from core.tasks.scores import NAME

if TYPE_CHECKING:
    from core.arrays import Array, KerasArray
    from core.calculation.agreement import Agreement
    from core.calculation.followed import Followed
    from core.model.weights import Weights
    from core.session.state import State


KNOWN = "known, and Keras's: its sparsemax (3.15.1) is wrong where two or more outputs are above 0"


@dataclass(frozen=True, eq=False)
class Yours:
    """The number that the learner has for an output, for one x and one version of the weights.

    ``text`` is how it was typed, with so many ``decimals``; ``parted`` is the first step at which it went another way,
    if the steps are known.
    """

    text: str
    value: float
    decimals: int
    output: int
    x: Array
    weights: Weights
    parted: str = ""

    def speaks_of(self, state: State, output: int) -> bool:
        """Return whether it is the present calculation's."""
        return self.x is state.x and self.weights is state.model.weights and self.output == output


def typed(text: str, output: int, digits: int, state: State) -> Yours:
    """Return the number that was typed for an output; a fraction counts as typed to ``digits`` decimal places.

    So does a whole number: it can't tell how exact it is meant, and 0.5 more or less would be too kind.

    Raises:
        Refused: it is no number.
    """
    value, text = parse_number(text), with_commas(text).strip()
    decimals = digits if "/" in text else decimal_places(text.replace(",", "."))
    shown = shorten(text)
    if decimals <= 0:
        shown, decimals = f"{shown}, taken as {number(value, digits)}", digits
    return Yours(shown, value, decimals, output, state.x, state.model.weights)


def practised(value: float, digits: int, output: int, x: Array, weights: Weights, parted: str) -> Yours:
    """Return the number that answered a question which asked for ``digits`` decimal places."""
    text = number(value, digits)
    return Yours(text if float(text) == value else f"{value:.9g}", value, digits, output, x, weights, parted)


def decimal_places(text: str) -> int:
    """Return how many decimal places a number that was typed has: 2 for 0.80, and 3 for 8.0e-2."""
    exponent = Decimal(text).as_tuple().exponent
    assert isinstance(exponent, int)
    return -exponent


def yours_in_words(yours: Yours, exact_value: float, carried: float) -> str:
    """Return whether the learner's number is right, to which tolerance and why."""
    half = 0.5 * 10.0**-yours.decimals
    off = abs(yours.value - exact_value)
    digits = f"half of its last digit ({in_short(half)})"
    text = f"yours {yours.text}: "
    # A last digit of float64 more than half is still half.
    if off <= half * (1 + 1e-9):
        return f"{text}right, to {digits}"
    if abs(yours.value - float(rounded(carried, yours.decimals))) <= half * 1e-6:
        return f"{text}right if every step is rounded so; the exact one is {small(off)} away"
    where = (
        f"you part first at {yours.parted}"
        if yours.parted
        else "from the end alone it cannot be seen where: p lets you type each step and finds it"
    )
    return f"{text}off by {small(off)}, more than {digits}; {where}"


def keras_in_words(made: Followed, by_hand: float, keras: float, output: int, checked: Agreement | None) -> str:
    """Return whether Keras agrees with the exact calculation, to which tolerance, or where they part first.

    ``checked`` is None while the steps are still being compared.
    """
    text = f"Keras {exact(keras)}  {apart(by_hand, keras)}"
    if checked is None:
        return f"{text}; the steps are compared"
    if (found := checked.parting) is None:
        return f"{text} < {small(float(checked.tolerances[output]))} (float32)" if np.isfinite(by_hand) else text
    network = made.asked.network
    layer = dict(zip(network.paths, network.layers, strict=True))[found.value.call]
    known = f"; {KNOWN}" if getattr(layer, "activation", "") == "sparsemax" else ""
    return f"{text}; {parting_words(found, Symbols(made.model), 'float32 explains')}{known}"


def verdict(state: State, prediction: Array) -> str:
    """Return the label that x has, and whether the model's answer is that label, or how far from it."""
    if np.isnan(prediction).any():
        return "the prediction is not a number (NaN): a weight, an input or a step is not finite"
    task = state.task
    if isinstance(task, NoLabels):
        return task.no_loss or "the data have no labels, so there is none to compare with"
    try:
        label, whence = row_label(state)
    except Refused as refusal:
        return str(refusal)
    where = whence.removeprefix(BY_RULE).removeprefix("the label of ")
    words = f"{where}: the label is {task.label_text(label)}"
    outputs, labels = prediction[np.newaxis].astype(np.float32), label[np.newaxis]
    kept = unmasked(state.model.network, state.model.weights, state.x[np.newaxis])
    if isinstance(task, Numbers):
        off = task.judged(outputs, labels, kept).mean_absolute_error
        return f"{words}; the prediction is {small(off)} away" + (" on average" if outputs.size > 1 else "")
    if isinstance(task, Several):
        return f"{words}; {', '.join(_of_output(*one) for one in task.judged(outputs, labels, kept).parts)}"
    scores = task.judged(outputs, labels, kept)
    if scores.left_out and scores.left_out == scores.points:
        return f"{words}, so no answer is right"
    if task.columns > 1:
        answer = "places" if isinstance(task, Classes) else "outputs"
        return f"{words}; {scores.correct:,} of {scores.points:,} {answer} are right"
    if scores.unanswered:
        none = "has sign 0" if isinstance(task, Signs) and not task.at else f"is {prediction[0]:g}"
        return f"{words}; the prediction {none}, which is neither label"
    answer = "" if isinstance(task, Signs) else f" with {_answer(task, outputs)}"
    return f"{words} and the model is {'right' if not scores.failures.size else 'wrong'} here{answer}"


def _of_output(name: str, scores: Answers | Errors) -> str:
    """Return how good one of several outputs is at one row."""
    named = shorten(name, NAME)
    if isinstance(scores, Errors):
        return f"{named} is {small(scores.mean_absolute_error)} away"
    if scores.left_out and scores.left_out == scores.points:
        return f"{named} is left out of the loss"
    if scores.points == 1:
        return f"{named} is {'right' if scores.correct else 'wrong'}"
    return f"{named} is right in {scores.correct:,} of {count(scores.points, scores.counted)}"


def _answer(task: Binary | Classes, outputs: KerasArray) -> str:
    place = int(task.answers(outputs)[0])
    return shorten(task.classes[place]) if place < len(task.classes) else f"output {place + 1}"
