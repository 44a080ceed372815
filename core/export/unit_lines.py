"""The lines that made one unit's output, as one writes them: products, their values, the sum, what is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.activations import OVER_ALL_UNITS
from core.calculation.printed import sign, sign_of_all
from core.calculation.spot import Kind, Spot
from core.calculation.symbols import name, symbols
from core.calculation.unfold import ends, plus, times
from core.export.explanation import BLANK
from core.export.signs import output_sign
from core.layers.pooling import Pooling
from core.operations.rounding import Rounding

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
    bias = [] if step.bias is None else [written(Spot(place, Kind.BIAS, unit))]
    sums = [plus(parts + bias) for parts in (factors, terms)]
    # The products would give away what is to be found.
    given_away = BLANK in (written(total), written(z)) or BLANK in sums[0]
    if given_away or sums[0] == sums[1]:
        # Whoever rounds each product adds up the rounded ones.
        by_terms = explanation.rounding is Rounding.CARRIED and BLANK not in sums[0]
        lines.append(f"z{unit + 1} = {sums[0]} {sign(sums[int(by_terms)], written(z))} {written(z)}")
    else:
        rounds = sign_of_all(zip(factors, terms, strict=True))
        lines.append(f"z{unit + 1} = {sums[0]} {rounds} {sums[1]} {sign(sums[1], written(z))} {written(z)}")
    if unit < step.output.size:
        lines.append(_activated(explanation, place, unit))
    return lines


def _activated(explanation: Explanation, place: int, unit: int) -> str:
    """Return what is made of a pre-activation."""
    step, output = explanation.trace.steps[place], Spot(place, Kind.OUTPUT, unit)
    made = name(symbols(explanation.network, place).output, unit, step.output.size)
    argument = f"z{unit + 1}"
    if step.activation in OVER_ALL_UNITS:
        argument = "z" if len(step.shape) == 1 else "z of its place"
    applied = f" = {step.activation}({argument})" if step.activation != "linear" else ""
    return f"{made}{applied} {output_sign(explanation, place, unit)} {explanation.written(output)}"


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
    chosen = f"max({', '.join(candidates(explanation, place, unit))})"
    written = explanation.written(output)
    return f"{made} = {chosen} {sign(chosen, written)} {written}"


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
