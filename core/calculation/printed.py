"""Printed: whether the printed numbers on one side of an equals sign come to what is printed on the other.

Of rounded numbers it does not always: 0.0974 + 0.1157 + 0.2145 is 0.4276 where the calculation, which has more digits,
comes to 0.4277. There the sign is ``~=``.
"""

from __future__ import annotations

import ast
import operator
import re
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from core.activations import ACTIVATIONS, OVER_ALL_UNITS
from core.decimals import rounded
from core.formatting import EXPONENT_FROM, number

if TYPE_CHECKING:
    from collections.abc import Callable

    Number = Fraction | float

EQUALS, ABOUT = "=", "~="

MARK = "~"
"""Stands in a table before a number that is not what the printed ones beside it come to."""

LEGEND = "~ and ~=: what is printed is rounded, and comes to another last digit"

CARRIED = "rounding carried adds up as printed"
"""What a person can do about that."""

MOST_POWER = 64
"""The largest power that stands in a line."""

_GROUP = re.compile(r"\([\d,]+ more[^:()]*: ([^()]+)\)|\([\d,]+ more, at most ([^()]+)\)")
"""What is counted in the middle of a long line, with the number that it comes to."""

_SIZE = re.compile(r"\|([^|]+)\|")

_OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}

_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "cosh": np.cosh,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
}


def sign(text: str, result: str) -> str:
    """Return the sign between an expression of printed numbers and the printed ``result``.

    It is ``~=`` where the expression comes to another number when that is rounded to as many digits, and ``=`` where it
    does not, or where there is no telling: what is blank, infinite or no number.
    """
    made = comes_to(text)
    return EQUALS if made is None or comes_out(made, result) else ABOUT


def comes_out(made: Number, result: str) -> bool:
    """Return whether a number is printed as ``result``, with as many decimal places."""
    try:
        wanted = Fraction(result)
    except ValueError:
        return True
    if not isfinite(made):
        return False
    if "/" in result:
        return made == wanted
    digits = len(result.partition("e")[0].partition(".")[2])
    if isinstance(made, Fraction) and abs(made) < EXPONENT_FROM:
        unit: int = 10**digits
        units = int(2 * abs(made) * unit + 1) // 2
        return wanted * unit == (units if made >= 0 else -units)
    value = float(made)
    if abs(value) >= EXPONENT_FROM:
        return number(value, digits) == result
    return float(rounded(value, digits)) == float(wanted)


def comes_to(text: str) -> Number | None:
    """Return what an expression of printed numbers comes to, exactly where no function is in it; None if unknown."""
    plain = _SIZE.sub(r"abs(\1)", _GROUP.sub(lambda group: f"({group[1] or group[2]})", text)).replace("^", "**")
    try:
        return _value(ast.parse(plain.strip(), mode="eval").body, plain.strip())
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, LookupError, RecursionError):
        return None


def _value(node: ast.expr, text: str) -> Number:
    match node:
        case ast.Constant(value=int() | float()):
            return Fraction(ast.get_source_segment(text, node) or "")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, text)
        case ast.BinOp(left, ast.Pow(), ast.Constant(value=int(power))) if power <= MOST_POWER:
            return _value(left, text) ** power
        case ast.BinOp(left, operation, right):
            return _OPERATORS[type(operation)](_value(left, text), _value(right, text))
        case ast.Call(ast.Name("max"), arguments, []):
            return max(_value(argument, text) for argument in arguments)
        case ast.Call(ast.Name(name), [argument], []):
            return _applied(name, float(_value(argument, text)))
    raise ValueError(text)


def _applied(name: str, argument: float) -> float:
    with np.errstate(all="ignore"):
        if name in _FUNCTIONS:
            return float(_FUNCTIONS[name](argument))
        if name in OVER_ALL_UNITS:
            raise LookupError(name)
        return float(ACTIVATIONS[name].function(np.array([argument]))[0])
