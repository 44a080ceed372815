"""The key to an exercise: what stands in each blank, how far an answer may be from it, and the line that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.calculation.printed import sign
from core.calculation.spot import CALCULATED, symbol, value
from core.calculation.unfolding import Unfolder
from core.formatting import Notation
from core.operations.rounding import Rounding
from core.practice.backwards import solving_line
from core.practice.marking import accepted
from core.practice.marks import in_short
from core.practice.sheet_key import rounded_up

if TYPE_CHECKING:
    from core.calculation.spot import Spot
    from core.practice.exercise import Calculation, Exercise


@dataclass(frozen=True)
class KeyAnswer:
    """The answer of one blank: its symbol, the line of numbers that makes it, and the number as it is written.

    ``sign`` stands between both: ``~=`` where the printed line comes to another last digit.

    Right is what is no further than ``tolerance`` from the written number: all that practice marks as right.
    """

    spot: Spot
    symbol: str
    line: str
    sign: str
    text: str
    tolerance: str

    @property
    def in_words(self) -> str:
        """The whole line, such as ``z2 = 0.2132 + 0.2145 = 0.4277 +- 0.00024``."""
        made = f" = {self.line} {self.sign}" if self.line else " ="
        return f"{self.symbol}{made} {self.text} +- {self.tolerance}"


def key_answer(exercise: Exercise, spot: Spot) -> KeyAnswer:
    """Return the answer of the blank ``spot`` for someone who has nothing but the page."""
    work = exercise.calculation
    text = Notation(work.digits)(value(work.page, spot))
    off = max(abs(number.value - float(text)) + number.error for number in accepted(exercise, spot, {}))
    return KeyAnswer(spot, symbol(work.network, spot), *_line(work, spot), text, in_short(rounded_up(off)))


def _line(work: Calculation, spot: Spot) -> tuple[str, str]:
    """Return the numbers that make the one at ``spot``, or symbols where those would be too many, and the sign."""
    notation = Notation(work.digits)
    if spot.kind not in CALCULATED:
        line = solving_line(work, spot)
        return line, sign(line, notation(value(work.page, spot)))
    made = Unfolder(work.network, work.page, work.rounding, notation).unfold(spot)
    if work.rounding is Rounding.CARRIED:
        # Each product is rounded before it is added.
        return made.numbers or made.formula, made.signs(notation)[1]
    return made.numbers or made.formula, sign(made.numbers, notation(made.value))
