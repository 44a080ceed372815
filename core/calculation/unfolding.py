"""One number of a calculation, unfolded into the terms that made it; each names the numbers that it is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from core.activations import OVER_ALL_UNITS, activation
from core.calculation.printed import sign, sign_of_all
from core.calculation.spot import Kind, Spot, in_words, symbol, value
from core.calculation.unfold import ENDS, MAX_TERMS, ends, plus, times
from core.operations.rounding import Carry, Rounding

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array
    from core.calculation.forward import Step, Trace
    from core.formatting import Notation
    from core.model.network import Network

FEW_TERMS = 4
"""How many terms are written out where there is little room."""

EXPONENTIALS = {"softmax": "{} / ({})", "log_softmax": "log({} / ({}))"}
"""Activations over all units that are made of every unit's exponential: how they stand on paper."""


@dataclass(frozen=True)
class Term:
    """One term: in symbols, in numbers, its value, and the numbers that it is made of, as they are written."""

    symbols: str
    numbers: str
    value: float
    factors: tuple[Spot, ...]


@dataclass(frozen=True, eq=False)
class Terms:
    """As many terms as a wide layer has, each made when it is asked for; ``last``, if any, stands after all others."""

    values: Array
    make: Callable[[int], Term]
    last: Term | None = None

    def __len__(self) -> int:
        return len(self.values) + (self.last is not None)

    def __getitem__(self, place: int) -> Term:
        if self.last is not None and place == len(self.values):
            return self.last
        if not 0 <= place < len(self.values):
            raise IndexError(place)
        return self.make(place)

    def line(self, text: Callable[[Term], str], notation: Notation | None = None, most: int = MAX_TERMS) -> str:
        """Return the sum of the terms as ``text`` writes each; of many, those in the middle are counted and summed."""
        rest = float(self.values[ENDS:-ENDS].sum())
        parts = self._parts(text, "" if notation is None else f": {notation(rest)}", most)
        return plus(parts if self.last is None else [*parts, text(self.last)])

    def _parts(self, text: Callable[[Term], str], told: str, most: int) -> list[str]:
        written = ends(len(self.values), most)
        parts = [text(self.make(place)) for place in written]
        if len(written) < len(self.values):
            parts.insert(len(written) // 2, f"({len(self.values) - len(written):,} more{told})")
        return parts


NO_TERMS = Terms(np.empty(0), lambda place: Term(str(place), "", 0.0, ()))


@dataclass(frozen=True, eq=False)
class Unfolding:
    """A number and its terms: ``symbol = formula = numbers = sums = value``, and what it is in words.

    ``sums`` is the line of the terms' values where they are added up, else empty; :meth:`signs` tells which of these
    signs are ``~=``. What is given (an input, a weight)
    has no terms and no formula. ``brief`` are the three with more of the middle terms counted, where there are some.
    """

    spot: Spot
    symbol: str
    words: str
    value: float
    formula: str = ""
    numbers: str = ""
    sums: str = ""
    terms: Terms = field(default=NO_TERMS)
    brief: tuple[str, str, str] | None = None

    def signs(self, notation: Notation, made: tuple[str, str, str] | None = None) -> tuple[str, str]:
        """Return the signs before ``sums`` and before the value, of these lines or of others that are ``made``."""
        _, numbers, sums = made or (self.formula, self.numbers, self.sums)
        most = FEW_TERMS if made is not None and made == self.brief else MAX_TERMS
        written = [self.terms[at] for at in ends(len(self.terms.values), most)] if sums else []
        written += [self.terms.last] if sums and self.terms.last is not None else []
        rounds = sign_of_all((term.numbers, notation(term.value)) for term in written)
        return rounds, sign(sums or numbers, notation(self.value))


def origin(spot: Spot) -> Spot:
    """Return the number that ``spot`` is a copy of: an input of a later layer is an output of the one before."""
    return Spot(spot.step - 1, Kind.OUTPUT, spot.input) if spot.kind is Kind.INPUT and spot.step else spot


class Unfolder:
    """Opens the numbers of one calculation; those that ``given`` names were put there, not calculated."""

    def __init__(
        self,
        network: Network,
        trace: Trace,
        rounding: Rounding,
        notation: Notation,
        given: Callable[[Spot], bool] = lambda _spot: False,
    ) -> None:
        self._network, self._trace, self._given = network, trace, given
        self._carry, self._notation = Carry(rounding, notation.digits), notation

    def unfold(self, spot: Spot) -> Unfolding:
        """Return the number at ``spot`` with its terms; an input of a later layer is the output that it comes from."""
        spot = origin(spot)
        step = self._trace.steps[spot.step]
        if self._given(spot) or spot.kind in (Kind.INPUT, Kind.WEIGHT, Kind.BIAS):
            return Unfolding(spot, self._symbol(spot), self._words(spot), value(self._trace, spot))
        if spot.kind is Kind.OUTPUT and step.pre_activation is not None:
            return self._over_all(spot, step) if step.activation in OVER_ALL_UNITS else self._activated(spot, step)
        if step.weighted_sum is not None:
            return self._sum(spot, step)
        return self._passed_on(spot, step)

    def _symbol(self, spot: Spot) -> str:
        return symbol(self._network, spot)

    def _words(self, spot: Spot) -> str:
        return in_words(self._network, spot)

    def _plain(self, spot: Spot) -> Term:
        """Return a term that is one number as it stands."""
        number = value(self._trace, spot)
        return Term(self._symbol(spot), self._notation(number), number, (spot,))

    def _of_one(self, spot: Spot, source: Spot, words: str, form: str = "{}") -> Unfolding:
        """Return a number that is made of one other, as ``form`` says."""
        term = self._plain(source)
        terms = Terms(np.array([term.value]), lambda _place: term)
        formula, numbers = form.format(term.symbols), form.format(term.numbers)
        return Unfolding(
            spot,
            self._symbol(spot),
            f"{self._words(spot)}: {words}",
            value(self._trace, spot),
            formula,
            numbers,
            "",
            terms,
        )

    def _passed_on(self, spot: Spot, step: Step) -> Unfolding:
        only = f": {step.layer.in_words} acts only in training" if step.layer.while_training else ""
        return self._of_one(spot, Spot(spot.step, Kind.INPUT, input=spot.unit), f"its input, unchanged{only}")

    def _activated(self, spot: Spot, step: Step) -> Unfolding:
        z, name = Spot(spot.step, Kind.Z, spot.unit), step.activation
        if name == "linear":
            return self._of_one(spot, z, "the pre-activation as it is (linear)")
        return self._of_one(spot, z, f"{name}(z) = {activation(name).formula}", f"{name}({{}})")

    def _sum(self, spot: Spot, step: Step) -> Unfolding:
        """Return a weighted sum or a pre-activation: every input times its weight and, if there is one, the bias."""
        total = Spot(spot.step, Kind.SUM, spot.unit)
        has_bias = spot.kind is Kind.Z and step.bias is not None
        bias = self._plain(Spot(spot.step, Kind.BIAS, spot.unit)) if has_bias else None
        if spot.kind is Kind.Z and self._given(total):
            changed, words = self._plain(total), "the weighted sum, which was changed here"
            terms = Terms(np.array([changed.value]), lambda _place: changed, bias)
        else:
            made = step.products(spot.unit, self._carry)
            terms = Terms(made, lambda place: self._product(spot, place, float(made[place])), bias)
            words = "every input times its weight"
        words += ", plus the bias" if has_bias else ", added up" if len(terms) > 1 else ""
        return self._added(spot, terms, words)

    def _product(self, spot: Spot, row: int, made: float) -> Term:
        factors = (Spot(spot.step, Kind.WEIGHT, spot.unit, row), Spot(spot.step, Kind.INPUT, input=row))
        weight, source = (self._plain(factor) for factor in factors)
        return Term(f"{weight.symbols} {source.symbols}", times(weight.numbers, source.numbers), made, factors)

    def _added(self, spot: Spot, terms: Terms, words: str) -> Unfolding:
        return Unfolding(
            spot,
            self._symbol(spot),
            f"{self._words(spot)}: {words}",
            value(self._trace, spot),
            *self._lines(terms, MAX_TERMS),
            terms,
            self._lines(terms, FEW_TERMS),
        )

    def _lines(self, terms: Terms, most: int) -> tuple[str, str, str]:
        """Return the sum of the terms in symbols, in numbers, and as the terms' values."""
        return (
            terms.line(lambda term: term.symbols, most=most),
            terms.line(lambda term: term.numbers, self._notation, most),
            terms.line(lambda term: self._notation(term.value), self._notation, most),
        )

    def _over_all(self, spot: Spot, step: Step) -> Unfolding:
        """Return an output that depends on the pre-activations of all units."""
        z, name = step.pre_activation, step.activation
        assert z is not None
        words = f"{self._words(spot)}: {name} over all {z.size:,} pre-activations: {activation(name).formula}"
        lines, brief = (f"{name}(all z)", "", ""), None
        terms = Terms(z, lambda place: self._plain(Spot(spot.step, Kind.Z, place)))
        if name in EXPONENTIALS:
            with np.errstate(over="ignore"):
                powers = np.exp(z)
            terms = Terms(powers, lambda place: self._power(Spot(spot.step, Kind.Z, place), float(powers[place])))
            form = EXPONENTIALS[name]
            lines, brief = (self._divided(form, terms, spot.unit, most) for most in (MAX_TERMS, FEW_TERMS))
        return Unfolding(spot, self._symbol(spot), words, value(self._trace, spot), *lines, terms, brief)

    def _divided(self, form: str, terms: Terms, own: int, most: int) -> tuple[str, str, str]:
        """Return one of the terms divided by all of them added up, in symbols and in numbers."""
        symbols, _, sums = self._lines(terms, most)
        return form.format(terms[own].symbols, symbols), form.format(self._notation(terms[own].value), sums), ""

    def _power(self, z: Spot, power: float) -> Term:
        plain = self._plain(z)
        return Term(f"exp({plain.symbols})", f"exp({plain.numbers})", power, (z,))
