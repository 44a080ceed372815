"""Formulas: one number's expression as a formula of spreadsheets, of the cells that it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from core.calculation.expression import PRODUCTS, Formula, Gathered, Leaf
from core.operations.functions import FUNCTIONS
from core.operations.writing import ATOM, PRODUCT, SUM, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.calculation.expression import Expression
    from core.export.calculation.sheet import Cell

MOST_ARGUMENTS = 255
"""What a spreadsheet's function takes at most."""

NOT_A_NUMBER = "SQRT(-1)"
"""A formula for what is no number."""

FUNCTION = {"sum": "SUM", "mean": "SUM", "largest": "MAX", "smallest": "MIN"}


@dataclass(frozen=True)
class CellFormulas:
    """Writes formulas of one sheet.

    ``cell`` says where a number stands, None for a constant; ``rounded`` whether that is given and rounded only where
    it is taken from; ``digits`` is how many decimal places everything that is written down is rounded to, if it is.
    """

    sheet: str
    cell: Callable[[Leaf], tuple[Cell, bool] | None]
    digits: int | None = None

    def __call__(self, expression: Expression, writes_down: bool) -> str:
        """Return the formula of a number, rounded if it is one that a person ``writes_down``."""
        if isinstance(expression, Leaf):
            return self._written(expression).text
        digits = self.digits if writes_down else None
        if isinstance(expression, Gathered) and expression.how == PRODUCTS:
            return self._round(self._products(expression, digits).text, digits)
        return self._round(self._written(expression).text, digits)

    def picked(self, column: str, which: Expression, rounds: bool) -> str:
        """Return the formula of the number in a ``column`` that another says, counted from 0."""
        text = f"INDEX({column},{self._written(which).within(SUM)}+1)"
        return self._round(text, self.digits if rounds else None)

    def _round(self, text: str, digits: int | None) -> str:
        return text if digits is None else f"ROUND({text},{digits})"

    def _written(self, expression: Expression) -> Written:
        match expression:
            case Leaf():
                return self._leaf(expression)
            case Formula(function=function, parts=parts):
                return FUNCTIONS[function].forms.cell.of([self._written(part) for part in parts])
        if expression.how == PRODUCTS:
            return self._products(expression, None)
        return self._many(expression)

    def _leaf(self, leaf: Leaf) -> Written:
        found = self.cell(leaf)
        if found is None:
            return Written(repr(leaf.number).upper() if isfinite(leaf.number) else NOT_A_NUMBER)
        cell, rounds = found
        return Written(self._round(cell.seen_from(self.sheet), self.digits if rounds else None))

    def _products(self, gathered: Gathered, digits: int | None) -> Written:
        """Return the sum of products: of cells beside each other as one sum of two ranges."""
        terms = [gathered.term(at) for at in range(len(gathered))]
        texts = [self._product(run, digits) for run in self._runs(terms)]
        return Written("+".join(texts) or "0", SUM if len(texts) > 1 else PRODUCT)

    def _product(self, run: Sequence[tuple[Expression, ...]], digits: int | None) -> str:
        if len(run) == 1:
            return self._round("*".join(self._written(part).within(PRODUCT) for part in run[0]), digits)
        first, second = (self._range([term[side] for term in run]) for side in (0, 1))
        if digits is None and "ROUND" not in first + second:
            return f"SUMPRODUCT({first},{second})"
        return f"SUMPRODUCT({self._round(f'{first}*{second}', digits)})"

    def _many(self, gathered: Gathered) -> Written:
        """Return one number of many: of cells beside each other the range."""
        runs = self._runs([gathered.term(at) for at in range(len(gathered))])
        texts = [
            self._range([term[0] for term in run]) if len(run) > 1 else self._written(run[0][0]).text for run in runs
        ]
        name = FUNCTION[gathered.how]
        while len(texts) > MOST_ARGUMENTS:
            texts = [
                f"{name}({','.join(texts[start : start + MOST_ARGUMENTS])})"
                for start in range(0, len(texts), MOST_ARGUMENTS)
            ]
        made = f"{name}({','.join(texts)})" if texts else "0"
        return Written(f"{made}/{len(gathered)}", PRODUCT) if gathered.how == "mean" else Written(made, ATOM)

    def _range(self, parts: Sequence[Expression]) -> str:
        """Return the range of numbers whose cells are beside each other."""
        found = [self.cell(part) for part in (parts[0], parts[-1]) if isinstance(part, Leaf)]
        (first, rounds), (last, _) = (one for one in found if one is not None)
        return self._round(first.to(last, self.sheet), self.digits if rounds else None)

    def _runs(self, terms: Sequence[tuple[Expression, ...]]) -> list[list[tuple[Expression, ...]]]:
        """Return the terms in runs: all numbers of one stand beside those of the one before it."""
        runs: list[list[tuple[Expression, ...]]] = []
        before: list[Cell] | None = None
        for term in terms:
            cells = self._cells(term)
            if before and cells and all(one.is_before(other) for one, other in zip(before, cells, strict=True)):
                runs[-1].append(term)
            else:
                runs.append([term])
            before = cells
        return runs

    def _cells(self, term: tuple[Expression, ...]) -> list[Cell] | None:
        found = [self.cell(part) if isinstance(part, Leaf) else None for part in term]
        cells = [one[0] for one in found if one is not None]
        return cells if len(cells) == len(term) else None
