"""Explanation: the calculation of one point as every format takes it: call by call, its values, lines for numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import islice
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.agreement import parting
from core.calculation.calculated import calculated
from core.calculation.expression import Leaf
from core.calculation.printed import ABOUT, EQUALS
from core.calculation.running import split
from core.calculation.unfold import ends
from core.errors import shorten
from core.export.calculation.between import with_between
from core.export.calculation.symbols import Symbols
from core.export.calculation.writing import TEXT, Writer, comes_to, is_sum, rest_of, sign, term_comes_to
from core.export.latex_text import BLANK
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
    from core.calculation.expression import Expression, Gathered, Place
    from core.calculation.followed import Followed
    from core.export.calculation.symbols import Call, Symbol
    from core.export.calculation.writing import Way
    from core.layers.writer import Weight
    from core.model.graph import Graph
    from core.operations.operation import Index

MOST_LINES = 40
"""How many numbers of a value are written out, each with what made it."""

MOST_IN_ALL = 20_000
"""How many numbers of a whole calculation are."""

MOST_CHANGED = 8
"""How many changed numbers are named."""

MORE_PLACES = 3
"""Where rounded numbers are carried on, what lies between them is not rounded, and has so many more places."""

MOST_HIDING = 100_000
"""So many numbers that one is made of are looked at for a blank."""

LONGEST = 100
"""Characters of a title."""


@dataclass(frozen=True, eq=False)
class Line:
    """How one number came about: its symbol, the expression that made it, and the signs between what is printed.

    ``rounds`` stands between a sum's products and the numbers that they come to, ``comes`` before the result. The
    expression is None for what was given.
    """

    value: Value
    index: Index
    expression: Expression | None
    result: str
    rounds: str = EQUALS
    comes: str = EQUALS
    changed: bool = False


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
        """The values by their shapes: those of one shape stand beside each other."""
        found: dict[tuple[int, ...], list[Value]] = {}
        for value in self.values:
            if prod(value.shape):
                found.setdefault(value.shape, []).append(value)
        return list(found.values())


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
    def not_by_hand(self) -> str:
        """A sentence on what is not the model's own calculation, or not calculated here; empty if all of it is."""
        return "; ".join(words for words in (self.changed_words, self.done.from_keras) if words)

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

    def leaf(self, leaf: Leaf) -> str:
        """Return a number that stands in an expression as it is printed; a constant with all its digits."""
        if self.is_hidden(leaf.place):
            return BLANK
        found = self.done.named(leaf.place)
        return _constant(leaf.number) if found is None else self._notation(found[0])(leaf.number)

    # Lines

    def shown(self, value: Value) -> list[Index]:
        """Return which numbers of a value are written out: the first ones of many."""
        most = max(1, min(MOST_LINES, MOST_IN_ALL // max(1, len(self.done.values))))
        return [
            tuple(int(at) for at in np.unravel_index(at, value.shape)) for at in range(min(most, prod(value.shape)))
        ]

    def lines(self, value: Value) -> Iterator[Line]:
        """Give how each number of a value came about that is written out; nothing of numbers that were only moved."""
        for index in self.shown(value):
            line = self.line(value, index)
            if line.changed or not (line.expression is None or isinstance(line.expression, Leaf)):
                yield line

    def line(self, value: Value, index: Index) -> Line:
        """Return how the number at ``index`` of a value came about."""
        # A number stands in a table and in a line of its own.
        spot = value.spot(index)
        return self._lines.get(spot) or self._lines.setdefault(spot, self._line(value, index))

    @cached_property
    def _lines(self) -> dict[Spot, Line]:
        return {}

    def _line(self, value: Value, index: Index) -> Line:
        place, result = value.place(index), self.text(value, index)
        if value.spot(index) in self.instead:
            return Line(value, index, self.done.opener.open(place), result, comes=EQUALS, changed=True)
        expression = self.done.opener.open(place)
        if isinstance(expression, Leaf):
            return Line(value, index, None if expression.place == place else expression, result)
        if is_sum(expression) and self.tells(place):
            return Line(value, index, expression, result, *self._signs_of_sum(expression, value, result))
        return Line(value, index, expression, result, comes=sign(lambda: comes_to(expression, self._printed), result))

    def _printed(self, number: float, leaf: Leaf | None) -> str:
        return self.notation(number) if leaf is None else self.leaf(leaf)

    def _signs_of_sum(self, gathered: Gathered, value: Value, result: str) -> tuple[str, str]:
        """Return the signs around a sum's terms, each as one number: ``0.5*0.3 + 0.1*0.2 = 0.15 + 0.02 = 0.17``."""
        written = self._notation(value)
        texts = [(at, written(float(gathered.numbers[at]))) for at in ends(len(gathered))]
        rounds = [sign(lambda at=at: term_comes_to(gathered, at, self._printed), text) for at, text in texts]  # type: ignore[misc]
        left = [written(rest_of(gathered))] if len(texts) < len(gathered) else []
        terms = [text for _, text in texts] + left
        comes = sign(lambda: sum(map(Fraction, terms), Fraction()), result)
        return ABOUT if ABOUT in rounds else EQUALS, comes

    def pieces(
        self, line: Line, way: Way = TEXT, symbol: Callable[[Symbol], str] = str, written: Callable[[str], str] = str
    ) -> list[tuple[str, str]]:
        """Return a line piece by piece, each behind its sign: in symbols, in numbers, in terms, the result.

        That is in one notation, which has ``symbol`` for symbols, and ``written`` for numbers.
        """

        def named(leaf: Leaf) -> str:
            found = self.done.named(leaf.place)
            return written(self.leaf(leaf)) if found is None else symbol(self.symbols.of(*found, line.value.call))

        texts = []
        notation = self._notation(line.value)
        if line.expression is not None:
            texts.append((EQUALS, Writer(way, named)(line.expression)))
        if not isinstance(line.expression, Leaf | None):
            numbers = Writer(way, lambda leaf: written(self.leaf(leaf)), notation)
            texts.append((EQUALS, numbers(line.expression)))
            if is_sum(line.expression) and self.tells(line.value.place(line.index)):
                terms = Writer(way, lambda leaf: written(notation(leaf.number)), notation)
                texts.append((line.rounds, terms.terms(line.expression)))
        texts.append(("changed to" if line.changed else line.comes, written(line.result)))
        # What is the same twice, such as a sum of one number, stands once.
        return [one for at, one in enumerate(texts) if at in (0, len(texts) - 1) or one[1] != texts[at - 1][1]]

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
