"""The three-way check in words: the learner's number, the calculation by hand, and Keras's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.answers import threshold, values
from core.calculation.spot import symbol
from core.data.dataset import DataFile, SumRule
from core.errors import Refused, shorten
from core.formatting import exact, number, small
from core.labels import label_by_rule
from core.model.literal import parse_number

if TYPE_CHECKING:
    from core.arrays import Array
    from core.calculation.agreement import Agreement
    from core.model.network import Network
    from core.model.weights import Weights
    from core.state import State


KNOWN = "known, and Keras's: its sparsemax (3.15.1) is wrong where two or more outputs are above 0"


@dataclass(frozen=True, eq=False)
class Yours:
    """The number that the learner has for an output, for one x and one version of the weights.

    ``parted`` is the first step at which it went another way, if the steps are known.
    """

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

    Raises:
        Refused: it is no number, or a whole one, which cannot tell how exact it is meant.
    """
    value = parse_number(text)
    decimals = digits if "/" in text else len(text.strip().replace(",", ".").partition(".")[2])
    if not decimals:
        raise Refused(f"expected a number with decimal places, such as {value:.1f}, got {shorten(text.strip())!r}")
    return Yours(value, decimals, output, state.x, state.model.weights)


def yours_in_words(yours: Yours, exact_value: float, carried: float) -> str:
    """Return whether the learner's number is right, to which tolerance and why."""
    half = 0.5 * 10.0**-yours.decimals
    off = abs(yours.value - exact_value)
    digits = f"half of its last digit ({small(half)})"
    text = f"yours {yours.value:.9g}: "
    # A last digit of float64 more than half is still half.
    if off <= half * (1 + 1e-9):
        return f"{text}right, to {digits}"
    if abs(yours.value - round(carried, yours.decimals)) <= half * 1e-6:
        return f"{text}right if every step is rounded so; the exact one is {small(off)} away"
    where = (
        f"you part first at {yours.parted}"
        if yours.parted
        else "from the end alone it cannot be seen where: p lets you type each step and finds it"
    )
    return f"{text}off by {small(off)}, more than {digits}; {where}"


def keras_in_words(network: Network, by_hand: float, keras: float, output: int, checked: Agreement | None) -> str:
    """Return whether Keras agrees with the exact calculation, to which tolerance, or where they part first.

    ``checked`` is None while the steps are still being compared.
    """
    text = f"Keras {exact(keras)}  {_difference(by_hand, keras)}"
    if checked is None:
        return f"{text}; the steps are compared"
    if (found := checked.parting) is None:
        return f"{text} < {small(float(checked.tolerances[output]))} (float32)" if np.isfinite(by_hand) else text
    layer = network.layers[found.spot.step]
    where = f"{symbol(network, found.spot)} of {shorten(layer.name)}"
    told = f"by hand {number(found.by_hand, 8)}, Keras {exact(found.keras)}"
    if np.isfinite([found.by_hand, found.keras]).all():
        told += f", float32 explains {small(found.tolerance)}"
    known = f"; {KNOWN}" if getattr(layer, "activation", "") == "sparsemax" else ""
    return f"{text}; they part first at {where}: {told}{known}"


def _difference(by_hand: float, keras: float) -> str:
    if np.isnan(by_hand) and np.isnan(keras):
        return "both are NaN"
    if np.isinf(keras) and np.isinf(by_hand) and by_hand == keras:
        return "both are infinite"
    return f"differ {small(abs(by_hand - keras))}"


def verdict(state: State, prediction: Array) -> str:
    """Return the label that x has, and whether the model's answer is that label."""
    if np.isnan(prediction).any():
        return "the prediction is not a number (NaN): a weight, an input or a step is not finite"
    loss = state.recipe.loss
    sign = int(np.sign(values(loss, prediction[np.newaxis])[0] - threshold(loss)))
    label, whence = _label(state)
    if label is None:
        return whence
    if sign == 0:
        none = f"is {threshold(loss):g}" if threshold(loss) else "has sign 0"
        return f"{whence}: the label is {label:+d}; the prediction {none}, which is neither label"
    return f"{whence}: the label is {label:+d} and the model is {'right' if sign == label else 'wrong'} here"


def _label(state: State) -> tuple[int | None, str]:
    """Return the label of x by the data's rule, or as a row of a file, and why that; None where it has none."""
    match state.dataset.origin:
        case SumRule() as rule:
            return label_by_rule(rule, state.x)
        case DataFile() as file:
            if state.row is None:
                return None, f"x is no row of {file.name}, so it has no label: n takes a row"
            return int(state.dataset.labels[state.row]), f"row {state.row + 1:,} of {file.name}"
