"""What a printed line comes to, read back from its text: the second witness to the signs that lines have."""

from __future__ import annotations

import ast
import operator
import re
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from core.activations import ACTIVATIONS, OVER_ALL_UNITS

if TYPE_CHECKING:
    from collections.abc import Callable

    Number = Fraction | float

GROUP = re.compile(r"\([\d,]+ more[^:()]*: ([^()]+)\)|\([\d,]+ more, at most ([^()]+)\)")
"""What is counted in the middle of a long line, with the number that it comes to."""

SIZE = re.compile(r"\|([^|]+)\|")

OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}

CALLED: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "cosh": np.cosh,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
}


def comes_to(text: str) -> Number | None:
    """Return what an expression of printed numbers comes to, exactly where no function is in it; None if unknown."""
    plain = SIZE.sub(r"abs(\1)", GROUP.sub(lambda group: f"({group[1] or group[2]})", text)).replace("^", "**")
    try:
        return _value(ast.parse(plain.strip(), mode="eval").body, plain.strip())
    except (SyntaxError, ValueError, ZeroDivisionError, LookupError):
        return None


def _value(node: ast.expr, text: str) -> Number:
    match node:
        case ast.Constant(value=int() | float()):
            return Fraction(ast.get_source_segment(text, node) or "")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, text)
        case ast.BinOp(left, operation, right):
            return OPERATORS[type(operation)](_value(left, text), _value(right, text))
        case ast.Call(ast.Name("max"), arguments, []):
            return max(_value(argument, text) for argument in arguments)
        case ast.Call(ast.Name(name), [argument], []):
            return _applied(name, float(_value(argument, text)))
    raise ValueError(text)


def _applied(name: str, argument: float) -> float:
    with np.errstate(all="ignore"):
        if name in CALLED:
            return float(CALLED[name](argument))
        if name in OVER_ALL_UNITS:
            raise LookupError(name)
        return float(ACTIVATIONS[name].function(np.array([argument]))[0])
