"""One output number of one step, unfolded into the line that made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.formatting import number
from core.operations.rounding import Carry, Rounding

if TYPE_CHECKING:
    from core.calculation.forward import Step

MAX_TERMS = 12
"""How many products a line writes out in full."""

ENDS = 2
"""Of a longer line, how many products are written out at either end; those between are counted and summed."""


@dataclass(frozen=True)
class Line:
    """The calculation of one unit in three expressions, each equal to the next, and the result.

    ``factors`` is every product with its two numbers, ``terms`` every product as one number, ``result`` the
    pre-activation; ``output`` is what the activation makes of it.
    """

    symbol: str
    factors: str
    terms: str
    pre_activation: str
    output: str


def unit_line(step: Step, unit: int, rounding: Rounding, digits: int) -> Line:
    """Return the calculation of ``unit``'s output in ``step``: every product, the sum, the bias, the result."""
    output = number(step.output[unit], digits)
    symbol = f"z{unit + 1}"
    rows = step.connections(unit)
    if step.kernel is None:
        value = _chosen([number(step.inputs[row], digits) for row in rows])
        # A what-if may have put another number in the place of the pre-activation.
        z = step.inputs[rows].max() if step.pre_activation is None else step.pre_activation[unit]
        return Line(symbol, value, value, number(z, digits), output)
    made = step.products(unit, Carry(rounding, digits))
    written = ends(made.size)
    pairs = [(step.kernel[row, unit], step.inputs[row]) for row in rows[written]]
    factors = [times(number(weight, digits), number(value, digits)) for weight, value in pairs]
    terms = [number(made[place], digits) for place in written]
    if len(written) < made.size:
        rest = number(made.sum() - made[written].sum(), digits)
        middle = f"({made.size - len(written):,} more products: {rest})"
        factors.insert(len(written) // 2, middle)
        terms.insert(len(written) // 2, middle)
    bias = [] if step.bias is None else [number(step.bias[unit], digits)]
    z = step.output[unit] if step.pre_activation is None else step.pre_activation[unit]
    return Line(symbol, plus(factors + bias), plus(terms + bias), number(z, digits), output)


def _chosen(texts: list[str]) -> str:
    """Return a number that is passed on, or several of which the largest is chosen."""
    if len(texts) == 1:
        return texts[0]
    written = [texts[place] for place in ends(len(texts))]
    if len(written) < len(texts):
        written.insert(len(written) // 2, f"({len(texts) - len(written):,} more)")
    return f"max({', '.join(written)})"


def times(first: str, second: str) -> str:
    """Return a product as one writes it on paper, a negative factor in brackets."""
    return "*".join(f"({text})" if text.startswith("-") else text for text in (first, second))


def plus(parts: list[str]) -> str:
    """Join with plus signs; a negative part is subtracted, as one writes it on paper."""
    line = parts[0]
    for part in parts[1:]:
        line += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
    return line


def ends(size: int, most: int = MAX_TERMS) -> list[int]:
    """Return the places of the products that are written out: all up to ``most``, or the first and last few."""
    if size <= most:
        return list(range(size))
    return [*range(ENDS), *range(size - ENDS, size)]
