"""Explanation: the calculation of one point as every format takes it: call by call, its values, lines for numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.agreement import parting
from core.calculation.calculated import calculated
from core.calculation.expression import Leaf
from core.calculation.printed import EQUALS
from core.calculation.running import split
from core.errors import shorten
from core.export.calculation.between import with_between
from core.export.calculation.symbols import Symbols
from core.export.calculation.writing import CHANGED, TEXT
from core.export.latex_text import BLANK
from core.export.opened import Opened, terms_of
from core.formatting import Notation, count
from core.layers.writer import layers_of
from core.operations.bounds import offs
from core.operations.rounding import EXACT, RULE, Carry, Rounding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from jaxtyping import Float

    from core.arrays import AnyArray, Array, KerasArray
    from core.calculation.agreement import Parting
    from core.calculation.calculated import Calculated, Outside, Spot, Value
    from core.calculation.expression import Place
    from core.calculation.followed import Followed
    from core.export.calculation.symbols import Call
    from core.export.calculation.writing import Way
    from core.export.opened import Lines
    from core.layers.writer import Weight
    from core.model.graph import Graph
    from core.operations.operation import Index

MOST_LINES = 40
"""How many numbers of a value are written out, each with what made it."""

MOST_IN_ALL = 20_000
"""How many numbers of a whole calculation are."""

MOST_BESIDE = 6
"""How many columns stand beside each other."""

MOST_CHANGED = 8
"""How many changed numbers are named."""

MORE_PLACES = 3
"""Where rounded numbers are carried on, what lies between them is not rounded, and has so many more places."""

MOST_HIDING = 100_000
"""So many numbers that one is made of are looked at for a blank."""

LONGEST = 100
"""Characters of a title."""


class Line(NamedTuple):
    """How one number came about: its symbol, what made it, a sign and the number; nothing made what was given."""

    symbol: str
    made: Lines | None
    comes: str
    result: str

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """What stands behind the symbol, each piece behind its sign: symbols, numbers, terms, the result."""
        if self.made is None:
            return [(self.comes, self.result)]
        # What is the same twice, such as a sum of one number, stands once.
        texts = {self.made.formula: EQUALS, self.made.numbers: EQUALS, self.made.parts: self.made.rounds}
        return [*((sign, text) for text, sign in texts.items() if text), (self.comes, self.result)]


@dataclass(frozen=True, eq=False)
class Section:
    """One call of a layer: the values that it makes, in order, and the layer's weights if it is its first call."""

    call: Call
    values: tuple[Value, ...]
    weights: tuple[Value, ...]

    @property
    def title(self) -> str:
        """The names of the layers that the call is in."""
        return "/".join(shorten(part) for part in self.call)

    def weight_name(self, weight: Value) -> str:
        """Return what one of the weights is called here: ``kernel``, or ``query/kernel`` of a part of the layer."""
        return "/".join((*weight.call[len(self.call) :], weight.name))

    @property
    def groups(self) -> list[list[Value]]:
        """The values that stand beside each other: of one shape, a few at a time."""
        found: dict[tuple[int, ...], list[Value]] = {}
        for value in self.values:
            if prod(value.shape):
                found.setdefault(value.shape, []).append(value)
        return [alike[at : at + MOST_BESIDE] for alike in found.values() for at in range(0, len(alike), MOST_BESIDE)]


@dataclass(frozen=True, eq=False)
class Explanation:
    """A calculation to be written: ``done`` has names for what lies between written numbers too.

    ``exact`` is the calculation without rounding; ``keras`` what Keras makes of the point, output by output, if it was
    asked, and ``keras_calls`` its outputs of calls. ``instead`` are the numbers that were put in the place of the
    model's own. In a worksheet some numbers are blank: ``hides`` says which, and ``task`` what a learner is to do.
    """

    done: Calculated
    rounding: Rounding
    notation: Notation
    exact: Calculated
    instead: Mapping[Spot, float] = field(default_factory=lambda: MappingProxyType({}))
    keras: Sequence[AnyArray] | None = None
    keras_calls: Mapping[Call, AnyArray] = field(default_factory=lambda: MappingProxyType({}))
    hides: Callable[[Place], bool] | None = None
    task: str = ""

    @cached_property
    def symbols(self) -> Symbols:
        """What the numbers are called."""
        return Symbols(self.done)

    @cached_property
    def title(self) -> str:
        """The layers of a chain, else the model's name."""
        graph = self.done.graph
        if graph.is_chain and len(graph.layers) <= MOST_CHANGED:
            return shorten(" > ".join(f"{layer.name} {layer.in_words}" for layer in graph.layers), LONGEST)
        return shorten(f"{graph.name}: {count(len(graph.calls), 'call')} of {count(len(graph.layers), 'layer')}", 100)

    @cached_property
    def inputs(self) -> tuple[Value, ...]:
        """The model's inputs."""
        return tuple(value for value in self.done.values if not value.call)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The calls in order; an inner call's values stand where it is called."""
        found: dict[Call, list[Value]] = {}
        for value in self.done.values:
            if value.call:
                found.setdefault(value.call, []).append(value)
        weights: dict[Call, list[Value]] = {}
        for weight in self.done.weights:
            # A layer may have its weights in parts of its own, such as an attention's query.
            homes = [call for call in found if layers_of(call) == weight.call[: len(call)]]
            weights.setdefault(max(homes, key=len, default=()), []).append(weight)
        return tuple(Section(call, tuple(values), tuple(weights.get(call, ()))) for call, values in found.items())

    @property
    def digits(self) -> int:
        """How many decimal places are written."""
        return self.notation.digits

    @property
    def rule(self) -> str:
        """How many digits there are and how they were rounded, in words."""
        if self.task:
            return self.task
        fractions = " or fractions" if self.notation.fractions else ""
        return f"digits {self.digits}{fractions}   rounding {self.rounding}, {RULE}"

    @property
    def not_by_hand(self) -> list[str]:
        """A sentence on what is not the model's own calculation, or not calculated here; none if all of it is."""
        words = "; ".join(words for words in (self.changed_words, self.done.from_keras) if words)
        return [words] if words else []

    @property
    def changed_words(self) -> str:
        """A sentence on what was changed before this was calculated; empty if nothing was."""
        spots = islice(self.instead, MOST_CHANGED)
        named = [str(self.symbols.of(self.done.value_of(spot), spot.index, ())) for spot in spots]
        if len(self.instead) > MOST_CHANGED:
            named.append(count(len(self.instead) - MOST_CHANGED, "more number"))
        return f"changed by hand, so this is not the model's own calculation: {', '.join(named)}" if named else ""

    # Numbers as they are printed

    def _notation(self, value: Value) -> Notation:
        """Return how numbers of a value are printed; what lies between rounded numbers has more places."""
        return self.notation if self.is_rounded(value) else Notation(self.digits + MORE_PLACES)

    def is_rounded(self, value: Value) -> bool:
        """Return whether a value's numbers are written down as they are printed."""
        return self.rounding is Rounding.SHOWN or not self.is_between(value)

    def is_between(self, value: Value) -> bool:
        """Return whether a value was never written down."""
        return next(iter(value.parts.values())) in self.done.written.program.between

    def is_given(self, value: Value) -> bool:
        """Return whether no operation makes a value."""
        return all(self.done.written.program.lines[part].operation is None for part in value.parts.values())

    def text(self, value: Value, index: Index) -> str:
        """Return the number at ``index`` of a value as it is printed."""
        place = value.place(index)
        return BLANK if self.is_hidden(place) else self._notation(value)(self.done.opener.number(place))

    def is_hidden(self, place: Place | None) -> bool:
        """Return whether the number at ``place`` is blank."""
        return self.hides is not None and place is not None and self.hides(place)

    def tells(self, place: Place) -> bool:
        """Return whether a sum's terms may be told: where one has a blank in it, they would give that away."""
        leaves = () if self.hides is None else self.done.opener.made_of(place, MOST_HIDING)
        return not any(map(self.is_hidden, (place, *leaves)))

    # Lines

    def shown(self, value: Value) -> list[Index]:
        """Return which numbers of a value are written out: the first ones of many."""
        most = max(1, min(MOST_LINES, MOST_IN_ALL // max(1, len(self.done.values))))
        return [
            tuple(int(at) for at in np.unravel_index(at, value.shape)) for at in range(min(most, prod(value.shape)))
        ]

    def lines(self, value: Value, way: Way = TEXT) -> Iterator[Line]:
        """Give how each number of a value came about that is written out; nothing of numbers that were only moved."""
        for line in (self.line(value, index, way) for index in self.shown(value)):
            if line.comes == CHANGED or (line.made is not None and line.made.numbers):
                yield line

    def line(self, value: Value, index: Index, way: Way = TEXT) -> Line:
        """Return how the number at ``index`` of a value came about, written in one way."""
        # A number stands in a table and in a line of its own.
        known = value.spot(index), way
        return self._lines.get(known) or self._lines.setdefault(known, self._line(value, index, way))

    @cached_property
    def _lines(self) -> dict[tuple[Spot, Way], Line]:
        return {}

    def _line(self, value: Value, index: Index, way: Way) -> Line:
        place, result = value.place(index), self.text(value, index)

        def symbol(other: Value, at: Index) -> str:
            return way.symbol(self.symbols.of(other, at, value.call))

        expression, made = self.done.opener.open(place), None
        if not isinstance(expression, Leaf) or expression.place != place:
            parts = terms_of(expression) if self.tells(place) else None
            notation = self._notation(value)
            made = Opened(self.done, expression, parts, symbol, notation, self.text, _constant, way, way).lines()
            made = made._replace(numbers="") if isinstance(expression, Leaf) else made
        comes = EQUALS if made is None or result == BLANK else made.comes
        comes = CHANGED if value.spot(index) in self.instead else comes
        return Line(symbol(value, index), made, comes, way.number(result))

    # What the calculation is checked against

    @cached_property
    def off(self) -> list[Array]:
        """How far float32 may be off from each value of the exact calculation."""
        return offs(self.exact.written.program, self.exact.numbers)

    @cached_property
    def parting(self) -> Parting | None:
        """Where Keras's numbers first part from the exact ones, if it was asked and they do."""
        return parting(self.exact, self.off, self.keras_calls, self.keras) if self.keras is not None else None


def _constant(number: float) -> str:
    """Return a number that nobody calculated, with all its digits."""
    short = f"{number:g}"
    return short if float(short) == number else repr(float(number))


def explain(
    graph: Graph,
    weights: Mapping[Weight, AnyArray],
    inputs: Sequence[AnyArray],
    rounding: Rounding,
    notation: Notation,
    instead: Mapping[Spot, float] = MappingProxyType({}),
    keras: Sequence[AnyArray] | None = None,
    outside: Outside = MappingProxyType({}),
) -> Explanation:
    """Calculate one point and return the explanation; Keras, which knows nothing of ``instead``, is left out then.

    ``outside`` has what Keras made of sealed layers.

    Raises:
        Refused: an input's shape is not the model's, or there is no number at an address.
    """
    exact = calculated(graph, weights, inputs, EXACT, instead, outside)
    done = exact
    if rounding is Rounding.CARRIED:
        done = calculated(graph, weights, inputs, Carry(rounding, notation.digits), instead, outside)
    theirs = None if instead else keras
    return Explanation(with_between(done), rounding, notation, exact, instead, theirs)


def explain_followed(made: Followed, keras: Float[KerasArray, "outputs"] | None = None) -> Explanation:
    """Return the explanation of a session's calculation; ``keras`` is what ``predict`` gave, all outputs in a row."""
    asked = made.asked
    shapes = [value.shape for value in made.exact.outputs]
    theirs = None if keras is None or asked.tried else split(keras, shapes)
    return Explanation(with_between(made.written), asked.rounding, asked.notation, made.exact, asked.tried, theirs)
