"""What is told of a blank on a sheet: the question on one line, and hints, step by step, never the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.calculation.expression import PRODUCTS, Formula, Gathered, Leaf
from core.calculation.printed import sign
from core.calculation.unfold import MAX_TERMS, ends
from core.calculation.unshifted import unshifted
from core.export.calculation.writing import TEXT, Writer
from core.export.opened import AS_WRITTEN
from core.formatting import number
from core.operations.functions import FUNCTIONS
from core.practice.working import constant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.calculation.calculated import Spot
    from core.calculation.expression import Expression
    from core.practice.judging import Entries
    from core.practice.sheet import Sheet

KEYS = {
    "tanh": "tanh(z) = (exp(z) - exp(-z)) / (exp(z) + exp(-z))",
    "sigmoid": "sigmoid(z) = 1 / (1 + exp(-z))",
    "erf": "erf(z) is twice the normal distribution's share between 0 and z times 1.41421",
}
"""Functions that not every calculator has a key for."""


def question(sheet: Sheet, spot: Spot, entries: Entries) -> str:
    """Return the question for the blank ``spot`` on one line, with the numbers that it needs.

    ``entries`` are the numbers that stand in the other blanks: the learner goes on with those.
    """
    told = Told(sheet, spot, entries)
    how = f"it is missing in {told.line}" if spot in sheet.lines else told.line
    what = f"{sheet.work.name(spot)}: " if sheet.work.symbols.are_letters else ""
    return f"{what}{how}, where {', '.join(told.given())}."


def hints(sheet: Sheet, spot: Spot, entries: Entries) -> tuple[str, ...]:
    """Return the hints for the blank ``spot`` in the order in which they are given.

    They are made of the learner's own ``entries``. What is blank and not found yet is not given away by a hint for
    what comes after it.
    """
    told = Told(sheet, spot, entries)
    lines = [told.line, f"{told.name} = {told.symbols(told.expression)}", *told.keys(told.expression)]
    return tuple(dict.fromkeys([*lines, *told.steps(told.expression)]))


class Told:
    """One blank as the learner stands before it: which numbers are there, whose they are, and how they are named."""

    def __init__(self, sheet: Sheet, spot: Spot, entries: Entries) -> None:
        self._sheet, self._entries = sheet, entries
        self._done, self._digits = sheet.work.page, sheet.work.digits
        line = sheet.line(spot)
        self._call = line.result.call
        # In a chain the weight stands first, as in w11*x1.
        self._way = TEXT if sheet.work.symbols.are_letters else AS_WRITTEN
        self.name = sheet.work.symbol(self._done.place(spot), self._call)
        self.result = sheet.work.symbol(self._done.place(line.result), self._call)
        self._largest_of: dict[tuple[float, int], float | None] = {}
        self._answer = number(self._done.number(spot), self._digits)
        self._missing, self._result = spot in sheet.lines, self._done.place(line.result)
        self._whole = unshifted(self._done.opener.open(line.whole), self._largest)
        self.expression = unshifted(self._done.opener.open(line.solved), self._largest)

    def _largest(self, gathered: Gathered) -> float | None:
        """Return the largest of some numbers; it is the same one for every term that it is taken away from."""
        key = (gathered.number, len(gathered))
        if key not in self._largest_of:
            self._largest_of[key] = self.value(gathered)
        return self._largest_of[key]

    def symbols(self, expression: Expression) -> str:
        """Return an expression in symbols."""
        return Writer(self._way, self._symbol)(expression)

    @property
    def line(self) -> str:
        """What the blank is, or the line that it is missing in, in symbols."""
        return f"{self.result} = {self.symbols(self._whole)}"

    @property
    def numbers(self) -> str:
        """The line of numbers that makes the answer; of a missing number, the line solved for it."""
        return Writer(self._way, self._as_number, self._text)(self.expression)

    def _symbol(self, leaf: Leaf) -> str:
        if leaf.place is None or self._done.named(leaf.place) is None:
            return constant(leaf.number, self._digits)
        return self._sheet.work.symbol(leaf.place, self._call)

    # Numbers: the learner's own, or those of the page

    def _blank(self, leaf: Leaf) -> Spot | None:
        """Return the blank that a number stands in; what a line backwards comes to is told."""
        if leaf.place is None or (self._missing and leaf.place == self._result):
            return None
        return self._sheet.blank(leaf.place)

    def _own(self, leaf: Leaf) -> float | None:
        """Return what the learner takes for a number; None if it is blank and not found yet."""
        blank = self._blank(leaf)
        if blank is None:
            return leaf.number
        return self._entries[blank].value if blank in self._entries else None

    def value(self, expression: Expression) -> float | None:
        """Return what an expression comes to with the learner's numbers; None if some are not found yet."""
        match expression:
            case Leaf():
                return self._own(expression)
            case Formula(function=function, parts=parts):
                numbers = [self.value(part) for part in parts]
                known = [np.array(one) for one in numbers if one is not None]
                with np.errstate(all="ignore"):
                    return float(FUNCTIONS[function].of(*known)) if len(known) == len(numbers) else None
        terms = [self.term(expression, at) for at in range(len(expression))]
        known_terms = np.array([one for one in terms if one is not None])
        return _joined(expression.how, known_terms) if len(known_terms) == len(terms) else None

    def term(self, gathered: Gathered, at: int) -> float | None:
        """Return one of many terms, a product of its parts."""
        numbers = [self.value(part) for part in gathered.term(at)]
        known = [one for one in numbers if one is not None]
        return float(np.prod(known)) if len(known) == len(numbers) else None

    def _text(self, value: float) -> str:
        return number(value, self._digits)

    def told(self, leaf: Leaf) -> Iterator[str]:
        """Give a number with its name: ``x[1] = 0.3000``; a blank one is said to be blank, a constant not told."""
        if leaf.place is None or self._done.named(leaf.place) is None:
            return
        own, blank = self._own(leaf), self._blank(leaf)
        if own is None:
            yield f"{self._symbol(leaf)} is still blank"
            return
        is_answer = blank is not None and not self._entries[blank].revealed
        yield f"{self._symbol(leaf)} = {self._text(own)}{' (your answer)' if is_answer else ''}"

    # The question

    def given(self) -> list[str]:
        """Return all numbers that the question needs; of a line backwards what it comes to first."""
        told = [one for one in self.needed(self._whole) if one != f"{self.name} is still blank"]
        result = Leaf(self._done.opener.number(self._result), self._result)
        return [*self.told(result), *told] if self._missing else told

    def needed(self, expression: Expression) -> list[str]:
        """Return all numbers that an expression needs, and what the terms come to that are not written out."""
        return list(dict.fromkeys(self._needed(expression)))

    def _needed(self, expression: Expression) -> Iterator[str]:
        match expression:
            case Leaf():
                yield from self.told(expression)
            case Formula(parts=parts):
                for part in parts:
                    yield from self._needed(part)
            case Gathered():
                written = self._written_out(expression)
                for at in written:
                    for part in expression.term(at):
                        yield from self._needed(part)
                if len(written) < len(expression):
                    others = [at for at in range(len(expression)) if at not in set(written)]
                    yield self._together(expression, others, f"the {len(others):,} others")

    def _written_out(self, gathered: Gathered) -> list[int]:
        """Return which terms are written out: all of few, of many the ends and those with the learner's own numbers."""
        shown = ends(len(gathered))
        if len(shown) == len(gathered) or (len(self._sheet.blanks) == 1 and not self._sheet.lines):
            return shown
        own = [at for at in range(len(gathered)) if any(map(self._has_blank, gathered.term(at)))]
        return sorted({*shown, *own})

    def _has_blank(self, part: Expression) -> bool:
        match part:
            case Leaf():
                return self._blank(part) is not None
            case Formula(parts=parts):
                return any(map(self._has_blank, parts))
        return False

    def _together(self, gathered: Gathered, places: list[int], words: str) -> str:
        """Say what several terms come to."""
        terms = [self.term(gathered, at) for at in places]
        known = np.array([one for one in terms if one is not None])
        if len(known) < len(terms):
            blanks = [line for at in places for line in self._blank_in(gathered, at)]
            return f"{words}: {blanks[0]}: find that first"
        if gathered.how in ("largest", "smallest"):
            return f"the {gathered.how} of {words} is {self._text(_joined(gathered.how, known))}"
        return f"{words} add up to {self._text(float(known.sum()))}"

    def _blank_in(self, gathered: Gathered, at: int) -> Iterator[str]:
        for part in gathered.term(at):
            yield from (line for line in self.needed(part) if line.endswith("blank"))

    # The hints

    def keys(self, expression: Expression) -> Iterator[str]:
        """Give what the functions in it are that not every calculator has a key for."""
        match expression:
            case Formula(function=function, parts=parts):
                if function in KEYS:
                    yield KEYS[function]
                for part in parts:
                    yield from self.keys(part)
            case Gathered() if len(expression):
                for part in expression.term(0):
                    yield from self.keys(part)

    def steps(self, expression: Expression, whole: bool = True) -> Iterator[str]:
        """Give the numbers of an expression and, if it is not the ``whole`` of it, what it comes to."""
        match expression:
            case Leaf():
                yield from self.told(expression)
                return
            case Formula(parts=parts):
                for part in parts:
                    yield from self.steps(part, whole=False)
            case Gathered():
                yield from self._terms(expression, whole)
        if not whole and not (isinstance(expression, Gathered) and len(expression) == 1):
            yield self._line(self._in_numbers(expression), expression)

    def _terms(self, gathered: Gathered, whole: bool) -> Iterator[str]:
        """Give each term of few, what a dozen groups of many come to."""
        if len(gathered) > MAX_TERMS:
            what = "products" if gathered.how == PRODUCTS else "numbers"
            for places in np.array_split(np.arange(len(gathered)), MAX_TERMS):
                first, last = places[0] + 1, places[-1] + 1
                words = f"the {what} {first:,} to {last:,}" if last > first else f"the {what[:-1]} {first:,} alone"
                yield self._together(gathered, places.tolist(), words)
            return
        for at in range(len(gathered)):
            parts = gathered.term(at)
            for part in parts:
                if not isinstance(part, Leaf) or len(parts) == 1:
                    yield from self.steps(part, whole=False)
            if len(parts) == 2:
                # A single product is the sum itself, which is asked for.
                yield self._product(parts, with_result=len(gathered) > 1 or not whole)

    def _product(self, parts: tuple[Expression, ...], with_result: bool = True) -> str:
        """Return a product in symbols, in numbers, and what it comes to."""
        product = Formula(0.0, "multiply", parts[::-1] if self._way is TEXT else parts)
        line = f"{self.symbols(product)} = {Writer(self._way, self._as_number)(product)}"
        return self._line(line, product, with_result)

    def _in_numbers(self, expression: Formula | Gathered) -> str:
        """Return an expression with the number that each part of it comes to, as they were told before."""
        if isinstance(expression, Formula):
            parts = [self.value(part) for part in expression.parts]
            leaves = tuple(Leaf(np.nan if part is None else part, None) for part in parts)
            return Writer(self._way, self._as_told)(replace(expression, parts=leaves))
        terms = [self.term(expression, at) for at in range(len(expression))]
        leaves = tuple(Leaf(np.nan if term is None else term, None) for term in terms)
        how = "sum" if expression.how == PRODUCTS else expression.how
        return Writer(self._way, self._as_told)(replace(expression, how=how, term=lambda at: (leaves[at],)))

    def _as_told(self, leaf: Leaf) -> str:
        return self._text(leaf.number)

    def _line(self, line: str, expression: Expression, with_result: bool = True) -> str:
        """Return a line of numbers and what it comes to, unless that would be the answer; or what is blank in it."""
        value = self.value(expression)
        if value is None:
            blanks = [one for one in self.needed(expression) if one.endswith("blank")]
            return f"{self.symbols(expression)}: {blanks[0]}: find that first"
        made = self._text(value)
        return (
            f"{line} {sign(line.rpartition(' = ')[2], made)} {made}" if with_result and made != self._answer else line
        )

    def _as_number(self, leaf: Leaf) -> str:
        named = leaf.place is not None and self._done.named(leaf.place) is not None
        own = self._own(leaf)
        return self._text(leaf.number if own is None else own) if named else constant(leaf.number, self._digits)


def _joined(how: str, terms: np.ndarray) -> float:
    made: dict[str, Callable[..., Any]] = {"largest": np.max, "smallest": np.min, "mean": np.mean}
    return float(made.get(how, np.sum)(terms))
