"""The lines that made one unit's output, as one writes them: products, their values, the sum, what is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.activations import OVER_ALL_UNITS
from core.calculation.spot import Kind, Spot
from core.calculation.symbols import name, symbols
from core.calculation.unfold import ends, plus, times
from core.export.explanation import BLANK

if TYPE_CHECKING:
    from core.export.explanation import Explanation


def unit_lines(explanation: Explanation, place: int, unit: int) -> list[str]:
    """Return how the pre-activation of ``unit`` of a Dense layer was made, and then its output.

    Of many products those in the middle are counted and added up.
    """
    step, written = explanation.trace.steps[place], explanation.written
    total, z = Spot(place, Kind.SUM, unit), Spot(place, Kind.Z, unit)
    factors, terms = _products(explanation, place, unit)
    lines = []
    if total in explanation.changed:
        lines.append(f"s{unit + 1} = {plus(factors)} = {plus(terms)}{_result(explanation, total)}")
        factors = terms = [written(total)]
    bias = [] if step.bias is None else [written(Spot(place, Kind.BIAS, unit))]
    sums = [f" = {plus(parts + bias)}" for parts in (factors, terms)]
    # The products would give away what is to be found.
    given_away = BLANK in (written(total), written(z)) or BLANK in sums[0]
    sums = sums[:1] if given_away or sums[0] == sums[1] else sums
    lines.append(f"z{unit + 1}{''.join(sums)}{_result(explanation, z)}")
    if unit < step.output.size:
        made = name(symbols(explanation.network, place).output, unit, step.output.size)
        argument = "z" if step.activation in OVER_ALL_UNITS else f"z{unit + 1}"
        applied = f" = {step.activation}({argument})" if step.activation != "linear" else ""
        lines.append(f"{made}{applied}{_result(explanation, Spot(place, Kind.OUTPUT, unit))}")
    return lines


def _result(explanation: Explanation, spot: Spot) -> str:
    """Return what a line ends in; what was put in a result's place is no result."""
    return f"{' changed to' if spot in explanation.changed else ' ='} {explanation.written(spot)}"


def _products(explanation: Explanation, place: int, unit: int) -> tuple[list[str], list[str]]:
    """Return every product as two numbers and as one."""
    written = explanation.written
    made = explanation.products(explanation.trace.steps[place], unit)
    rows = ends(made.size)
    factors = [
        times(written(Spot(place, Kind.WEIGHT, unit, row)), written(Spot(place, Kind.INPUT, unit, row))) for row in rows
    ]
    terms = [explanation.notation(made[row]) for row in rows]
    if len(rows) < made.size:
        rest = explanation.notation(made.sum() - made[rows].sum())
        middle = f"({made.size - len(rows):,} more products: {rest})"
        factors.insert(len(rows) // 2, middle)
        terms.insert(len(rows) // 2, middle)
    return factors, terms
