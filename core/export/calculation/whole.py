"""Whole: what made a value as a whole, in one formula: ``z = s + b``, ``weight = exp / sum``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import FROM_KERAS
from core.calculation.writing import TEXT
from core.export.calculation.symbols import WITHIN, Symbol
from core.operations.dot import Dot
from core.operations.each import Each
from core.operations.over import Over
from core.operations.pick import Pick
from core.operations.take import Join
from core.operations.writing import PRODUCT, Written

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import AnyArray
    from core.calculation.calculated import Value
    from core.calculation.writing import Way
    from core.export.calculation.explanation import Explanation

LONGEST = 160
"""Characters of a formula; of what is longer only the beginning says something."""


@dataclass(frozen=True, eq=False)
class Whole:
    """What made a value, of a series the step that comes last, in one way: ``h = tanh(z)``.

    With ``through`` sums and pre-activations are written out, ``h = tanh(W^T x + b)``. ``name`` writes a value, turned
    round if its last argument says so: by its symbol, unless it is told otherwise.
    """

    explanation: Explanation
    value: Value
    way: Way = TEXT
    through: bool = False
    name: Callable[[Value, bool], str] | None = None

    def __str__(self) -> str:
        return f"{self._name(self.value)} = {self.right}"

    @property
    def right(self) -> str:
        """What stands right of the equals sign."""
        return self._made(self.value).text

    def _name(self, value: Value, turned: bool = False) -> str:
        if self.name is not None:
            return self.name(value, turned)
        made = self.way.symbol(self.explanation.symbols.whole(value, self.value.call))
        return self.way.turned.format(made) if turned else made

    def _made(self, value: Value) -> Written:
        if self.explanation.done.is_from_keras(value):
            return Written(self.way.words.format(FROM_KERAS))
        return self._line(max(value.parts.values()))

    def _of(self, number: int) -> Written:
        """Return a value as a part of another: its name if it has one."""
        done = self.explanation.done
        line = done.written.program.lines[number]
        if number not in done.written.program.names:
            if line.given is not None and line.given.numbers is not None:
                setting = line.given.name
                return Written(
                    self.way.symbol(Symbol(setting, (), False)) if setting else _constant(line.given.numbers)
                )
            if line.operation is not None:
                return self._line(number)
        found, _ = done.value_at(number, ())
        if self.through and found.call == self.value.call and found.name in WITHIN:
            return self._made(found)
        if len(self.value.parts) > 1 and number != max(found.parts.values()):
            # What a step takes from the one before it has that one's number.
            found = replace(found, name=f"{found.name} before")
        return Written(self._name(found))

    def _line(self, number: int) -> Written:
        line = self.explanation.done.written.program.lines[number]
        parts = [self._of(source) for source in line.sources]
        match line.operation:
            case Each(function=function):
                return self.way.of(function, parts)
            case Dot():
                return self._dot(line.sources[1], parts)
            case Over(made=made):
                return Written(f"{self.way.many.get(made, self.way.sum)}({parts[0].text})")
            case Pick():
                return Written(f"{parts[0].text}[{parts[1].text}{self.way.words.format(', counted from 0')}]")
            case Join():
                distinct = list(dict.fromkeys(part.text for part in parts))
                shown = distinct if len(distinct) <= 3 else [distinct[0], self.way.dots, distinct[-1]]
                return Written(f"[{', '.join(shown)}]" if len(shown) > 1 else shown[0])
            case None:
                return self._of(number)
        return parts[0]

    def _dot(self, kernel: int, parts: list[Written]) -> Written:
        first, second = (part.within(PRODUCT) for part in parts)
        done = self.explanation.done
        if self.explanation.symbols.are_letters and kernel in done.written.weights.values():
            return Written(f"{self._name(done.value_at(kernel, ())[0], turned=True)} {first}", PRODUCT)
        return Written(f"{first} {self.way.dot} {second}", PRODUCT)


def _constant(numbers: AnyArray) -> str:
    if not numbers.size:
        return "constant"
    first = float(numbers.reshape(-1)[0])
    return f"{first:g}" if np.all(numbers == first) else "constants"
