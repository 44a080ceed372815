"""Mistakes in working a number out: what each slip would give, found by the operations that the number is made by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.expression import Place
from core.layers.activations import ACTIVATIONS
from core.operations.dot import Dot
from core.operations.each import Each
from core.operations.over import Over
from core.operations.pick import Pick
from core.operations.program import Given, Program
from core.operations.run import Ready
from core.operations.take import Slice, Take
from core.practice.intervals import exactly, hull, less, rounded, through
from core.practice.judging import own_working, right_numbers
from core.practice.manners import HASTY, USUAL
from core.practice.mistakes_in_terms import in_terms
from core.practice.slip import FEW, Slip, Trial, pushed, ranked
from core.practice.working import Working, different, row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.calculation.calculated import Spot, Value
    from core.export.calculation.symbols import Symbols
    from core.operations.operation import At, Index
    from core.practice.marks import Entry
    from core.practice.sheet import Line, Sheet
    from core.practice.slip import Ends, Finding

MOST_LEAVES = 1_000
"""An activation of more numbers is not looked at as one."""

MOST_TRIED = 20_000
"""So many numbers are worked out at most to see what slips in one of them come to."""

TAKEN = (
    *("tanh", "sigmoid", "relu", "softmax", "softplus", "exponential", "elu", "leaky_relu", "gelu", "silu"),
    *("softsign", "hard_sigmoid", "hard_tanh", "selu"),
)
"""Activations that are taken for one another."""

ALIKE = ("tanh", "sigmoid", "softplus", "exp")
"""Functions that are taken for one another."""

ANGLES = (("tan", np.tan), ("sin", np.sin), ("cos", np.cos))
"""The keys of a calculator beside tanh that take an angle, in degrees or in radians."""

PART = "a part"
"""What a number is called that has no name."""

DEGREE = np.pi / 180.0


def diagnose(sheet: Sheet, spot: Spot, answer: float, entries: Mapping[Spot, Entry]) -> tuple[Finding, ...]:
    """Return the slips that would give ``answer``, which is wrong, for the blank ``spot``; the likeliest first.

    They are made with the learner's own earlier numbers, and with those of the page. A slip that would give a right
    answer as well is none. Nothing is found where no known slip gives the answer.
    """
    line, digits = sheet.line(spot), sheet.work.digits
    right = right_numbers(sheet, spot, entries)
    own = [own_working(sheet, spot, entries).settled(line.solved)]
    if not all(entry.sound for entry in entries.values()):
        own.append({})
    workings = [Working(sheet.work.page, digits, one, USUAL) for one in own]
    with np.errstate(all="ignore"):
        trials = (trial for working in workings for trial in Mistakes(working, spot, line, sheet.work.symbols).trials())
        found = [trial.finding(answer, digits, right) for trial in trials]
    return ranked(found)


class Mistakes:
    """The slips in finding the number at ``spot`` by a line, of a person who goes by ``working``."""

    def __init__(self, working: Working, spot: Spot, line: Line, symbols: Symbols) -> None:
        self.working, self.place = working, line.solved
        self.done = working.done
        self.lines = self.done.written.program.lines
        self._value, self._index, self._call = self.done.value_of(spot), spot.index, line.result.call
        self._symbols = symbols
        working.beside = working.home(self.place.value)

    def trials(self) -> Iterator[Trial]:
        """Give what every slip that is known would give."""
        made = self.working.made(self.place.value, row(self.place.index))
        yield Trial(Slip.SIGN, less(made), "the sign of the whole is the other one")
        yield from self._making(self.place)
        yield from self._other_numbers()
        yield from self._early(made)

    def _making(self, place: Place) -> Iterator[Trial]:
        """Give what comes of slips in the number at ``place``, or in those beside it that it is made of."""
        yield from self.of(place.value, row(place.index))
        for leaf in self.done.opener.made_of(place, MOST_LEAVES):
            if self._is_beside(leaf):
                yield from self._activated(place, leaf)
                yield from self._through(
                    place, leaf, [*self._of_number(leaf), *self._making(leaf), *self._early_in(leaf)]
                )

    def _is_beside(self, leaf: Place) -> bool:
        """Return whether a number is of the same unit, and of the same step: it was made on the way."""
        same = leaf.index == self.place.index and self.working.home(leaf.value) == self.working.beside
        return same and self.lines[leaf.value].operation is not None

    def _through(self, place: Place, leaf: Place, trials: list[Trial]) -> Iterator[Trial]:
        """Give what the number at ``place`` comes to with the ends of ``trials`` in place of the one at ``leaf``."""
        ends = np.concatenate([trial.ends for trial in trials], axis=1)
        count, size = ends.shape[1], len(self.done.opener.made_of(place, MOST_LEAVES))
        if count > max(MOST_TRIED // max(size, 1), FEW):
            return
        own = {**self.working.own, leaf: ends.reshape(-1, 1, 2)}
        manners = self.working.manners.each(count)
        working = Working(self.done, self.working.digits, own, manners, redoes=False)
        made = working.worked_out(place).reshape(len(self.working.manners), count, 2)
        start = 0
        for trial in trials:
            end = start + trial.ends.shape[1]
            yield replace(trial, ends=made[:, start:end])
            start = end

    def name(self, value: int, index: Sequence[int]) -> str:
        """Return the symbol of the number there, or of what it was moved from; "a part" if it has none."""
        place = Place(value, tuple(index))
        if self.done.named(place) is None:
            place = self.done.opener.origin(place)
        found = self.done.named(place)
        if found is not None:
            return str(self._symbols.of(*found, self._call))
        return "padding" if isinstance(self.lines[place.value].operation, Take) else PART

    def of(self, value: int, at: At) -> Iterator[Trial]:
        """Give what slips in the operation of ``value`` give, or in what that is made of, for the number at ``at``."""
        match self.lines[value].operation:
            case Each() as each:
                yield from self._of_each(value, each, at)
            case Dot() | Over():
                yield from in_terms(self, value, at)
            case Pick() as pick:
                yield from self._of_pick(value, pick, at)
            case Take():
                yield from self.taken(value, at)

    def taken(self, value: int, at: At) -> Iterator[Trial]:
        """Give what may be taken by mistake for the number of ``value`` at ``at``."""
        line = self.lines[value]
        if isinstance(line.operation, Take):
            for rows, places in line.operation.origins(at):
                if rows[0]:
                    if isinstance(line.operation, Slice) and value not in self.done.written.program.names:
                        yield from self._other_parts(line.sources[0], line.operation, places.at)
                    yield from self.taken(line.sources[places.source], places.at)
        elif line.operation is None or value in self.done.written.program.names:
            place = Place(value, tuple(at[0].tolist()))
            if not self._is_beside(place):
                yield from self._of_number(place)
        else:
            yield from self.of(value, at)

    def _other_parts(self, value: int, cut: Slice, at: At) -> Iterator[Trial]:
        """Give the same number of another part, where a value was cut into equal ones, such as gates."""
        size = cut.before[cut.axis]
        if cut.step != 1 or cut.count == size or size % cut.count:
            return
        for start in range(0, size, cut.count):
            if start != cut.start:
                there = at.copy()
                there[:, cut.axis] += start - cut.start
                words = f"another part was taken: that which begins at {start + 1:,}, not at {cut.start + 1:,}"
                yield Trial(Slip.OTHER_PART, self.working.taken(value, there), words)

    def _of_number(self, place: Place) -> Iterator[Trial]:
        """Give what may be taken for a number that stands there: its sign lost, or another number."""
        if self.done.named(place) is None:
            return
        own, name = self.working.taken(place.value, row(place.index)), self.name(place.value, place.index)
        yield Trial(Slip.SIGN, less(own), f"the sign of {name} was lost")
        for other, slip in self.others(place):
            ends = self.working.taken(other.value, row(other.index))
            yield Trial(slip, ends, f"{self.name(other.value, other.index)} was taken for {name}")

    def others(self, place: Place) -> Iterator[tuple[Place, Slip]]:
        """Give the numbers that may be taken for that at ``place``: beside it, of another step, of a value alike."""
        value, index = self.done.named(place) or (self._value, self._index)
        steps, is_weight = len(next(iter(value.parts))), value in self.done.weights
        for axis, other in _around(value, index):
            if is_weight or other < self.place:
                moved = Slip.OTHER_WEIGHT if is_weight else Slip.OTHER_INPUT
                yield other, Slip.OTHER_STEP if axis < steps else moved
        for alike in _alike(value, self.done.weights if is_weight else self.done.values):
            if is_weight or alike.place(index) < self.place:
                yield alike.place(index), Slip.OTHER_PART

    def _of_each(self, value: int, each: Each, at: At) -> Iterator[Trial]:
        line = self.lines[value]
        parts = [self.working.part(value, source, at) for source in range(len(each.before))]
        places = [np.where(np.array(size, dtype=np.int64) > 1, at, 0) for size in each.before]
        for source, (number, there) in enumerate(zip(line.sources, places, strict=True)):
            found = self.taken(number, there)
            if each.function == "add" and self.is_weight(number):
                found = (_of_bias(trial) for trial in found)
            if not self.working.is_largest(number):
                yield from pushed(each.function, parts, source, found)
        names = [self.name(number, there[0].tolist()) for number, there in zip(line.sources, places, strict=True)]
        if each.function in ("add", "subtract"):
            biases = [self._is_bias(each.function, number) for number in line.sources]
            yield from _of_sum(each.function, parts, names, biases)
        elif len(parts) == 2:
            yield from _of_two(each.function, parts, names)
        elif each.function == "where":
            yield Trial(Slip.FORGOT_ACTIVATION, parts[1], "the first of two cases was taken")
            yield Trial(Slip.FORGOT_ACTIVATION, parts[2], "the second of two cases was taken")
        else:
            yield from _of_one(each.function, parts[0])

    def _is_bias(self, function: str, value: int) -> bool:
        """Return whether a number is a bias: a weight that is added, or one of that name that is taken away."""
        given = self.lines[self.working.moved_from(value)].given
        return given is not None and given.kind == "weight" and (function == "add" or given.name == "bias")

    def is_weight(self, value: int) -> bool:
        """Return whether numbers come from a weight, however they were moved."""
        given = self.lines[self.working.moved_from(value)].given
        return given is not None and given.kind == "weight"

    def is_written(self, value: int) -> bool:
        """Return whether numbers were written down or given, however they were moved."""
        value = self.working.moved_from(value)
        return self.lines[value].operation is None or value in self.done.written.program.names

    def is_constant(self, value: int) -> bool:
        """Return whether numbers are constants of the formula, however they were moved."""
        given = self.lines[self.working.moved_from(value)].given
        return given is not None and given.numbers is not None

    def _of_pick(self, value: int, pick: Pick, at: At) -> Iterator[Trial]:
        """Give the numbers of the rows beside the one that is said: rows are counted from 0."""
        line, index = self.lines[value], at[0].tolist()
        factors = pick.terms(tuple(index), [self.done.numbers[source] for source in line.sources]).factors
        for factor in factors:
            if factor.source == 0:
                for row in beside(int(factor.at[0, 0]), pick.before[0][0]):
                    there = factor.at.copy()
                    there[0, 0] = row
                    words = f"row {row:,} was taken; rows are counted from 0"
                    yield Trial(Slip.OTHER_INPUT, self.working.taken(line.sources[0], there), words)

    def _activated(self, place: Place, leaf: Place) -> Iterator[Trial]:
        """Give other functions than that which makes the number at ``place``, if it is made of the one at ``leaf``.

        It may be made of all units beside that too, as by softmax.
        """
        if any(other.value != leaf.value for other in self.done.opener.made_of(place, MOST_LEAVES)):
            return
        shape = self.lines[leaf.value].shape
        units = np.repeat(row(leaf.index), shape[-1] if shape else 1, axis=0)
        if shape:
            units[:, -1] = np.arange(shape[-1])
        z, name = self.working.taken(leaf.value, units).copy(), self.name(leaf.value, leaf.index)
        own = self.working.taken(leaf.value, row(leaf.index))
        z[:, leaf.index[-1] if shape else 0] = own[:, 0]
        yield Trial(Slip.FORGOT_ACTIVATION, own, f"the number is {name} itself: the activation was left out")
        for other, made in activations(z).items():
            ends = np.sort(made[:, leaf.index[-1] if shape else 0][:, np.newaxis], axis=-1)
            yield Trial(Slip.WRONG_ACTIVATION, ends, f"{other} was taken for the activation")
        turned = np.concatenate([own * DEGREE, own / DEGREE], axis=1)
        words = f"{name} was changed between degrees and radians, but it is no angle"
        yield from self._through(place, leaf, [Trial(Slip.DEGREES, turned, words)])

    def _other_numbers(self) -> Iterator[Trial]:
        """Give the numbers that stand beside: those of other units or steps, and the other ones of this unit."""
        for _, other in _around(self._value, self._index):
            words = f"that is {self.name(other.value, other.index)}"
            yield Trial(Slip.OTHER_NUMBER, self.working.taken(other.value, row(other.index)), words)
        for value in _alike(self._value, self.done.values):
            other = value.place(self._index)
            later = other > self.place and self.place in self.done.opener.made_of(other, FEW)
            words = f"that is {self.name(other.value, other.index)}{' already' if later else ''}"
            ends = self.working.taken(other.value, row(other.index))
            with_bias = later and any(map(self.is_weight, self.lines[other.value].sources))
            too_soon = Slip.BIAS_TOO_SOON if with_bias else Slip.ACTIVATED_TOO_SOON
            yield Trial(too_soon if later else Slip.OTHER_NUMBER, ends, words)

    def _early_in(self, leaf: Place) -> Iterator[Trial]:
        """Give what a number that was made on the way is with fewer digits, each way as a variant."""
        words = "a number was rounded too early, or to fewer digits"
        for digits in range(self.working.digits):
            early = Working(self.done, self.working.digits, self.working.own, HASTY, early=digits)
            ends = different(early.worked_out(leaf)[:, 0])
            yield Trial(Slip.ROUNDED_EARLY, np.broadcast_to(ends, (len(self.working.manners), *ends.shape)), words)

    def _early(self, made: Ends) -> Iterator[Trial]:
        """Give what comes of fewer digits: of the numbers that are given, of what is in between, or of the result."""
        words = "a number was rounded too early, or to fewer digits"
        # What was worked out on the way was so with fewer digits too.
        worked_out = [at for at, one in self.working.own.items() if isinstance(one, np.ndarray) and self._is_beside(at)]
        own = {**self.working.own, **dict.fromkeys(worked_out)}
        for digits in range(self.working.digits):
            early = Working(self.done, self.working.digits, own, HASTY, early=digits)
            yield Trial(Slip.ROUNDED_EARLY, early.worked_out(self.place), words)
            yield Trial(Slip.ROUNDED_EARLY, rounded(made, digits), words)


def beside(at: int, size: int) -> list[int]:
    """Return the other places along an axis: all of few, the neighbours of many."""
    near = range(size) if size <= FEW else (at - 1, at + 1)
    return [there for there in near if there != at and 0 <= there < size]


def _around(value: Value, index: Index) -> Iterator[tuple[int, Place]]:
    """Give the numbers beside one, each with the axis along which it is."""
    for axis, size in enumerate(value.shape):
        for there in beside(index[axis], size):
            yield axis, value.place((*index[:axis], there, *index[axis + 1 :]))


def _alike(value: Value, others: Sequence[Value]) -> Iterator[Value]:
    """Give the other values of the same call that have the same shape."""
    return (one for one in others if one.call == value.call and one.shape == value.shape and one is not value)


def _of_bias(trial: Trial) -> Trial:
    return replace(trial, slip=Slip.OTHER_BIAS) if trial.slip is Slip.OTHER_WEIGHT else trial


def activations(z: Ends) -> dict[str, Ends]:
    """Return what the activations that are taken for one another make of the last axis of numbers but one."""
    program = Program()
    given = program.given(Given("input"), (z.shape[1],))
    wanted = [ACTIVATIONS[name](given).number for name in TAKEN]
    made = Ready(program, {}, [given.number], wanted)(z.transpose(0, 2, 1).reshape(-1, z.shape[1]))
    return {name: one.reshape(len(z), 2, -1).transpose(0, 2, 1) for name, one in zip(TAKEN, made, strict=True)}


def _of_sum(function: str, parts: Sequence[Ends], names: Sequence[str], biases: Sequence[bool]) -> Iterator[Trial]:
    first, second = parts
    other = "subtract" if function == "add" else "add"
    for at, kept in enumerate((second, first)):
        bias, how = biases[at], "added" if function == "add" else "taken away"
        left = kept if function == "add" or at == 1 else less(kept)
        words = f"the bias {names[at]} was left out" if bias else f"{names[at]} was left out"
        yield Trial(Slip.FORGOT_BIAS if bias else Slip.LEFT_OUT, left, words)
        if bias:
            twice = through(function, through(function, first, second), parts[at])
            yield Trial(Slip.BIAS_TWICE, twice, f"the bias {names[at]} was {how} twice")
        if bias and function == "add":
            taken = through("subtract", kept, parts[at])
            yield Trial(Slip.BIAS_SUBTRACTED, taken, f"the bias {names[at]} was taken away, not added")
    words = f"{names[1]} was {'taken away' if function == 'add' else 'added'}"
    yield Trial(Slip.SIGN, through(other, first, second), words)
    if function == "subtract" and {*names} != {PART}:
        yield Trial(
            Slip.OTHER_WAY_ROUND, through(function, second, first), f"{names[0]} was taken away from {names[1]}"
        )


def _of_two(function: str, parts: Sequence[Ends], names: Sequence[str]) -> Iterator[Trial]:
    first, second = parts
    match function:
        case "multiply":
            for at, kept in enumerate((second, first)):
                yield Trial(Slip.LEFT_OUT, kept, f"the factor {names[at]} was left out")
            yield Trial(Slip.LEFT_OUT, through("add", first, second), f"{names[0]} and {names[1]} were added")
        case "divide":
            yield Trial(Slip.NOT_DIVIDED, first, f"the division by {names[1]} was left out")
            yield Trial(Slip.NOT_DIVIDED, through("multiply", first, second), "what was to be divided was multiplied")
            yield Trial(Slip.OTHER_WAY_ROUND, through("divide", second, first), "the division is the other way round")
        case "maximum" | "minimum":
            for at in (0, 1):
                yield Trial(Slip.FORGOT_ACTIVATION, parts[at], f"{names[at]} was taken, whichever the {function} is")


def _of_one(function: str, z: Ends) -> Iterator[Trial]:
    """Give the slips in a function of one number."""
    yield Trial(Slip.FORGOT_ACTIVATION, z, f"{function} was left out")
    if function == "negative":
        return
    yield Trial(Slip.TWICE, through(function, through(function, z)), f"{function} was applied twice")
    for other in ALIKE if function in ALIKE else ():
        if other != function:
            yield Trial(Slip.WRONG_ACTIVATION, through(other, z), f"{other} was taken for {function}")
    if function != "tanh":
        return
    turned = np.concatenate([through(function, z * DEGREE), through(function, z / DEGREE)], axis=1)
    yield Trial(Slip.DEGREES, turned, f"z was changed between degrees and radians, but {function} takes no angle")
    for key, of in ANGLES:
        ends = hull(*(exactly(of(z[..., side])) for side in (0, 1)))
        yield Trial(Slip.TAN, ends, f"{key} was taken for {function}")
        degrees = hull(*(exactly(of(z[..., side] * DEGREE)) for side in (0, 1)))
        yield Trial(Slip.DEGREES, degrees, f"{key} of an angle in degrees was taken for {function}")
