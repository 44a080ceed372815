"""The steps on paper of the losses that are one number for a whole batch, here the batch of one row.

The formulas are those of the Keras 3 documentation ("Dice" and "Tversky").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.paper import Written, enclosed
from core.losses import EPSILON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.calculation.paper import Paper
    from core.losses import Loss

    Overlap = Callable[..., Written]


def overlap(paper: Paper, loss: Loss, labels: Sequence[Written], outputs: Sequence[Written]) -> Written:
    """Write the loss of a row; where there is one for each output, that of each by itself, and their mean or sum."""
    steps, settings = OF_OVERLAPS[loss.name], loss.settings
    settings.pop("axis")
    if not loss.of_columns or len(outputs) == 1:
        return steps(paper, labels, outputs, "", "L", **settings)
    parts = [
        steps(paper, [y], [yhat], f"{place}", f"l{place}", **settings)
        for place, (y, yhat) in enumerate(_pairs(labels, outputs), start=1)
    ]
    template, terms = paper.plus(parts)
    if loss.sums_columns:
        return paper.line("L", template, terms, float(_total(parts)))
    return paper.line("L", f"({template}) / {len(parts)}", terms, float(_total(parts)) / len(parts))


def _dice(paper: Paper, labels: Sequence[Written], outputs: Sequence[Written], tag: str, symbol: str) -> Written:
    i = _sum(paper, f"i{tag}", "{}*{}", labels, outputs, [y.value * p.value for y, p in _pairs(labels, outputs)])
    template, parts = paper.plus([*labels, *outputs])
    d = paper.line_in_full(f"d{tag}", f"{template} + 1e-7", parts, _total(labels) + _total(outputs) + EPSILON)
    return paper.line(symbol, "1 - 2*{} / {}", [i, d], 1.0 - 2.0 * i.value / d.value)


def _tversky(
    paper: Paper,
    labels: Sequence[Written],
    outputs: Sequence[Written],
    tag: str,
    symbol: str,
    alpha: float,
    beta: float,
) -> Written:
    pairs = _pairs(labels, outputs)
    i = _sum(paper, f"i{tag}", "{}*{}", labels, outputs, [y.value * p.value for y, p in pairs])
    u = _sum(paper, f"u{tag}", "{}*(1 - {})", labels, outputs, [y.value * (1.0 - p.value) for y, p in pairs])
    v = _sum(paper, f"v{tag}", "(1 - {})*{}", labels, outputs, [(1.0 - y.value) * p.value for y, p in pairs])
    total = i.value + alpha * u.value + beta * v.value + EPSILON
    parts = ("{}/2" if share == 0.5 else f"{share:g}*{{}}" for share in (alpha, beta))
    d = paper.line_in_full(f"d{tag}", f"{{}} + {' + '.join(parts)} + 1e-7", [i, u, v], total)
    return paper.line(symbol, "1 - {} / {}", [i, d], 1.0 - i.value / d.value)


def _pairs(labels: Sequence[Written], outputs: Sequence[Written]) -> list[tuple[Written, Written]]:
    return list(zip(labels, outputs, strict=True))


def _total(terms: Sequence[Written]) -> np.float64:
    return np.float64(np.sum([term.value for term in terms]))


def _sum(
    paper: Paper,
    symbol: str,
    term: str,
    labels: Sequence[Written],
    outputs: Sequence[Written],
    values: Sequence[np.float64],
) -> Written:
    """Write the sum of a ``term`` of label and output over the outputs."""
    terms = [
        Written(term.format(y.symbol, p.symbol), value, term.format(y.text, enclosed(p.text)))
        for (y, p), value in zip(_pairs(labels, outputs), values, strict=True)
    ]
    return paper.line(symbol, *paper.plus(terms), np.sum(values))


OF_OVERLAPS: dict[str, Overlap] = {"dice": _dice, "tversky": _tversky}
"""Keras's name -> what writes the steps for the labels and outputs of a row, with its settings but the axis."""
