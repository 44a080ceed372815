"""Arithmetic as a person types it into a cell, such as ``w*2`` or ``1/3``: read by a parser, calculated over arrays.

The grammar is Python's for these operators: ``^`` is another way to write ``**``, which binds tighter than a minus
before it and goes from right to left. The parser is a Pratt parser ("Top down operator precedence", Pratt, 1973)
that writes the operations down in the order in which they are done, so that calculating needs no recursion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.editing.held import held, place_name
from core.editing.operations import CELL, FUNCTIONS, NAMES, OVER_ALL, Function
from core.errors import Refused, shorten
from core.formatting import count
from core.half_width import with_commas
from core.model.literal import parse_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import AnyArray, Array, KerasArray
    from core.editing.held import Named

MAX_TEXT = 1_000
"""Characters of an expression at most."""

MAX_DEPTH = 50
"""How deep brackets, powers and signs may be nested."""

CHUNK = 1 << 18
"""How many numbers are calculated at once, so that a large array takes no more memory than its result."""


class Call(NamedTuple):
    """One operation: ``function`` of the last ``arguments`` values."""

    function: Callable[..., Array]
    arguments: int


Instruction = float | str | Call
"""A number, a name, or what is done with the last values."""


@dataclass(frozen=True)
class Expression:
    """An expression that has been read: its text, and its operations in the order in which they are done."""

    text: str
    program: tuple[Instruction, ...]

    def evaluate(self, w: AnyArray, named: Named = place_name) -> KerasArray:
        """Return the expression for every number of ``w``, calculated in float64; ``named`` names a place of ``w``.

        Raises:
            Refused: a result is not finite or float32 cannot hold it; the first such place is named.
        """
        with np.errstate(all="ignore"):
            over_all = {name: OVER_ALL[name](w) for name in OVER_ALL if name in self.program}
        numbers, result = w.reshape(-1), np.empty(w.size, dtype=np.float32)
        for start in range(0, w.size, CHUNK):
            part = numbers[start : start + CHUNK].astype(np.float64)
            values = np.broadcast_to(self._run(over_all | {CELL: part}), part.shape)
            result[start : start + CHUNK] = held(values, w, named, start)
        return result.reshape(w.shape)

    def _run(self, names: dict[str, float | Array]) -> Array:
        stack: list[Array] = []
        with np.errstate(all="ignore"):
            for instruction in self.program:
                match instruction:
                    case Call(function, arguments):
                        stack[-arguments:] = [function(*stack[-arguments:])]
                    case str():
                        stack.append(np.asarray(names[instruction]))
                    case _:
                        stack.append(np.asarray(instruction))
        return stack[0]


def parse(text: str) -> Expression:
    """Return the expression that ``text`` writes down. A decimal comma is read in a number that stands alone.

    Raises:
        Refused: it is no arithmetic on numbers and the known names, or too long or too deeply nested; the sentence
            says what was expected, what came, and at which character.
    """
    if len(text.strip()) > MAX_TEXT:
        raise Refused(f"expected an expression of at most {MAX_TEXT:,} characters, got {len(text.strip()):,}")
    text = with_commas(text)
    written = text.strip()
    if "," in written and not set(written) - set("0123456789+-,eE"):
        return Expression(written, (parse_number(written),))
    return Expression(" ".join(written.split()), _Parser(_tokens(text)).whole())


class _Token(NamedTuple):
    kind: str
    text: str
    character: int


_TOKEN = re.compile(
    r"""(?P<space>\s++)
    | (?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)
    | (?P<name>[^\W\d]\w*+)
    | (?P<sign>\*\*|[-+*/^(),])
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)

_AS_PRINTED = str.maketrans("×·÷", "**/")
"""Signs as books print them."""


def _tokens(text: str) -> list[_Token]:
    matches = _TOKEN.finditer(text.translate(_AS_PRINTED))
    tokens = [_Token(match.lastgroup or "", match.group(), match.start() + 1) for match in matches]
    return [token for token in tokens if token.kind != "space"] + [_Token("end", "", len(text.rstrip()) + 1)]


class _Infix(NamedTuple):
    """An operator between two values: how tightly it holds the one before it and the one after it."""

    left: int
    right: int
    function: Callable[..., Array]


_POWER = _Infix(40, 29, np.power)
_MINUS_BEFORE = 30

_INFIX = {
    "+": _Infix(10, 10, np.add),
    "-": _Infix(10, 10, np.subtract),
    "*": _Infix(20, 20, np.multiply),
    "/": _Infix(20, 20, np.divide),
    "^": _POWER,
    "**": _POWER,
}

_A_VALUE = "a number, w, a function or '('"


class _Parser:
    """Reads tokens from left to right and writes the program; ``depth`` is how deep the present one is nested."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0
        self.program: list[Instruction] = []

    @property
    def token(self) -> _Token:
        return self.tokens[self.position]

    def take(self) -> _Token:
        self.position += 1
        return self.tokens[self.position - 1]

    def whole(self) -> tuple[Instruction, ...]:
        if self.token.kind == "end":
            raise Refused("expected a number or an expression such as w*2, got nothing")
        self.value(0)
        if self.token.kind != "end":
            raise _unexpected("an operator such as + or *", self.token, _MISSING_OPERATOR.get(self.token.text, ""))
        return tuple(self.program)

    def value(self, tightness: int) -> None:
        """Read a value, and the operators after it that hold it more than ``tightness``."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Refused(f"expected at most {MAX_DEPTH} levels, got more at character {self.token.character}")
        self.beginning()
        while (infix := _INFIX.get(self.token.text)) and infix.left > tightness:
            self.take()
            self.value(infix.right)
            self.program.append(Call(infix.function, 2))
        self.depth -= 1

    def beginning(self) -> None:
        """Read what a value begins with: a sign, a bracket, a number, a name or a function."""
        token = self.take()
        match token.kind, token.text:
            case "number", text:
                self.program.append(_number(text, token))
            case "name", name if name in FUNCTIONS:
                self.call(token, FUNCTIONS[name])
            case "name", name if name in NAMES:
                self.program.append(name)
            case "sign", "(":
                self.value(0)
                self.close()
            case "sign", "-":
                self.value(_MINUS_BEFORE)
                self.program.append(Call(np.negative, 1))
            case "sign", "+":
                self.value(_MINUS_BEFORE)
            case "name", _:
                raise _unexpected(f"one of {', '.join([*NAMES, *FUNCTIONS])}", token)
            case _:
                raise _unexpected(_A_VALUE, token)

    def call(self, name: _Token, function: Function) -> None:
        """Read the bracket after the name of a function, with its values between commas."""
        if self.token.text != "(":
            raise _unexpected(f"'(' as in {function.written}", self.token)
        self.take()
        arguments = 1
        self.value(0)
        while self.token.text == ",":
            self.take()
            self.value(0)
            arguments += 1
        self.close()
        if not function.least <= arguments <= function.most:
            raise Refused(
                f"expected {_wanted(function)}, as in {function.written}, "
                f"got {arguments} for {name.text} at character {name.character}"
            )
        self.program.append(Call(function.call, arguments))

    def close(self) -> None:
        if self.token.text != ")":
            raise _unexpected("an operator or ')'", self.token)
        self.take()


def _wanted(function: Function) -> str:
    if function.least == function.most:
        return count(function.least, "value")
    return f"{function.least} to {function.most} values"


def _number(text: str, token: _Token) -> float:
    value = float(text)
    if not np.isfinite(value):
        raise _unexpected("a number up to 1.8e308", token)
    return value


_MISSING_OPERATOR = {
    ",": "; a decimal comma is read only in a number alone, such as 0,5",
    "w": "; two times w is w*2",
    "(": "; times needs a *, and a name that is no function stands alone",
}
"""What was probably meant, by the token that came where an operator was expected."""


def _unexpected(expected: str, token: _Token, hint: str = "") -> Refused:
    got = "the end" if token.kind == "end" else repr(shorten(token.text, 20))
    return Refused(f"expected {expected}, got {got} at character {token.character}{hint}")
