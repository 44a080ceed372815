"""Whole: what made a value as a whole, in one formula: ``z = s + b``, ``weight = exp / sum``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import FROM_KERAS
from core.export.calculation.symbols import WITHIN
from core.export.calculation.writing import LATEX, TEXT, added, summand
from core.operations.dot import Dot
from core.operations.each import Each
from core.operations.over import Over
from core.operations.pick import Pick
from core.operations.take import Join
from core.operations.writing import PRODUCT, SUM, Written

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.calculation.calculated import Value
    from core.export.calculation.explanation import Explanation
    from core.export.calculation.symbols import Call
    from core.export.calculation.writing import Way
    from core.operations.program import Line

LONGEST = 160
"""Characters of a formula; of what is longer only the beginning says something."""


@dataclass(frozen=True, eq=False)
class Whole:
    """Writes formulas of whole values in one notation.

    ``name`` writes a value beside others of a call, turned round if the last argument says so: by its symbol, unless
    it is told otherwise.
    """

    explanation: Explanation
    way: Way = TEXT
    name: Callable[[Value, Call, bool], str] | None = None

    def formula(self, value: Value) -> str:
        """Return what made a value, of a series the last of its steps: ``h = tanh(z)``."""
        return f"{self._name(value, value)} = {self._made(value, value).text}"

    def in_one(self, value: Value) -> str:
        """Return the same with sums and pre-activations written out: ``h = tanh(W^T x + b)``."""
        return f"{self._name(value, value)} = {self._made(value, value, through=True).text}"

    def right(self, value: Value) -> str:
        """Return what made a value, without what stands left of the equals sign."""
        return self._made(value, value).text

    def _name(self, value: Value, beside: Value, turned: bool = False) -> str:
        if self.name is not None:
            return self.name(value, beside.call, turned)
        return f"{self.explanation.symbols.whole(value, beside.call)}{'^T' if turned else ''}"

    def _made(self, value: Value, beside: Value, through: bool = False) -> Written:
        if self.explanation.done.is_from_keras(value):
            return Written(rf"\text{{{FROM_KERAS}}}" if self.way is LATEX else FROM_KERAS)
        return self._line(value.parts[max(value.parts)], beside, through)

    def _of(self, number: int, beside: Value, through: bool) -> Written:
        """Return a value as a part of another: its name if it has one."""
        done = self.explanation.done
        line = done.written.program.lines[number]
        if line.given is not None and line.given.numbers is not None and number not in done.written.program.names:
            return Written(_constant(line))
        if number not in done.written.program.names and line.operation is not None:
            return self._line(number, beside, through)
        found, _ = done.value_at(number, ())
        if through and found.call == beside.call and found.name in WITHIN:
            return self._made(found, beside, through)
        return Written(self._name(found, beside))

    def _line(self, number: int, beside: Value, through: bool) -> Written:
        line = self.explanation.done.written.program.lines[number]
        parts = [self._of(source, beside, through) for source in line.sources]
        match line.operation:
            case Each(function="add"):
                return added(*parts)
            case Each(function="subtract"):
                return Written(f"{summand(parts[0])} - {parts[1].within(PRODUCT)}", SUM)
            case Each(table=table):
                return self.way.form(table).of(parts)
            case Dot():
                return self._dot(line.sources[1], parts, beside)
            case Over(made=made):
                name = self.way.many.get(made, r"\sum" if self.way is LATEX else "sum")
                return Written(f"{name}({parts[0].text})")
            case Pick():
                return Written(f"{parts[0].text}[{parts[1].text}]")
            case Join():
                distinct = list(dict.fromkeys(part.text for part in parts))
                dots = r"\ldots" if self.way is LATEX else "..."
                shown = distinct if len(distinct) <= 3 else [distinct[0], dots, distinct[-1]]
                return Written(f"[{', '.join(shown)}]" if len(shown) > 1 else shown[0])
            case None:
                return self._of(number, beside, through)
        return parts[0]

    def _dot(self, kernel: int, parts: list[Written], beside: Value) -> Written:
        first, second = (part.within(PRODUCT) for part in parts)
        done = self.explanation.done
        if self.explanation.symbols.are_letters and kernel in done.written.weights.values():
            value, _ = done.value_at(kernel, ())
            return Written(f"{self._name(value, beside, turned=True)} {first}", PRODUCT)
        return Written(f"{first} {self.way.dot} {second}", PRODUCT)


def _constant(line: Line) -> str:
    numbers = line.given.numbers if line.given is not None else None
    if numbers is None or not numbers.size:
        return "constant"
    first = float(numbers.reshape(-1)[0])
    return f"{first:g}" if np.all(numbers == first) else "constants"
