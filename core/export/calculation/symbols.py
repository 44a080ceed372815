"""Symbols: what the numbers of a calculation are called in its exports: ``h2`` in a chain, else by their names.

In a chain of layers that add up products with a kernel the letters are the tutorial's: x, then h = tanh(W^T x + b),
then y = tanh(V^T h + c). Everything else has the name of its value and its place: ``lstm/hidden state[3,1]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.errors import shorten
from core.export.latex_text import tex

if TYPE_CHECKING:
    from core.calculation.calculated import Calculated, Value
    from core.operations.operation import Index

    Call = tuple[str, ...]

# No letter twice: s and z are a layer's weighted sum and pre-activation, x and y the ends.
OUTPUTS, KERNELS, BIASES = "hkmnaq", "WVUTRP", "bcdefg"

WITHIN = {"weighted sum": "s", "pre-activation": "z"}

LONGEST = 40
"""Characters of a name; of a longer one the beginning."""


class Symbol(NamedTuple):
    """A letter or a name, and where in the value; ``at`` counts from 1."""

    base: str
    at: tuple[int, ...]
    is_letter: bool

    def __str__(self) -> str:
        if not self.is_letter:
            return f"{self.base}[{','.join(map(str, self.at))}]" if self.at else self.base
        apart = "," if len(self.at) > 2 or (len(self.at) > 1 and max(self.at) > 9) else ""
        return f"{self.base}{apart.join(map(str, self.at))}"

    @property
    def in_math(self) -> str:
        """The symbol for LaTeX's math mode: a letter with its index below, or a name as text."""
        apart = "," if not self.is_letter or len(self.at) > 2 or any(at > 9 for at in self.at) else ""
        index = f"_{{{apart.join(map(str, self.at))}}}" if self.at else ""
        if not self.is_letter:
            return rf"\text{{{tex(self.base)}}}{index}"
        # A letter beyond those that there are has the number of its layer above it.
        letter, beyond = self.base[0], self.base[1:].removesuffix("_")
        return f"{{{letter}^{{({beyond})}}}}{index}" if beyond else f"{letter}{index}"


class Symbols:
    """Gives values and their numbers symbols."""

    def __init__(self, done: Calculated) -> None:
        """Give symbols for the values of ``done``: letters if it is a chain, else names."""
        self._letters = _letters(done)

    @property
    def are_letters(self) -> bool:
        """Whether the calculation is a chain that has letters."""
        return bool(self._letters)

    def whole(self, value: Value, call: Call) -> Symbol:
        """Return what a value is called beside others of ``call``."""
        letter = self._letters.get((value.call, value.name))
        if letter is not None:
            return Symbol(letter, (), True)
        parts = (value.name,) if value.call == call else (*value.call, value.name)
        return Symbol("/".join(shorten(part, LONGEST) for part in parts), (), False)

    def of(self, value: Value, index: Index, call: Call) -> Symbol:
        """Return what the number at ``index`` of a value is called beside others of ``call``."""
        base, _, is_letter = self.whole(value, call)
        if is_letter and base == "y" and value.shape == (1,):
            return Symbol(base, (), True)
        return Symbol(base.lower() if is_letter else base, tuple(at + 1 for at in index), is_letter)

    def named(self, value: Value, text: str) -> Index | None:
        """Return where in a value the number is that ``text`` is the symbol of; None if it is of none."""
        digits = text[len(text.rstrip("0123456789,")) :] or "1"
        parts = list(digits) if len(value.shape) == 2 and "," not in digits else digits.split(",")
        index = tuple(int(part or 0) - 1 for part in parts)
        inside = len(index) == len(value.shape) and all(map(range.__contains__, map(range, value.shape), index))
        return index if inside and str(self.of(value, index, ())) == text else None


def _letters(done: Calculated) -> dict[tuple[Call, str], str]:
    """Return the letter of each value of a chain that has one; none if this is no chain, or not of such layers."""
    used = {source for line in done.written.program.lines for source in line.sources}
    weights = [weight for weight, number in done.written.weights.items() if number in used]
    calls = list(dict.fromkeys(name.call for name in done.written.program.names.values()))
    plain = all(len(call) == 1 for call in calls) and {weight.name for weight in weights} <= {"kernel", "bias"}
    if not done.graph.is_chain or not plain:
        return {}
    found: dict[tuple[Call, str], str] = {((), done.graph.inputs[0].name): "x"}
    kernels, having = iter(range(len(calls))), {weight.layer for weight in weights}
    for place, call in enumerate(calls):
        last = place == len(calls) - 1 and not done.written.stops
        found[call, "output"] = "y" if last else _letter(OUTPUTS, place, "h")
        found |= {(call, name): letter for name, letter in WITHIN.items()}
        if call in having:
            at = next(kernels)
            found[call, "kernel"], found[call, "bias"] = _letter(KERNELS, at, "W"), _letter(BIASES, at, "b")
    return found


def _letter(letters: str, place: int, beyond: str) -> str:
    return letters[place] if place < len(letters) else f"{beyond}{place + 1}_"
