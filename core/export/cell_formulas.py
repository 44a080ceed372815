"""Every activation as a formula of spreadsheets, with the rows between that some need; none overflows.

The formulas are those of the Keras 3 documentation ("Layer activation functions"); sparsemax's threshold is the largest
of (sum of the k largest z - 1) / k, which follows from "From Softmax to Sparsemax" (Martins and Astudillo, 2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.activations import SELU_ALPHA, SELU_SCALE

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array


@dataclass(frozen=True)
class Between:
    """A row between pre-activations and outputs: what it is called, each unit's formula, and its values for z."""

    heading: str
    formula: str
    values: Callable[[Array], Array]


@dataclass(frozen=True)
class CellFormula:
    """The formula of one output cell. ``{z}`` is the unit's pre-activation, ``{all}`` all of them, ``{k}`` its number.

    ``{a}`` and ``{b}`` are the unit's cells in the first and second row between, ``{all_a}`` and ``{all_b}`` those
    rows, ``{to_a}`` the first one as far as this unit, and ``{gate}`` the pre-activation half a layer further on.
    """

    output: str
    between: tuple[Between, ...] = ()


def _exponentials(z: Array) -> Array:
    return np.asarray(np.exp(z - z.max()))


def _ordered(z: Array) -> Array:
    return -np.sort(-z)


def _thresholds(z: Array) -> Array:
    return np.asarray((np.cumsum(_ordered(z)) - 1.0) / np.arange(1, z.size + 1))


# Beyond 700, exp overflows in a spreadsheet; there the result is 0 or 1 to more digits than a cell has.
_SIGMOID = "1/(1+EXP(-MAX({},-700)))"
_SOFTPLUS = "(MAX({z},0)+LN(1+EXP(-ABS({z}))))"
_HARD_SIGMOID = "MIN(MAX({z}/6+0.5,0),1)"
_SHIFTED = Between("exp(z - largest z)", "EXP({z}-MAX({all}))", _exponentials)
_KTH = Between("k-th largest z", "LARGE({all},{k})", _ordered)
_THRESHOLD = Between("(sum of k largest - 1) / k", "(SUM({to_a})-1)/{k}", _thresholds)

CELL_FORMULAS = {
    "linear": CellFormula("{z}"),
    "tanh": CellFormula("TANH({z})"),
    "sigmoid": CellFormula(_SIGMOID.format("{z}")),
    "relu": CellFormula("MAX({z},0)"),
    "softmax": CellFormula("{a}/SUM({all_a})", (_SHIFTED,)),
    "celu": CellFormula("IF({z}>0,{z},EXP({z})-1)"),
    "elu": CellFormula("IF({z}>0,{z},EXP({z})-1)"),
    "exponential": CellFormula("EXP({z})"),
    "gelu": CellFormula("{z}*(1+ERF({z}/SQRT(2)))/2"),
    "glu": CellFormula("{z}*" + _SIGMOID.format("{gate}")),
    "hard_shrink": CellFormula("IF(ABS({z})>0.5,{z},0)"),
    "hard_sigmoid": CellFormula(_HARD_SIGMOID),
    "hard_silu": CellFormula("{z}*" + _HARD_SIGMOID),
    "hard_swish": CellFormula("{z}*" + _HARD_SIGMOID),
    "hard_tanh": CellFormula("MIN(MAX({z},-1),1)"),
    "leaky_relu": CellFormula("IF({z}>0,{z},0.2*{z})"),
    "log_sigmoid": CellFormula("MIN({z},0)-LN(1+EXP(-ABS({z})))"),
    "log_softmax": CellFormula("{z}-MAX({all})-LN(SUM({all_a}))", (_SHIFTED,)),
    "mish": CellFormula("{z}*TANH" + _SOFTPLUS),
    "relu6": CellFormula("MIN(MAX({z},0),6)"),
    "selu": CellFormula(f"{SELU_SCALE!r}*IF({{z}}>0,{{z}},{SELU_ALPHA!r}*(EXP({{z}})-1))"),
    "silu": CellFormula("{z}*" + _SIGMOID.format("{z}")),
    "swish": CellFormula("{z}*" + _SIGMOID.format("{z}")),
    "soft_shrink": CellFormula("IF({z}>0.5,{z}-0.5,IF({z}<-0.5,{z}+0.5,0))"),
    "softplus": CellFormula(_SOFTPLUS),
    "softsign": CellFormula("{z}/(1+ABS({z}))"),
    "sparse_plus": CellFormula("IF({z}<=-1,0,IF({z}<1,({z}+1)^2/4,{z}))"),
    "sparse_sigmoid": CellFormula("MIN(MAX(({z}+1)/2,0),1)"),
    "sparsemax": CellFormula("MAX({z}-MAX({all_b}),0)", (_KTH, _THRESHOLD)),
    "squareplus": CellFormula("({z}+SQRT({z}^2+4))/2"),
    "tanh_shrink": CellFormula("{z}-TANH({z})"),
}
"""Keras's name -> the formula."""
