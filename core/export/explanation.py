"""A chain's calculation as worksheets take it, with the one way in which its numbers are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.calculation.spot import Kind, Spot, value
from core.export.latex_text import BLANK as BLANK
from core.operations.rounding import Carry, Rounding

if TYPE_CHECKING:
    from core.arrays import Array
    from core.calculation.forward import Step, Trace
    from core.formatting import Notation
    from core.model.network import Network

Written = Callable[[Spot], str]
"""How one number of a calculation is written, wherever it stands: with its digits or, in a worksheet, as a blank."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """A calculation to be written: every number of it as ``written`` says.

    ``task`` is what a worksheet tells a learner to do, in the place of how the numbers were rounded.
    """

    network: Network
    trace: Trace
    rounding: Rounding
    notation: Notation
    written: Written
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


def explain_trace(network: Network, trace: Trace, rounding: Rounding, notation: Notation) -> Explanation:
    """Return the explanation of a calculation that was made already."""
    return Explanation(network, trace, rounding, notation, lambda spot: notation(value(trace, spot)))
