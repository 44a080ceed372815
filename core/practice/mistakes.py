"""Mistakes in working a number out: what each slip would give, found by the operations that the number is made by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.expression import Place
from core.layers.activations import ACTIVATIONS
from core.operations.dot import Dot
from core.operations.each import Each
from core.operations.operation import row
from core.operations.over import Over
from core.operations.pick import Pick
from core.operations.program import Given, Program
from core.operations.run import Ready
from core.operations.take import Slice, Take, Window
from core.practice.intervals import less, rounded, through
from core.practice.judging import right_numbers
from core.practice.manners import HASTY, USUAL
from core.practice.mistakes_in_terms import in_terms
from core.practice.slip import FEW, Slip, Trial, pushed, ranked
from core.practice.working import Working, different

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.calculation.calculated import Spot
    from core.calculation.expression import Rows
    from core.operations.operation import At
    from core.practice.manners import Ends
    from core.practice.marks import Entry
    from core.practice.sheet import Sheet
    from core.practice.slip import Finding

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

ANGLES = {"tan": np.tan, "sin": np.sin, "cos": np.cos}
"""The keys of a calculator beside tanh that take an angle, in degrees or in radians."""

PART = "a part"
"""What a number is called that has no name."""

DEGREE = np.pi / 180.0


def diagnose(sheet: Sheet, spot: Spot, answer: float, entries: Mapping[Spot, Entry]) -> tuple[Finding, ...]:
    """Return the slips that would give ``answer``, which is wrong, for the blank ``spot``; the likeliest first.

    They are made with the learner's own earlier numbers, and with those of the page. A slip that would give a right
    answer as well is none. Nothing is found where no known slip gives the answer.
    """
    digits, right = sheet.work.digits, right_numbers(sheet, spot, entries)
    answers = {at: entry.value for at, entry in entries.items()}
    own = [sheet.working(answers).settled(sheet.line(spot).solved)]
    if not all(entry.sound for entry in entries.values()):
        own.append({})
    workings = [Working(sheet.work.page, digits, one, USUAL) for one in own]
    with np.errstate(all="ignore"):
        trials = (trial for working in workings for trial in Mistakes(sheet, spot, working).trials())
        found = [trial.finding(answer, digits, right) for trial in trials]
    return ranked(found)


class Mistakes:
    """The slips in finding the number at ``spot`` on a sheet, of a person who goes by ``working``."""

    def __init__(self, sheet: Sheet, spot: Spot, working: Working) -> None:
        self._work, self._line, self.working = sheet.work, sheet.line(spot), working
        self.place, self.done = self._line.solved, working.done
        self.lines, self._asked = self.done.written.program.lines, self.done.place(spot)
        working.beside = working.home(self.place.value)

    def trials(self) -> Iterator[Trial]:
        """Give what every slip that is known would give."""
        made = self.working.worked_out(self.place)
        yield Trial(Slip.SIGN, less(made), "the sign of the whole is the other one")
        yield from self._making(self.place)
        yield from self._other_numbers()
        yield from self._early(self.place)

    def _making(self, place: Place) -> Iterator[Trial]:
        """Give what comes of slips in the number at ``place``, or in those beside it that it is made of."""
        yield from self.of(place.value, row(place.index))
        for leaf in self.done.opener.made_of(place, MOST_LEAVES):
            if self._is_beside(leaf):
                yield from self._activated(place, leaf)
                slips = [*self._of_number(leaf.value, row(leaf.index)), *self._making(leaf), *self._early(leaf)]
                yield from self._through(place, leaf, slips)

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
        working = Working(self.done, self.working.digits, own, self.working.manners.each(count))
        made = working.worked_out(place).reshape(len(self.working.manners), count, 2)
        cuts = np.cumsum([trial.ends.shape[1] for trial in trials])[:-1]
        for trial, part in zip(trials, np.split(made, cuts, axis=1), strict=True):
            yield replace(trial, ends=part)

    def name(self, value: int, index: Sequence[int]) -> str:
        """Return the symbol of the number there, or of what it was moved from; "a part" if it has none."""
        place = Place(value, tuple(index))
        if self.done.named(place) is None:
            place = self.done.opener.origin(place)
        if self.done.named(place) is not None:
            return self._work.symbol(place, self._line.result.call)
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
        *_, (made, there, _) = self.levels(value, at)
        place = Place(made, tuple(there[0].tolist()))
        if self.done.named(place) is not None:
            yield from () if self._is_beside(place) else self._of_number(value, at)
        elif not isinstance(self.lines[made].operation, Take):
            for slip, other, elsewhere, _ in self.elsewhere(value, at):
                if slip is Slip.OTHER_PART:
                    yield Trial(slip, self.working.taken(other, elsewhere), "another part was taken")
            yield from self.of(made, there)

    def _of_number(self, value: int, at: At) -> Iterator[Trial]:
        """Give what may be taken for a number that stands there: its sign lost, or another number."""
        name = self.name(value, at[0].tolist())
        yield Trial(Slip.SIGN, less(self.working.taken(value, at)), f"the sign of {name} was lost")
        for slip, other, there, _ in self.elsewhere(value, at):
            if self.is_there(other):
                words = f"{self.name(other, there[0].tolist())} was taken for {name}"
                # Another unit's sum is what another unit's weights make.
                is_sum = slip is Slip.OTHER_INPUT and isinstance(self.lines[value].operation, Dot)
                yield Trial(Slip.OTHER_WEIGHT if is_sum else slip, self.working.taken(other, there), words)

    def is_there(self, value: int) -> bool:
        """Return whether numbers stand there already when the one that is asked for is made."""
        return value < self.place.value or self.is_weight(value)

    def levels(self, value: int, at: At) -> Iterator[tuple[int, At, Rows]]:
        """Give where numbers come from, one move after the other, and which of them those are that came so far."""
        rows = np.arange(len(at))
        while len(rows):
            yield value, at, rows
            line = self.lines[value]
            if not isinstance(line.operation, Take):
                return
            origins = [(there, places) for there, places in line.operation.origins(at) if there.any()]
            if len(origins) != 1:
                return
            ((there, places),) = origins
            value, at, rows = line.sources[places.source], places.at, rows[there]

    def elsewhere(self, value: int, at: At) -> Iterator[tuple[Slip, int, At, Rows]]:
        """Give where else numbers may be taken from: beside, under a window moved, at another step, of another part.

        That is which slip it is, of which value they are, where in it, and for which rows of ``at``.
        """
        slip, moving = Slip.OTHER_WEIGHT if self.is_weight(value) else Slip.OTHER_INPUT, False
        for level, here, rows in self.levels(value, at):
            line = self.lines[level]
            moving |= isinstance(line.operation, Window)
            is_leaf = not isinstance(line.operation, Take)
            for axis, size in enumerate(line.shape):
                is_one = bool((here[:, axis] == here[0, axis]).all())
                near = beside(int(here[0, axis]), size) if is_one else []
                for by in [there - int(here[0, axis]) for there in near] or ([-1, 1] if is_leaf and moving else []):
                    yield slip, level, _moved(here, axis, by), rows
            # One number that was cut out of those written is beside the others already.
            if isinstance(cut := line.operation, Slice) and (cut.count > 1 or not self.is_written(level)):
                ((_, places),) = cut.origins(here)
                for start in _parts(cut):
                    yield Slip.OTHER_PART, line.sources[0], _moved(places.at, cut.axis, start - cut.start), rows
            if is_leaf:
                yield from self._alike(level, here, rows)

    def _alike(self, value: int, at: At, rows: Rows) -> Iterator[tuple[Slip, int, At, Rows]]:
        """Give the same places at other steps and in other values of the call, and a weight's rows for its columns."""
        found = self.done.named(Place(value, tuple(at[0].tolist())))
        if found is None:
            return
        (of, index), is_weight = found, self.is_weight(value)
        if is_weight and at.shape[1] == 2 and len(at) > 1:
            yield Slip.TRANSPOSED, value, at[:, ::-1], rows
        steps = index[: len(index) - at.shape[1]]
        for axis, step in enumerate(steps):
            for there in beside(step, of.shape[axis]):
                yield Slip.OTHER_STEP, of.parts[(*steps[:axis], there, *steps[axis + 1 :])], at, rows
        for one in self.done.weights if is_weight else self.done.values:
            if one.call == of.call and one.shape == of.shape and one is not of and steps in one.parts:
                yield Slip.OTHER_PART, one.parts[steps], at, rows

    def _of_each(self, value: int, each: Each, at: At) -> Iterator[Trial]:
        line = self.lines[value]
        places = [each.places(source, at) for source in range(len(line.sources))]
        parts = [self.working.taken(number, there) for number, there in zip(line.sources, places, strict=True)]
        # A bias is added; where a line is solved for what is missing in it, it is taken away.
        adds = each.function == "add" or (each.function == "subtract" and self.done.named(self.place) is None)
        biases = [adds and self.is_weight(number) for number in line.sources]
        for source, (number, there) in enumerate(zip(line.sources, places, strict=True)):
            for trial in pushed(each.function, parts, source, self.taken(number, there)):
                is_other_bias = biases[source] and trial.slip is Slip.OTHER_WEIGHT
                if not self.working.is_largest(number):
                    yield replace(trial, slip=Slip.OTHER_BIAS) if is_other_bias else trial
        names = [self.name(number, there[0].tolist()) for number, there in zip(line.sources, places, strict=True)]
        if each.function in ("add", "subtract"):
            yield from _of_sum(each.function, parts, names, biases)
        elif len(parts) == 2:
            yield from _of_two(each.function, parts, names)
        elif each.function == "where":
            yield Trial(Slip.FORGOT_ACTIVATION, parts[1], "the first of two cases was taken")
            yield Trial(Slip.FORGOT_ACTIVATION, parts[2], "the second of two cases was taken")
        else:
            yield from _of_one(each.function, parts[0])

    def comes_from(self, value: int) -> str:
        """Return what kind of given numbers these are, however they were moved; empty if they are made."""
        given = self.lines[self.working.moved_from(value)].given
        return "" if given is None else given.kind

    def is_weight(self, value: int) -> bool:
        """Return whether numbers come from a weight, however they were moved."""
        return self.comes_from(value) == "weight"

    def is_written(self, value: int) -> bool:
        """Return whether numbers were written down or given, however they were moved."""
        return bool(self.comes_from(value)) or self.working.moved_from(value) in self.done.written.program.names

    def _of_pick(self, value: int, pick: Pick, at: At) -> Iterator[Trial]:
        """Give the numbers of the rows beside the one that is said: rows are counted from 0."""
        sources = self.lines[value].sources
        said, *_ = pick.terms(tuple(at[0].tolist()), [self.done.numbers[source] for source in sources]).factors
        own = int(said.at[0, 0])
        for there in beside(own, pick.before[0][0]) if said.source == 0 else ():
            ends = self.working.taken(sources[0], _moved(said.at, 0, there - own))
            yield Trial(Slip.OTHER_INPUT, ends, f"row {there:,} was taken; rows are counted from 0")

    def _activated(self, place: Place, leaf: Place) -> Iterator[Trial]:
        """Give other functions than that which makes the number at ``place``, if it is made of the one at ``leaf``.

        It may be made of all units beside that too, as by softmax.
        """
        if any(other.value != leaf.value for other in self.done.opener.made_of(place, MOST_LEAVES)):
            return
        shape, unit = self.lines[leaf.value].shape, leaf.index[-1] if leaf.index else 0
        units = np.repeat(row(leaf.index), shape[-1] if shape else 1, axis=0)
        units[:, -1:] = np.arange(len(units))[:, np.newaxis]
        z, name = self.working.taken(leaf.value, units).copy(), self.name(leaf.value, leaf.index)
        own = self.working.taken(leaf.value, row(leaf.index))
        z[:, unit] = own[:, 0]
        yield Trial(Slip.FORGOT_ACTIVATION, own, f"the number is {name} itself: the activation was left out")
        for other, made in activations(z).items():
            ends = np.sort(made[:, unit, np.newaxis], axis=-1)
            yield Trial(Slip.WRONG_ACTIVATION, ends, f"{other} was taken for the activation")
        turned = np.concatenate([own * DEGREE, own / DEGREE], axis=1)
        words = f"{name} was changed between degrees and radians, but it is no angle"
        yield from self._through(place, leaf, [Trial(Slip.DEGREES, turned, words)])

    def _other_numbers(self) -> Iterator[Trial]:
        """Give the numbers that stand beside: those of other units or steps, and the other ones of this unit."""
        for _, value, at, _ in self.elsewhere(self._asked.value, row(self._asked.index)):
            place = Place(value, tuple(at[0].tolist()))
            later = place > self.place and self.place in self.done.opener.made_of(place, FEW)
            with_bias = later and any(map(self.is_weight, self.lines[value].sources))
            too_soon = Slip.BIAS_TOO_SOON if with_bias else Slip.ACTIVATED_TOO_SOON
            words = f"that is {self.name(value, place.index)}{' already' if later else ''}"
            yield Trial(too_soon if later else Slip.OTHER_NUMBER, self.working.taken(value, at), words)

    def _early(self, place: Place) -> Iterator[Trial]:
        """Give what comes of fewer digits: of the numbers that are given, of what is in between, or of the result."""
        words, made = "a number was rounded too early, or to fewer digits", self.working.worked_out(place)
        # What was worked out on the way was so with fewer digits too.
        worked_out = [at for at, one in self.working.own.items() if isinstance(one, np.ndarray) and self._is_beside(at)]
        own = {**self.working.own, **dict.fromkeys(worked_out)}
        for digits in range(self.working.digits):
            early = Working(self.done, self.working.digits, own, HASTY, early=digits)
            ends = different(early.worked_out(place)[:, 0])
            ways = np.broadcast_to(ends, (len(made), *ends.shape))
            yield Trial(Slip.ROUNDED_EARLY, np.concatenate([ways, rounded(made, digits)], axis=1), words)


def beside(at: int, size: int) -> list[int]:
    """Return the other places along an axis: all of few, the neighbours of many."""
    near = range(size) if size <= FEW else (at - 1, at + 1)
    return [there for there in near if there != at and 0 <= there < size]


def _moved(at: At, axis: int, by: int) -> At:
    return np.asarray(at + by * (np.arange(at.shape[1]) == axis), dtype=np.int64)


def _parts(cut: Slice) -> list[int]:
    """Return where the other parts begin, where a value was cut into equal ones, such as gates."""
    starts = range(0, cut.before[cut.axis], max(cut.count, 1))
    is_part = cut.step == 1 and cut.start in starts and starts[-1] + cut.count == cut.before[cut.axis]
    return [start for start in starts if start != cut.start] if is_part else []


def activations(z: Ends) -> dict[str, Ends]:
    """Return what the activations that are taken for one another make of the last axis of numbers but one."""
    program = Program()
    given = program.given(Given("input"), (z.shape[1],))
    wanted = [ACTIVATIONS[name](given).number for name in TAKEN]
    made = Ready(program, {}, [given.number], wanted)(z.transpose(0, 2, 1).reshape(-1, z.shape[1]))
    return {name: one.reshape(len(z), 2, -1).transpose(0, 2, 1) for name, one in zip(TAKEN, made, strict=True)}


def _of_sum(function: str, parts: Sequence[Ends], names: Sequence[str], biases: Sequence[bool]) -> Iterator[Trial]:
    first, second = parts
    adds, made = function == "add", through(function, first, second)
    how, other, instead = ("added", "taken away", "subtract") if adds else ("taken away", "added", "add")
    for at, kept in enumerate((second if adds else less(second), first)):
        if not biases[at]:
            yield Trial(Slip.LEFT_OUT, kept, f"{names[at]} was left out")
            continue
        yield Trial(Slip.FORGOT_BIAS, kept, f"the bias {names[at]} was left out")
        yield Trial(Slip.BIAS_TWICE, through(function, made, parts[at]), f"the bias {names[at]} was {how} twice")
        if adds:
            taken = through("subtract", kept, parts[at])
            yield Trial(Slip.BIAS_SUBTRACTED, taken, f"the bias {names[at]} was taken away, not added")
    yield Trial(Slip.SIGN, through(instead, first, second), f"{names[1]} was {other}")
    if not adds and {*names} != {PART}:
        words = f"{names[0]} was taken away from {names[1]}"
        yield Trial(Slip.OTHER_WAY_ROUND, through(function, second, first), words)


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
    for key, of in ANGLES.items():
        for slip, unit, words in ((Slip.TAN, 1.0, key), (Slip.DEGREES, DEGREE, f"{key} of an angle in degrees")):
            yield Trial(slip, np.sort(of(z * unit), axis=-1), f"{words} was taken for {function}")
