"""Working: what careful people come to when they work a number out, in all the ways that there are at once.

On the page stand exact numbers of which so many digits are shown: a person goes by the ones or the others, and keeps
what comes in between or writes it down. These are the ways of :mod:`core.practice.manners`, each with the ends between
which the number then lies. It goes by operations: by what each makes of numbers between two ends.
"""

from __future__ import annotations

from itertools import permutations
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.expression import Place
from core.operations.dot import Dot
from core.operations.each import Each
from core.operations.operation import Places, row
from core.operations.over import OF, Over
from core.operations.pick import Pick
from core.operations.take import Take
from core.practice.intervals import BY_STEPS, SIDES, as_printed, exactly, half_unit, hull, rounded, through, written
from core.practice.manners import ALL, Manners, Terms, added

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jaxtyping import Float

    from core.arrays import Array
    from core.calculation.calculated import Calculated
    from core.operations.operation import At
    from core.practice.manners import Ends

REDONE = 16
"""Of up to so many terms a number that stands beside may be worked out again."""

ANY_ORDER = 4
"""Up to so many factors or addends without names between them are taken in any order."""

VANISHING = 0.02
"""A sum of powers that half a unit of the last digit is more of is none that a careful person goes by."""


class Working:
    """The ways to every number of one person.

    ``own`` has what this person takes for numbers that are blank: what was answered there, or None where nothing was
    and the number has to be worked out; or the ends that it has on each way. ``early`` is someone who rounds to so
    many digits all that other people may keep.
    """

    def __init__(
        self,
        done: Calculated,
        digits: int,
        own: Mapping[Place, float | Ends | None],
        manners: Manners = ALL,
        *,
        early: int | None = None,
    ) -> None:
        self.done, self.digits, self.own, self.manners = done, digits, own, manners
        self._program, self._values, self._early = done.written.program, done.numbers, early is not None
        self._writes = digits if early is None else early
        self._own: dict[int, dict[tuple[int, ...], float | Ends | None]] = {}
        for place, number in own.items():
            self._own.setdefault(place.value, {})[place.index] = number
        self._unseen = sorted(place for place, number in own.items() if number is None)
        self._found: dict[Place, Ends] = {}
        self.beside: object = None
        """Where numbers stand that may be worked out again."""

    def right(self, place: Place) -> Float[Array, "ways 2"]:
        """Return the ends of what may be answered at ``place``, on each way."""
        return written(self.ends(place), self.digits)

    def ends(self, place: Place) -> Float[Array, "ways 2"]:
        """Return the ends of the number at ``place`` on each way that differs, before it is written down."""
        # In this order none has to wait for many others.
        for earlier in (one for one in self._unseen if one < place):
            self.worked_out(earlier)
        return different(self.worked_out(place)[:, 0])

    def worked_out(self, place: Place) -> Ends:
        """Return the ends of one number on every way, worked out from what it is made of."""
        if place not in self._found:
            before, self.beside = self.beside, self.home(place.value)
            with np.errstate(all="ignore"):
                self._found[place] = self.made(place.value, row(place.index))
            self.beside = before
        return self._found[place]

    def settled(self, place: Place) -> dict[Place, float | Ends | None]:
        """Return what this person takes for blanks; those before ``place`` are worked out."""
        self.ends(place)
        found = dict(self.own)
        for one in self._unseen:
            if one < place:
                found[one] = self._of_blank(one, None).reshape(1, 1, 2)
        return found

    def taken(self, value: int, at: At) -> Ends:
        """Return what the person takes for numbers of the program's value: own ones, the page's, or worked out."""
        line, own = self._program.lines[value], self._own.get(value, {})
        if len(at) == 1 and (index := tuple(at[0].tolist())) in own:
            return np.broadcast_to(self._of_blank(Place(value, index), own[index]), (len(self.manners), 1, 2))
        if isinstance(line.operation, Take) and not self._is_named_constant(value):
            numbers = self._moved(value, line.operation, at)
        elif line.operation is None or value in self._program.names:
            numbers = self._read(value, at)
        else:
            numbers = self._in_between(value, at)
        for index, number in own.items():
            here = (at == np.array(index, dtype=np.int64)).all(axis=1)
            if here.any():
                numbers[:, here] = self._of_blank(Place(value, index), number)
        return numbers

    def moved_from(self, value: int) -> int:
        """Return the value that numbers come from, however they were moved."""
        while isinstance(self._program.lines[value].operation, Take):
            value = self._program.lines[value].sources[0]
        return value

    def _is_named_constant(self, value: int) -> bool:
        """Return whether a constant has a name, and so stands on the page as other numbers do."""
        given = self._program.lines[self.moved_from(value)].given
        return value in self._program.names and given is not None and given.numbers is not None

    def _moved(self, value: int, take: Take, at: At) -> Ends:
        """Return numbers that were only moved, and padding where there are none."""
        numbers = np.full((len(self.manners), len(at), 2), take.padding)
        for rows, places in take.origins(at):
            if rows.any():
                numbers[:, rows] = self.taken(self._program.lines[value].sources[places.source], places.at)
        return numbers

    def _of_blank(self, place: Place, number: float | Ends | None) -> Array:
        """Return what is taken for a number that is blank: what was answered, or what it comes to."""
        if isinstance(number, np.ndarray):
            return number
        ends = hull(*different(self.worked_out(place)[:, 0])) if number is None else np.full(2, number)
        return ends if self._early else np.asarray(ends + half_unit(ends, self.digits) * SIDES)

    def _read(self, value: int, at: At) -> Ends:
        """Return numbers as they stand on the page: exact ones, or as many digits as are shown."""
        given, manners = self._program.lines[value].given, self.manners
        numbers = Places(value, at).of(self._values).astype(np.float64)
        if given is not None and given.numbers is not None:
            shown = np.array([float(constant(number, self.digits)) for number in numbers.tolist()])
            return exactly(np.where(manners.shown_weights, shown, numbers))
        ways = manners.shown_weights if given is not None and given.kind == "weight" else manners.shown_numbers
        if manners.copied.any():
            numbers = np.where(manners.copied, as_printed(numbers, self.digits), numbers)
        # Whoever rounds early may round a half to the even digit.
        shown = rounded(exactly(numbers), self._writes) if self._early else exactly(as_printed(numbers, self._writes))
        read = np.where(ways[..., np.newaxis], shown, exactly(numbers))
        if (anyhow := manners.of_terms == Terms.ANYHOW).any():
            read[anyhow] += half_unit(read[anyhow], self.digits) * SIDES
        if given is None and self._is_redone(value, at):
            return np.where(manners.redone, self._penned(self.made(value, at)), read)
        return read

    def _is_redone(self, value: int, at: At) -> bool:
        """Return whether a number of the page may be worked out again: it stands beside, and is made of few terms."""
        if len(at) != 1 or self.beside is None or self.home(value) != self.beside:
            return False
        line = self._program.lines[value]
        sizes = [prod(self._program.lines[source].shape) for source in line.sources]
        if isinstance(line.operation, Dot):
            return prod(line.operation.sizes[letter] for letter in line.operation.summed) <= REDONE
        return isinstance(line.operation, Each) or max(sizes, default=0) <= REDONE

    def home(self, value: int) -> object:
        """Return the call, and the step in it, that a number is written down in."""
        name = self._program.names.get(value)
        return None if name is None else (name.call, name.at)

    def _in_between(self, value: int, at: At) -> Ends:
        """Return numbers that have no name, each once."""
        if len(at) == 1:
            return self._penned(self.made(value, at))
        rows, where = np.unique(at, axis=0, return_inverse=True)
        return self._penned(self.made(value, rows))[:, where.reshape(-1)]

    def _penned(self, made: Ends) -> Ends:
        """Return numbers that a person keeps or writes down; of many, all or none."""
        written = rounded(made, self._writes)
        if made.shape[1] == 1 and not self._early:
            return hull(made, written)
        return np.where(self.manners.written, written, made)

    def made(self, value: int, at: At) -> Ends:
        """Return what the operation of ``value`` makes at each row of ``at`` of what is taken for its sources."""
        match self._program.lines[value].operation:
            case Each() as each:
                return self._each(value, each, at)
            case Dot():
                first, second = (self.factor(value, source, at) for source in (0, 1))
                return added(through("multiply", first, second), self.manners, self._writes, self._early)
            case Over() as over:
                return self._over(self.factor(value, 0, at), over)
            case Pick() as pick:
                return self._picked(value, pick, at)
            case Take() as take:
                return self._moved(value, take, at)
        return self._read(value, at)

    def factor(self, value: int, source: int, at: At) -> Float[Array, "ways numbers terms 2"]:
        """Return what is taken for the terms of a :class:`Dot` or :class:`Over`, of one source."""
        line = self._program.lines[value]
        assert line.operation is not None
        places = [line.operation.terms(tuple(index), self._values).factors[source].at for index in at.tolist()]
        taken = self.taken(line.sources[source], np.concatenate(places))
        return taken.reshape(len(self.manners), len(at), -1, 2)

    def _each(self, value: int, each: Each, at: At) -> Ends:
        if each.function in ("add", "multiply"):
            return self._in_any_order(each.function, self._flat(value, each, at))
        if each.function == "divide" and (share := self._share(value, each, at)) is not None:
            return share
        sources = self._program.lines[value].sources
        parts = [self.taken(number, each.places(source, at)) for source, number in enumerate(sources)]
        if each.function == "subtract" and self.is_largest(sources[1]):
            # It makes no difference what is taken away from all, as long as nothing is rounded.
            kept = np.where(self.manners.written, parts[1], exactly(parts[1].mean(axis=-1)))
            parts[1] = np.where(self.manners.unshifted, 0.0, kept)
        made = through(each.function, *parts)
        if each.function not in BY_STEPS or self._early:
            return made
        by_steps = BY_STEPS[each.function](parts[0], lambda ends: hull(ends, rounded(ends, self.digits)))
        return hull(made, np.where(np.isfinite(by_steps), by_steps, made))

    def is_largest(self, value: int) -> bool:
        """Return whether a value without a name is the largest of some numbers."""
        line = self._program.lines[value]
        if value in self._program.names or line.operation is None:
            return False
        if isinstance(line.operation, Take):
            return self.is_largest(line.sources[0])
        return isinstance(line.operation, Over) and line.operation.made == "largest"

    def _share(self, value: int, each: Each, at: At) -> Ends | None:
        """Return a number's share in the sum of all that it is among; it rises with itself and falls with the others.

        None if what is divided by is no such sum.
        """
        own, total = self._program.lines[value].sources
        line = self._program.lines[total]
        is_sum = isinstance(line.operation, Over) and line.operation.made == "sum" and line.sources == (own,)
        if not is_sum or total in self._program.names or len(at) > 1:
            return None
        # In all of them and by itself it is the same number, and none of them is worked out again.
        before, self.beside = self.beside, None
        part, whole = self.taken(own, each.places(0, at)), self.taken(total, each.places(1, at))
        self.beside = before
        # What the total is more than the number itself is that of the others.
        rest = whole - part
        low = part[..., 0] / (part[..., 0] + np.maximum(rest[..., 1], 0.0))
        high = part[..., 1] / (part[..., 1] + np.maximum(rest[..., 0], 0.0))
        # Whoever sees digits vanish takes the largest away first.
        vanish = self.manners.unshifted[..., 0] & (half_unit(part[..., 1], self.digits) > VANISHING * whole[..., 0])
        return np.where(vanish[..., np.newaxis], np.nan, np.stack([low, high], axis=-1))

    def _flat(self, value: int, each: Each, at: At) -> list[Ends]:
        """Return the factors of a product of products, or the addends of a sum of sums, that have no names between."""
        parts: list[Ends] = []
        for source, number in enumerate(self._program.lines[value].sources):
            inner, there = self._program.lines[number].operation, each.places(source, at)
            own = number in self._program.names or number in self._own
            if isinstance(inner, Each) and inner.function == each.function and not own:
                parts += self._flat(number, inner, there)
            else:
                parts.append(self.taken(number, there))
        return parts

    def _in_any_order(self, function: str, parts: Sequence[Ends]) -> Ends:
        orders = permutations(parts) if 2 < len(parts) <= ANY_ORDER and not self._early else iter([tuple(parts)])
        found = []
        for first, second, *others in orders:
            made = through(function, first, second)
            for other in others:
                made = through(function, self._penned(made), other)
            found.append(made)
        return hull(*found)

    def _over(self, numbers: Float[Array, "ways numbers terms 2"], over: Over) -> Ends:
        if over.made in ("largest", "smallest"):
            return OF[over.made](numbers, axis=2)
        total = added(numbers, self.manners, self._writes, self._early)
        return total if over.made == "sum" else np.asarray(self._penned(total) / over.count)

    def _picked(self, value: int, pick: Pick, at: At) -> Ends:
        sources, made = self._program.lines[value].sources, np.full((len(self.manners), len(at), 2), np.nan)
        for which, index in enumerate(at.tolist()):
            first, *said = pick.terms(tuple(index), [self._values[source] for source in sources]).factors
            if said:
                made[:, which] = self.taken(sources[0], first.at)[:, 0]
        return made


def constant(number: float, digits: int) -> str:
    """Return a constant of a formula as it is written: not with fewer digits than all other numbers."""
    return f"{number:.{max(6, digits + 2)}g}"


def different(ends: Float[Array, "ways 2"]) -> Float[Array, "fewer 2"]:
    """Return the ways that differ, in their order; none on which powers grow beyond bounds, if there are others."""
    possible = np.flatnonzero(np.isfinite(ends).all(axis=1))
    possible = possible if possible.size else np.zeros(1, dtype=np.int64)
    return np.array(list(dict.fromkeys((low, high) for low, high in ends[possible].tolist())))
