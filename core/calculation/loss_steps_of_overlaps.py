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

    Overlap = Callable[..., Written]


def _dice(paper: Paper, labels: Sequence[Written], outputs: Sequence[Written], **_: int | None) -> Written:
    i = _sum(paper, "i", "{}*{}", labels, outputs, [y.value * p.value for y, p in _pairs(labels, outputs)])
    template, parts = paper.plus([*labels, *outputs])
    d = paper.line_in_full("d", f"{template} + 1e-7", parts, _total(labels) + _total(outputs) + EPSILON)
    return paper.line("L", "1 - 2*{} / {}", [i, d], 1.0 - 2.0 * i.value / d.value)


def _tversky(
    paper: Paper, labels: Sequence[Written], outputs: Sequence[Written], alpha: float, beta: float, **_: int | None
) -> Written:
    pairs = _pairs(labels, outputs)
    i = _sum(paper, "i", "{}*{}", labels, outputs, [y.value * p.value for y, p in pairs])
    u = _sum(paper, "u", "{}*(1 - {})", labels, outputs, [y.value * (1.0 - p.value) for y, p in pairs])
    v = _sum(paper, "v", "(1 - {})*{}", labels, outputs, [(1.0 - y.value) * p.value for y, p in pairs])
    total = i.value + alpha * u.value + beta * v.value + EPSILON
    parts = ("{}/2" if share == 0.5 else f"{share:g}*{{}}" for share in (alpha, beta))
    d = paper.line_in_full("d", f"{{}} + {' + '.join(parts)} + 1e-7", [i, u, v], total)
    return paper.line("L", "1 - {} / {}", [i, d], 1.0 - i.value / d.value)


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
"""Keras's name -> what writes the steps for the labels and outputs of a row, with its settings."""
