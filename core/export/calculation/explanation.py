"""Explanation: the calculation of one point as every format takes it: call by call, its values, lines for numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.agreement import apart, differences, parting
from core.calculation.calculated import calculated
from core.calculation.expression import Leaf
from core.calculation.running import split
from core.calculation.writing import CHANGED, EQUALS, TEXT
from core.errors import shorten
from core.export.calculation.between import with_between
from core.export.calculation.symbols import Symbols
from core.export.latex_text import BLANK
from core.export.opened import Opened, terms_of
from core.formatting import Notation, count, exact, number, small
from core.layers.writer import layers_of
from core.operations.rounding import EXACT, RULE, Carry, Rounding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from jaxtyping import Float

    from core.arrays import AnyArray, Array, KerasArray
    from core.calculation.agreement import Parting
    from core.calculation.calculated import Calculated, Outside, Spot, Value
    from core.calculation.expression import Place
    from core.calculation.followed import Followed
    from core.calculation.writing import Way
    from core.export.calculation.symbols import Call
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

WHY = "the tolerance is what rounding every number to float32, as Keras does, can add up to"

EVERY, SOME = "every layer's outputs", "all outputs that were compared"

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
    # A number stands in a table and in a line of its own.
    _lines: dict[tuple[Spot, Way], Line] = field(default_factory=dict, init=False, repr=False)

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
        calls, layers = count(len(graph.calls), "call"), count(len(graph.layers), "layer")
        return shorten(f"{graph.name}: {calls} of {layers}", LONGEST)

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
        usual = self.notation if self.is_rounded(value) else Notation(self.digits + MORE_PLACES)
        return self.done.notation(value, usual)

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
        is_hidden = self.hides is not None and self.hides(place)
        return BLANK if is_hidden else self._notation(value)(self.done.opener.number(place))

    def _tells(self, place: Place) -> bool:
        """Return whether a sum's terms may be told: where one has a blank in it, they would give that away."""
        opener = self.done.opener
        return self.hides is None or not any(map(self.hides, (place, *opener.made_of(place, MOST_HIDING))))

    # Lines

    def shown(self, value: Value) -> list[Index]:
        """Return which numbers of a value are written out: the first ones of many."""
        most = max(1, min(MOST_LINES, MOST_IN_ALL // max(1, len(self.done.values))))
        return list(islice(np.ndindex(*value.shape), most))

    def more(self, value: Value) -> str:
        """Return how many numbers of a value are not written out; nothing if all are."""
        more = prod(value.shape) - len(self.shown(value))
        return count(more, "more number") if more else ""

    def lines(self, value: Value, way: Way = TEXT) -> Iterator[Line]:
        """Give how each number of a value came about that is written out; nothing of numbers that were only moved."""
        for line in (self.line(value, index, way) for index in self.shown(value)):
            if line.comes == CHANGED or (line.made is not None and line.made.numbers):
                yield line

    def line(self, value: Value, index: Index, way: Way = TEXT) -> Line:
        """Return how the number at ``index`` of a value came about, written in one way."""
        spot, place, result = value.spot(index), value.place(index), self.text(value, index)
        if (spot, way) in self._lines:
            return self._lines[spot, way]

        def symbol(other: Value, at: Index) -> str:
            return way.symbol(self.symbols.of(other, at, value.call))

        expression, made = self.done.opener.open(place), None
        if not isinstance(expression, Leaf) or expression.place != place:
            parts = terms_of(expression) if self._tells(place) else None
            notation = self._notation(value)
            made = Opened(self.done, expression, parts, symbol, notation, self.text, _constant, way, way).lines()
            made = made._replace(numbers="") if isinstance(expression, Leaf) else made
        comes = EQUALS if made is None or result == BLANK else made.comes
        comes = CHANGED if spot in self.instead else comes
        self._lines[spot, way] = Line(symbol(value, index), made, comes, way.number(result))
        return self._lines[spot, way]

    # What the calculation is checked against

    @cached_property
    def parting(self) -> Parting | None:
        """Where Keras's numbers first part from the exact ones, if it was asked and they do."""
        return parting(self.exact, self.keras_calls, self.keras) if self.keras is not None else None

    def off_by(self, output: int) -> tuple[Array, Array]:
        """Return how far an output's numbers are from Keras's, then how far those that are calculated exactly are."""
        assert self.keras is not None
        made = self.done.numbers[self.done.written.outputs[output]]
        theirs = np.asarray(self.keras[output], dtype=np.float64).reshape(made.shape)
        exactly = self.exact.numbers[self.exact.written.outputs[output]]
        return differences(made, theirs), differences(exactly, theirs)

    def difference(self, output: int) -> str:
        """Return in words how far an output is from Keras's, and how far it may be."""
        assert self.keras is not None
        _, ours = self.off_by(output)
        made = self.done.numbers[self.done.written.outputs[output]]
        words = apart(made, np.reshape(self.keras[output], made.shape))
        if self.rounding is Rounding.CARRIED:
            words += f", calculated exactly {small(float(ours.max(initial=0.0)))}"
        if np.isfinite(ours).all() and np.isfinite(made).any():
            bound = self.exact.off[self.exact.written.outputs[output]]
            words += f", tolerance {small(float(bound.reshape(-1)[int(ours.argmax())]))}"
        return words

    @property
    def verdict(self) -> list[str]:
        """Whether every number agrees with Keras's or where they first part, in words; none if Keras was not asked."""
        if self.keras is None:
            return []
        if self.parting is None:
            compared = SOME if self.done.written.stops else EVERY
            return [f"{compared if self.keras_calls else 'they'} agree; {WHY}"]
        return [f"{parting_words(self.parting, self.symbols, 'tolerance')}; {WHY}"]

    def drift(self, section: Section) -> str:
        """Return how far carried rounding has taken a call's last value from the exact one; empty without it."""
        if self.rounding is Rounding.SHOWN or not section.values:
            return ""
        last = section.values[-1].parts[max(section.values[-1].parts)]
        off = differences(self.done.numbers[last], self.exact.numbers[last])
        return f"drift up to {small(float(off.max(initial=0.0)))}"


def parting_words(found: Parting, symbols: Symbols, explained: str) -> str:
    """Return where Keras and the calculation by hand first part, with both numbers and what is ``explained``."""
    where = f"{symbols.of(found.value, found.index, found.value.call)} of {'/'.join(found.value.call)}"
    told = f"the layers agree, predict differs: {where}" if found.in_predict else f"they part first at {where}"
    told = f"{told}: by hand {number(found.by_hand, 8)}, Keras {exact(found.keras)}"
    if np.isfinite([found.by_hand, found.keras]).all():
        told += f", {explained} {small(found.tolerance)}"
    return told


def _constant(value: float) -> str:
    """Return a number that nobody calculated, with all its digits."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def explain(
    graph: Graph,
    weights: Mapping[Weight, AnyArray],
    inputs: Sequence[AnyArray],
    rounding: Rounding,
    notation: Notation,
    instead: Mapping[Spot, float] = MappingProxyType({}),
    outside: Outside = MappingProxyType({}),
) -> Explanation:
    """Calculate one point and return the explanation; ``outside`` has what Keras made of sealed layers.

    Raises:
        Refused: an input's shape is not the model's, or there is no number at an address.
    """
    done = plain = calculated(graph, weights, inputs, EXACT, instead, outside)
    if rounding is Rounding.CARRIED:
        done = calculated(graph, weights, inputs, Carry(rounding, notation.digits), instead, outside)
    return Explanation(with_between(done), rounding, notation, plain, instead)


def explain_followed(made: Followed, keras: Float[KerasArray, "outputs"] | None = None) -> Explanation:
    """Return the explanation of a session's calculation; ``keras`` is what ``predict`` gave, all outputs in a row.

    Keras, which knows nothing of what was tried, is left out then.
    """
    asked = made.asked
    shapes = [value.shape for value in made.exact.outputs]
    theirs = None if keras is None or asked.tried else split(keras, shapes)
    return Explanation(with_between(made.written), asked.rounding, asked.notation, made.exact, asked.tried, theirs)
