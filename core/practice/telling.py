"""What is told of a blank on a sheet: the question on one line, hints, step by step, and the answer only in the key."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, Context
from math import prod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.expression import PRODUCTS, Formula, Gathered, Leaf, leaves
from core.calculation.writing import AS_WRITTEN, MAX_TERMS, TEXT, Rest, Writer, ends, sign, unshifted
from core.formatting import Notation, number
from core.operations.functions import FUNCTIONS
from core.operations.over import OF
from core.practice.judging import right_numbers
from core.practice.marks import in_short
from core.practice.working import constant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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


PUT_IN = "put the number in: nothing else is done to it"
"""What helps where the line in numbers is the answer, as of a number with the other sign."""


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
    what comes after it. Where no page has the numbers, the question has them, and no hint says them again but for the
    line in numbers of what is calculated in one step.
    """
    told = Told(sheet, spot, entries)
    made = told.symbols(told.expression)
    keys = [line for key, line in KEYS.items() if f"{key}(" in made]
    lines = dict.fromkeys([told.line, f"{told.name} = {made}", *keys, *told.steps(told.expression, whole=True)])
    asked = () if sheet.work.on_a_page else {told.line, *told.given()}
    return tuple(line for line in lines if line not in asked) or tuple(told.in_one_step())


class KeyAnswer(NamedTuple):
    """The answer of one blank: its symbol, the line of numbers that makes it, and the number as it is written.

    ``sign`` stands between both: ``~=`` where the printed line comes to another last digit.

    Right is what is no further than ``tolerance`` from the written number: all that practice marks as right.
    """

    symbol: str
    line: str
    sign: str
    text: str
    tolerance: str


def key_answer(sheet: Sheet, spot: Spot) -> KeyAnswer:
    """Return the answer of the blank ``spot`` for someone who has nothing but the page."""
    place = sheet.work.page.place(spot)
    told, text = Told(sheet, spot, {}), sheet.work.shown(place)
    off = float(np.abs(right_numbers(sheet, spot, {}) - float(text)).max())
    line, comes = told.in_numbers(told.expression), sign(told.expression, told.as_number, text)
    return KeyAnswer(sheet.work.symbol(place), line, comes, text, in_short(rounded_up(off)))


def rounded_up(tolerance: float) -> float:
    """Return the next number with two significant digits, so that what is written leaves out nothing that is right."""
    # What is a number of two digits already, but for float64's last bit, stays what it is.
    return float(Context(prec=2, rounding=ROUND_CEILING).create_decimal(f"{tolerance:.7e}"))


class Told:
    """One blank as the learner stands before it: which numbers are there, whose they are, and how they are named."""

    def __init__(self, sheet: Sheet, spot: Spot, entries: Entries) -> None:
        line, self._sheet, self._entries = sheet.line(spot), sheet, entries
        self._done, self._digits, self._call = sheet.work.page, sheet.work.digits, line.result.call
        # In a chain the weight stands first, as in w11*x1.
        self._way = TEXT if sheet.work.symbols.are_letters else AS_WRITTEN
        self.name = sheet.work.symbol(self._done.place(spot), self._call)
        self._answer = sheet.work.shown(self._done.place(spot))
        self._result = Leaf(self._done.number(line.result), self._done.place(line.result))
        self._largest_of: dict[tuple[float, int], float | None] = {}
        self._whole, self.expression = (
            unshifted(self._done.opener.open(place), self._largest) for place in (line.whole, line.solved)
        )

    def _largest(self, gathered: Gathered) -> float | None:
        """Return the largest of some numbers; it is the same one for every term that it is taken away from."""
        key = (gathered.number, len(gathered))
        if key not in self._largest_of:
            self._largest_of[key] = None if self._unknown(gathered) else self.value(gathered)
        return self._largest_of[key]

    def symbols(self, expression: Expression) -> str:
        """Return an expression in symbols."""
        return Writer(self._way, self._symbol)(expression)

    @property
    def line(self) -> str:
        """What the blank is, or the line that it is missing in, in symbols."""
        return f"{self._symbol(self._result)} = {self.symbols(self._whole)}"

    def in_numbers(self, expression: Expression) -> str:
        """Return an expression in printed numbers, the learner's own among them."""
        write = Writer(self._way, self.as_number, lambda rest: rest.form.format(self._text(rest.number)))
        return write(expression)

    def _symbol(self, leaf: Leaf) -> str:
        if leaf.place is None or self._done.named(leaf.place) is None:
            return self._done.setting(leaf.place) or constant(leaf.number, self._digits)
        return self._sheet.work.symbol(leaf.place, self._call)

    def as_number(self, leaf: Leaf) -> str:
        """Return a number as it is printed: the learner's own, or that of the page."""
        if isinstance(leaf, Rest):
            return self._text(leaf.number)
        found = self._done.named(leaf.place)
        if found is None:
            return constant(leaf.number, self._digits)
        own = self._own(leaf)
        return self._done.notation(found[0], Notation(self._digits))(leaf.number if own is None else own)

    def _text(self, value: float) -> str:
        return number(value, self._digits)

    # Numbers: the learner's own, or those of the page

    def _blank(self, leaf: Leaf) -> Spot | None:
        """Return the blank that a number stands in; what a line backwards comes to is told."""
        is_told = bool(self._sheet.lines) and leaf.place == self._result.place
        return None if leaf.place is None or is_told else self._sheet.blank(leaf.place)

    def _own(self, leaf: Leaf) -> float | None:
        """Return what the learner takes for a number; None if it is blank and not found yet."""
        blank = self._blank(leaf)
        if blank is None:
            return leaf.number
        return self._entries[blank].value if blank in self._entries else None

    def _unknown(self, *parts: Expression) -> str:
        """Return what is blank in some parts and not found yet, the first of it, as a sentence; empty if nothing is."""
        found = (leaf for part in parts for leaf in leaves(part) if self._own(leaf) is None)
        return next((f"{self._symbol(leaf)} is still blank" for leaf in found), "")

    def value(self, expression: Expression) -> float:
        """Return what an expression comes to with the learner's numbers; NaN if some are not found yet."""
        match expression:
            case Leaf():
                own = self._own(expression)
                return np.nan if own is None else own
            case Formula(function=function, parts=parts):
                with np.errstate(all="ignore"):
                    return float(FUNCTIONS[function].of(*(np.array(self.value(part)) for part in parts)))
        # A sum of products has none of these names.
        return float(OF.get(expression.how, np.sum)(self._terms(expression, range(len(expression)))))

    def _terms(self, gathered: Gathered, places: Sequence[int]) -> np.ndarray:
        """Return some of many terms, each a product of its parts."""
        return np.array([prod(map(self.value, gathered.term(at))) for at in places])

    def told(self, leaf: Leaf) -> Iterator[str]:
        """Give a number with its name: ``x[1] = 0.3000``; a blank one is said to be blank, most constants not told."""
        if self._done.named(leaf.place) is None:
            if setting := self._done.setting(leaf.place):
                yield f"{setting} = {constant(leaf.number, self._digits)}"
            return
        own, blank = self._own(leaf), self._blank(leaf)
        is_answer = blank is not None and own is not None and not self._entries[blank].revealed
        whose = " (your answer)" if is_answer else ""
        yield self._unknown(leaf) if own is None else f"{self._symbol(leaf)} = {self.as_number(leaf)}{whose}"

    # The question

    def given(self) -> list[str]:
        """Return all numbers that the question needs; of a line backwards what it comes to first."""
        result = self.told(self._result) if self._sheet.lines else ()
        needed = dict.fromkeys([*result, *self._needed(self._whole)])
        return [one for one in needed if one != f"{self.name} is still blank"]

    def _needed(self, expression: Expression) -> Iterator[str]:
        """Give all numbers that an expression needs, and what the terms come to that are not written out."""
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
                if others := sorted({*range(len(expression))} - {*written}):
                    yield self._together(expression, others, f"the {len(others):,} others")

    def _written_out(self, gathered: Gathered) -> list[int]:
        """Return which terms are written out: all of few, of many the ends and those with the learner's own numbers."""
        shown = ends(len(gathered))
        if len(shown) == len(gathered) or (len(self._sheet.blanks) == 1 and not self._sheet.lines):
            return shown
        return [
            at
            for at in range(len(gathered))
            if at in shown or any(self._blank(leaf) for part in gathered.term(at) for leaf in leaves(part))
        ]

    def _together(self, gathered: Gathered, places: Sequence[int], words: str) -> str:
        """Say what several terms come to."""
        if blank := self._unknown(*(part for at in places for part in gathered.term(at))):
            return f"{words}: {blank}: find that first"
        terms = self._terms(gathered, places)
        if gathered.how in ("largest", "smallest"):
            return f"the {gathered.how} of {words} is {self._text(float(OF[gathered.how](terms)))}"
        return f"{words} add up to {self._text(float(terms.sum()))}"

    # The hints

    def steps(self, expression: Expression, whole: bool = False) -> Iterator[str]:
        """Give the numbers of an expression and, if it is not the ``whole`` of it, what it comes to."""
        match expression:
            case Leaf():
                yield from self.told(expression)
                return
            case Formula(parts=parts):
                for part in parts:
                    yield from self.steps(part)
            case Gathered():
                # A single product is the sum itself.
                yield from self._of_terms(expression, with_result=not whole or len(expression) > 1)
                whole |= len(expression) == 1
        if not whole:
            made = self._in_parts(expression)
            yield self._line(self.in_numbers(made), made, expression)

    def in_one_step(self) -> Iterator[str]:
        """Give the line in numbers and, of a mean, what they add up to."""
        if blank := self._unknown(self.expression):
            yield f"{blank}: find that first"
            return
        line = self.in_numbers(self.expression)
        yield PUT_IN if line == self._answer else f"{self.name} = {line}"
        if isinstance(self.expression, Gathered) and self.expression.how == "mean":
            total = float(self._terms(self.expression, range(len(self.expression))).sum())
            yield f"the {len(self.expression):,} numbers add up to {self._text(total)}"

    def _of_terms(self, gathered: Gathered, with_result: bool) -> Iterator[str]:
        """Give each term of few, what a dozen groups of many come to."""
        if len(gathered) > MAX_TERMS:
            what = "products" if gathered.how == PRODUCTS else "numbers"
            for places in np.array_split(np.arange(len(gathered)), MAX_TERMS):
                first, last = places[0] + 1, places[-1] + 1
                words = f"the {what} {first:,} to {last:,}" if last > first else f"the {what[:-1]} {first:,} alone"
                yield self._together(gathered, places.tolist(), words)
            return
        for parts in map(gathered.term, range(len(gathered))):
            for part in parts:
                if not isinstance(part, Leaf) or len(parts) == 1:
                    yield from self.steps(part)
            if len(parts) == 2:
                product = Formula(0.0, "multiply", parts[::-1] if self._way is TEXT else parts)
                line = f"{self.symbols(product)} = {self.in_numbers(product)}"
                yield self._line(line, product, product, with_result)

    def _in_parts(self, expression: Formula | Gathered) -> Expression:
        """Return an expression with the number that each part of it comes to, as they were told before."""
        if isinstance(expression, Gathered):
            terms = self._terms(expression, range(len(expression)))
            how = "sum" if expression.how == PRODUCTS else expression.how
            return replace(expression, how=how, numbers=terms, term=lambda at: (Rest(float(terms[at]), None),))
        return replace(expression, parts=tuple(Rest(self.value(part), None) for part in expression.parts))

    def _line(self, line: str, printed: Expression, expression: Expression, with_result: bool = True) -> str:
        """Return a line that ends in ``printed`` numbers and what they come to, unless that would be the answer.

        Where something in it is blank still, that is said instead.
        """
        if blank := self._unknown(expression):
            return f"{self.symbols(expression)}: {blank}: find that first"
        made = self._text(self.value(expression))
        is_told = with_result and made != self._answer
        return f"{line} {sign(printed, self.as_number, made)} {made}" if is_told else line
