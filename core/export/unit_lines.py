"""The lines that made one unit's output, as one writes them: products, their values, the sum, what is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.activations import OVER_ALL_UNITS
from core.calculation.spot import Kind, Spot
from core.calculation.symbols import name, symbols
from core.calculation.unfold import ends, plus, times
from core.export.explanation import BLANK
from core.model.network import Pooling

if TYPE_CHECKING:
    from core.export.explanation import Explanation


def unit_lines(explanation: Explanation, place: int, unit: int) -> list[str]:
    """Return how the pre-activation of ``unit`` was made, and then its output; of pooling, the numbers to choose from.

    Of many products those in the middle are counted and added up. A layer that takes its inputs one by one has no
    lines.
    """
    step, written = explanation.trace.steps[place], explanation.written
    if step.kernel is None:
        return [_largest(explanation, place, unit)] if isinstance(step.layer, Pooling) else []
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
        argument = f"z{unit + 1}"
        if step.activation in OVER_ALL_UNITS:
            argument = "z" if len(step.shape) == 1 else "z of its place"
        applied = f" = {step.activation}({argument})" if step.activation != "linear" else ""
        lines.append(f"{made}{applied}{_result(explanation, Spot(place, Kind.OUTPUT, unit))}")
    return lines


def _result(explanation: Explanation, spot: Spot) -> str:
    """Return what a line ends in; what was put in a result's place is no result."""
    return f"{' changed to' if spot in explanation.changed else ' ='} {explanation.written(spot)}"


def _products(explanation: Explanation, place: int, unit: int) -> tuple[list[str], list[str]]:
    """Return every product as two numbers and as one."""
    written, step = explanation.written, explanation.trace.steps[place]
    made, rows = explanation.products(step, unit), step.connections(unit).tolist()
    at = ends(made.size)
    factors = [
        times(written(Spot(place, Kind.WEIGHT, unit, rows[term])), written(Spot(place, Kind.INPUT, unit, rows[term])))
        for term in at
    ]
    terms = [explanation.notation(made[term]) for term in at]
    if len(at) < made.size:
        rest = explanation.notation(made.sum() - made[at].sum())
        middle = f"({made.size - len(at):,} more products: {rest})"
        factors.insert(len(at) // 2, middle)
        terms.insert(len(at) // 2, middle)
    return factors, terms


def _largest(explanation: Explanation, place: int, unit: int) -> str:
    """Return the line of an output that is the largest of what lies under a window."""
    step, output = explanation.trace.steps[place], Spot(place, Kind.OUTPUT, unit)
    made = name(symbols(explanation.network, place).output, unit, step.output.size)
    return f"{made} = max({', '.join(candidates(explanation, place, unit))}){_result(explanation, output)}"


def candidates(explanation: Explanation, place: int, unit: int) -> list[str]:
    """Return the numbers of which the largest is chosen; of many, the middle ones are counted, with their largest."""
    step = explanation.trace.steps[place]
    rows = step.connections(unit).tolist()
    at = ends(len(rows))
    texts = [explanation.written(Spot(place, Kind.INPUT, input=rows[term])) for term in at]
    if len(at) < len(rows):
        between = [row for term, row in enumerate(rows) if term not in at]
        most = explanation.notation(step.inputs[between].max())
        texts.insert(len(at) // 2, f"({len(between):,} more, at most {most})")
    return texts
