"""Models that are right by construction: a rule, the network with the fewest units that follows it, and why it does.

Every model labels a point -1 or +1 by the sign of its one output. ``core.calculation.proof`` counts that it is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.data.dataset import SumRule
from core.errors import Refused, require_between, shorten
from core.formatting import count
from core.layers.dense import Dense
from core.model import parity, tutorial
from core.model.network import Network
from core.model.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_INPUTS = 16
"""Inputs of a rule: 2^16 corners are counted in a moment."""

ACTIVATIONS = ("tanh", "relu")
"""What the hidden units may be; the output unit is always tanh, which keeps the sign."""


@dataclass(frozen=True)
class Above:
    """+1 where ``direction . x > threshold``, else -1, for x in [0, 1)^d."""

    direction: tuple[float, ...]
    threshold: float


@dataclass(frozen=True)
class ByCount:
    """+1 at the corners, of 0 and 1 only, with k ones for which ``truths[k]``, else -1; ``tie`` ones are half."""

    truths: tuple[bool, ...]
    tie: int | None = None


@dataclass(frozen=True, eq=False)
class RightModel:
    """A network with weights that follow a rule everywhere.

    ``rule`` is the rule in words, ``why`` why the weights follow it, ``fewest`` what is known of fewer units,
    ``between`` what happens elsewhere than where the rule speaks; ``truth`` is the rule for counting.
    """

    rule: str
    network: Network
    weights: Weights
    why: str
    fewest: str
    between: str
    truth: Above | ByCount


NO_HIDDEN = "One unit and no hidden layer: no model has fewer."

ON_THE_BOUNDARY = (
    "On the boundary itself the rule says -1 and the model gives exactly 0, which is neither label. Units of tanh and "
    "relu cannot do better: they have no jumps, so what is above 0 on one side is not below 0 on the boundary."
)

IN_FLOAT32 = "Keras adds in float32, which may round a sum that is nearer to the threshold than its last digit onto it."


def sum_above(inputs: int, threshold: float) -> RightModel:
    """Return the tutorial's model that is always right: +1 where the sum of the inputs is above ``threshold``."""
    _require_inputs(inputs)
    kept = _float32(threshold)
    network, weights = tutorial.always_right(inputs, threshold)
    why = (
        "With a kernel of ones the weighted sum is the sum itself, the bias takes the threshold away, and tanh keeps "
        f"the sign.{_as_kept(threshold)}"
    )
    rule, truth = SumRule(inputs=inputs, threshold=kept).in_words(), Above((1.0,) * inputs, kept)
    return RightModel(rule, network, weights, why, NO_HIDDEN, f"{ON_THE_BOUNDARY} {IN_FLOAT32}", truth)


def input_above(inputs: int, place: int, threshold: float) -> RightModel:
    """Return the model that gives +1 where the input at ``place``, counted from 1, is above ``threshold``."""
    _require_inputs(inputs)
    require_between("the place of an input", place, 1, inputs)
    kept = _float32(threshold)
    direction = tuple(float(position == place) for position in range(1, inputs + 1))
    network, weights = _one_unit(direction, -kept)
    why = (
        f"The kernel is 1 for x{place} and 0 for every other input, so the pre-activation is x{place} minus the "
        f"threshold, and tanh keeps its sign.{_as_kept(threshold)}"
    )
    rule, truth = f"+1 where x{place} > {kept:g}, else -1", Above(direction, kept)
    return RightModel(rule, network, weights, why, NO_HIDDEN, ON_THE_BOUNDARY, truth)


def all_of(inputs: int) -> RightModel:
    """Return AND: +1 where every input is 1."""
    return _at_least("all inputs are 1 (AND)", inputs, inputs)


def any_of(inputs: int) -> RightModel:
    """Return OR: +1 where at least one input is 1."""
    return _at_least("at least one input is 1 (OR)", inputs, 1)


def majority(inputs: int) -> RightModel:
    """Return the majority: +1 where more than half of the inputs are 1; exactly half is no majority."""
    tie = inputs // 2 if inputs % 2 == 0 else None
    return _at_least("more than half of the inputs are 1 (majority)", inputs, inputs // 2 + 1, tie)


def exclusive_or(activation: str) -> RightModel:
    """Return XOR of two inputs, with hidden units of ``activation``."""
    _require_activation(activation)
    if activation == "tanh":
        network, weights = parity.xor_with_tanh()
        why = (
            "One hidden unit rises where the sum passes 0.5, the other where it passes 1.5. Their difference is large "
            "at a sum of 1 and the same, smaller, at 0 and 2; the bias of the output lies between."
        )
    else:
        network, weights = parity.with_relu(2)
        why = (
            "With s = x1 + x2, the output's pre-activation is 2 relu(s) - 4 relu(s - 1) - 1: up from -1 to +1 at "
            "s = 1, and down again to -1 at s = 2."
        )
    skip = "With inputs that go on to the output too, one would do: x1 + x2 - 2 relu(x1 + x2 - 1)."
    fewest = f"{_ONE_IS_TOO_FEW.format(count=2)} {skip} A chain of Dense layers has no such connections."
    truth = ByCount((False, True, False))
    rule = "+1 where exactly one of x1 and x2 is 1 (XOR), else -1"
    return RightModel(rule, network, weights, why, fewest, _between(2), truth)


def odd(inputs: int, activation: str) -> RightModel:
    """Return parity: +1 where an odd number of inputs is 1; with one hidden layer of ``activation``."""
    _require_inputs(inputs)
    _require_activation(activation)
    if inputs == 1:
        return _at_least(_ODD, 1, 1)
    by_name = {"tanh": (parity.with_tanh, _WHY_TANH, _fewest_tanh), "relu": (parity.with_relu, _WHY_RELU, _fewest_relu)}
    make, why, fewest = by_name[activation]
    network, weights = make(inputs)
    return _parity(network, weights, why, fewest(inputs))


def odd_folded(inputs: int) -> RightModel:
    """Return parity with layers of 2 relu units: from 8 inputs on fewer in all than one hidden layer of them."""
    _require_inputs(inputs)
    if inputs == 1:
        return _at_least(_ODD, 1, 1)
    network, weights = parity.folded(inputs)
    hidden = 2 * (len(network.layers) - 1)
    fewest = f"{hidden} hidden units, 2 for every doubling of the inputs; that no network has fewer is not claimed."
    return _parity(network, weights, _WHY_FOLDED, fewest)


_ODD = "an odd number of inputs is 1 (parity)"

_WHY_TANH = (
    "One wide tanh is nearly a straight line that rises by 2 from each whole sum to the next; after every odd sum a "
    "steep tanh steps down by 4. So sums of 0, 1, 2, 3 ... give about -1, +1, -1, +1 ... before the output's tanh."
)
_WHY_RELU = (
    "Each relu unit bends the line over the sum of the inputs once, at a whole number, so that it goes down and up "
    "between below 0 at the even sums and above 0 at the odd ones."
)
_WHY_FOLDED = (
    "Each hidden layer folds the sum in the middle: relu(s - m) and relu(m - s) add up to |s - m|, which is odd where "
    "s is odd, as long as m is even. After the last fold, at 1, an odd sum has become 0 and an even one 1."
)

_ONE_IS_TOO_FEW = (
    "{count} hidden units are the fewest: with one, the output is above 0 on one side of a plane, and no plane parts "
    "00 and 11 from 01 and 10."
)


def _fewest_tanh(inputs: int) -> str:
    units = inputs // 2 + 1
    if units == 2:
        return _ONE_IS_TOO_FEW.format(count=2)
    return (
        f"{units} hidden units, half of the inputs and one more, are the fewest known for one hidden layer "
        "(Setiono, 1997); that fewer cannot do it is proved here only up to 3 inputs."
    )


def _fewest_relu(inputs: int) -> str:
    if inputs == 2:
        return _ONE_IS_TOO_FEW.format(count=2)
    if inputs == 3:
        return "3 hidden units are the fewest in one hidden layer; core/model/parity.py says why 2 cannot do it."
    if inputs == 4:
        return "3 hidden units are the fewest in one hidden layer: 2 cannot even do it for 3 inputs."
    return (
        f"{inputs - 1} hidden units are the fewest in one hidden layer that weighs all inputs alike: k bends make "
        f"k + 1 pieces, which cross 0 at most k + 1 times, and {inputs} crossings are needed. "
        "Whether different weights can do with fewer is not known here."
    )


def _parity(network: Network, weights: Weights, why: str, fewest: str) -> RightModel:
    truths = tuple(ones % 2 == 1 for ones in range(network.inputs + 1))
    rule, between = f"+1 where {_ODD}, else -1", _between(network.inputs)
    return RightModel(rule, network, weights, why, fewest, between, ByCount(truths))


def _at_least(what: str, inputs: int, least: int, tie: int | None = None) -> RightModel:
    """Return one unit that tells ``least`` ones or more from fewer."""
    _require_inputs(inputs)
    middle = least - 0.5
    network, weights = _one_unit((1.0,) * inputs, -middle)
    why = (
        f"With a kernel of ones the weighted sum is how many inputs are 1; the bias puts the boundary at {middle:g}, "
        f"in the middle between {least - 1} and {least}."
    )
    between = f"Between the corners the output is above 0 where the sum of the inputs is above {middle:g}."
    truths = tuple(ones >= least for ones in range(inputs + 1))
    return RightModel(f"+1 where {what}, else -1", network, weights, why, NO_HIDDEN, between, ByCount(truths, tie))


def _between(inputs: int) -> str:
    times = count(inputs, "time")
    return (
        f"Between the corners the output depends on the sum of the inputs alone, and changes its sign {times} as the "
        f"sum goes from 0 to {inputs}."
    )


def _one_unit(kernel: tuple[float, ...], bias: float) -> tuple[Network, Weights]:
    network = Network.chain(len(kernel), (Dense("output", 1, "tanh"),))
    return network, Weights.for_network(network, [([[value] for value in kernel], [bias])])


def _float32(threshold: float) -> float:
    """Return the threshold as the bias holds it."""
    with np.errstate(over="ignore"):
        kept = float(np.float32(threshold))
    if not np.isfinite(kept):
        raise Refused(f"expected a threshold that float32 holds (up to 3.4e38), got {threshold:g}")
    return kept


def _as_kept(threshold: float) -> str:
    kept = _float32(threshold)
    return "" if kept == threshold else f" The threshold is the float32 nearest to {threshold:g}, {kept!r}."


def _require_inputs(inputs: int) -> None:
    require_between("inputs", inputs, 1, MAX_INPUTS)


def _require_activation(activation: str) -> None:
    if activation not in ACTIVATIONS:
        raise Refused(f"expected hidden units of {' or '.join(ACTIVATIONS)}, got {shorten(activation)!r}")


class Wanted(msgspec.Struct, frozen=True):
    """What is asked for when a model is built from a rule; a rule uses some of it. ``place`` counts from 1."""

    inputs: int = 2
    threshold: float = 0.5
    place: int = 1
    activation: str = "tanh"


@dataclass(frozen=True)
class Rule:
    """One rule that a model can be built from: its name, the fields of :class:`Wanted` that it uses, and how."""

    name: str
    uses: tuple[str, ...]
    build: Callable[[Wanted], RightModel]


RULES = (
    Rule("sum > t", ("inputs", "threshold"), lambda wanted: sum_above(wanted.inputs, wanted.threshold)),
    Rule(
        "x_i > t",
        ("inputs", "place", "threshold"),
        lambda wanted: input_above(wanted.inputs, wanted.place, wanted.threshold),
    ),
    Rule("AND", ("inputs",), lambda wanted: all_of(wanted.inputs)),
    Rule("OR", ("inputs",), lambda wanted: any_of(wanted.inputs)),
    Rule("XOR", ("activation",), lambda wanted: exclusive_or(wanted.activation)),
    Rule("majority", ("inputs",), lambda wanted: majority(wanted.inputs)),
    Rule("parity", ("inputs", "activation"), lambda wanted: odd(wanted.inputs, wanted.activation)),
    Rule("parity, folded", ("inputs",), lambda wanted: odd_folded(wanted.inputs)),
)
"""Every rule, in the order in which a screen offers them."""
