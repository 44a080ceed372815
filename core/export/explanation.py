"""Explanation: one calculation as every format takes it, with the one way in which its numbers are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from core.calculation.forward import Forced, Part
from core.calculation.spot import CALCULATED, Kind, Spot, symbol, value
from core.calculation.weight_places import weight_spot, where_first
from core.calculation.what_if import WhatIf
from core.calculation.written_out import require_written_out
from core.errors import shorten
from core.export.latex_text import BLANK as BLANK
from core.formatting import Notation, count
from core.operations.rounding import Carry, Rounding

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import Array, KerasArray
    from core.calculation.agreement import Agreement
    from core.calculation.forward import Step, Trace
    from core.model.network import Network
    from core.model.weights import Weights

Written = Callable[[Spot], str]
"""How one number of a calculation is written, wherever it stands: with its digits or, in a worksheet, as a blank."""

KINDS = {Part.WEIGHTED_SUM: Kind.SUM, Part.PRE_ACTIVATION: Kind.Z, Part.OUTPUT: Kind.OUTPUT}

ORDER = {kind: place for place, kind in enumerate(CALCULATED)}

MOST_CHANGED = 8
"""How many changed numbers are named."""

NOTHING: WhatIf = WhatIf()


@dataclass(frozen=True, eq=False)
class Explanation:
    """A calculation to be written: every number of it as ``written`` says, and Keras's prediction if there is one.

    ``forced`` are numbers that were put in the place of calculated ones, ``changed`` all that differ from the model's.
    ``exact`` is the calculation without rounding, and ``agreement`` how its steps compare with Keras's, if asked for.
    ``task`` is what a worksheet tells a learner to do, in the place of how the numbers were rounded.
    """

    network: Network
    trace: Trace
    rounding: Rounding
    notation: Notation
    written: Written
    keras: Float[KerasArray, "outputs"] | None = None
    forced: Forced = field(default_factory=lambda: MappingProxyType({}))
    changed: tuple[Spot, ...] = ()
    exact: Trace | None = None
    agreement: Agreement | None = None
    task: str = ""

    @property
    def digits(self) -> int:
        """How many decimal places are written."""
        return self.notation.digits

    @property
    def prediction(self) -> list[Spot]:
        """The places of the last layer's outputs."""
        last = len(self.trace.steps) - 1
        return [Spot(last, Kind.OUTPUT, unit) for unit in range(self.trace.prediction.size)]

    def products(self, step: Step, unit: int) -> Array:
        """Return the products, one for each of the step's connections, whose sum is the weighted sum of ``unit``."""
        return step.products(unit, Carry(self.rounding, self.digits))

    def is_changed(self, spot: Spot) -> bool:
        """Return whether the number at ``spot`` differs from the model's; a convolution's stand at many places."""
        return bool(self.changed) and where_first(self.network, spot) in self.changed


def explain_trace(
    network: Network,
    trace: Trace,
    rounding: Rounding,
    notation: Notation,
    keras: Float[KerasArray, "outputs"] | None = None,
) -> Explanation:
    """Return the explanation of a calculation that was made already, of which nothing was changed."""
    return Explanation(network, trace, rounding, notation, in_digits(trace, notation), keras)


def explain(
    network: Network,
    weights: Weights,
    x: Float[Array, "inputs"],
    rounding: Rounding,
    notation: Notation,
    keras: Float[KerasArray, "outputs"] | None = None,
    what_if: WhatIf = NOTHING,
) -> Explanation:
    """Calculate one point and return the explanation; Keras, which knows nothing of a what-if, is left out of one.

    Raises:
        Refused: ``x`` has another number of inputs than the network, or a layer is too large to be written out.
    """
    require_written_out(network)
    trace = what_if.trace(network, weights, x, rounding, notation.digits)
    keras, changed = None if what_if else keras, _changed(network, what_if)
    written = Carry(rounding, notation.digits)
    forced = {where: float(written(number)) for where, number in what_if.parts.items()}
    return Explanation(network, trace, rounding, notation, in_digits(trace, notation), keras, forced, changed)


def in_digits(trace: Trace, notation: Notation) -> Written:
    """Return the plain way of writing the numbers of ``trace``."""
    return lambda spot: notation(value(trace, spot))


def _changed(network: Network, what_if: WhatIf) -> tuple[Spot, ...]:
    inputs = [Spot(0, Kind.INPUT, input=unit) for unit in what_if.x]
    found = [weight_spot(network, place, at) for place, array, at in what_if.arrays if array == 0]
    weights = [spot for spot in found if spot is not None]
    biases = [Spot(place, Kind.BIAS, at[0]) for place, array, at in what_if.arrays if array == 1]
    parts = [Spot(place, KINDS[part], unit) for place, part, unit in what_if.parts]
    return tuple(inputs + weights + biases + sorted(parts, key=lambda spot: (spot.step, ORDER[spot.kind], spot.unit)))


def changed_words(explanation: Explanation) -> str:
    """Return a sentence on what was changed before this was calculated; empty if nothing was."""
    named = [
        f"{symbol(explanation.network, spot)} of {shorten(explanation.network.layers[spot.step].name)}"
        if spot.kind is not Kind.INPUT
        else symbol(explanation.network, spot)
        for spot in explanation.changed[:MOST_CHANGED]
    ]
    if len(explanation.changed) > MOST_CHANGED:
        named.append(count(len(explanation.changed) - MOST_CHANGED, "more number"))
    return f"changed by hand, so this is not the model's own calculation: {', '.join(named)}" if named else ""
