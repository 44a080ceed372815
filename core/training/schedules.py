"""Learning-rate schedules: Keras's own, and what each makes of the learning rate after so many batches.

Formulas: Keras 3 documentation ("Learning rate schedules API"); the cosine is from Loshchilov and Hutter, "SGDR:
Stochastic Gradient Descent with Warm Restarts" (2016).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from core.errors import Refused, shorten
from core.half_width import half_width
from core.training.options import Option, Options, checked, flag, in_words, needed, number, numbers, read, values

if TYPE_CHECKING:
    from collections.abc import Callable

    Formula = Callable[[float, int, dict[str, Any]], float]
    """The first learning rate, the batches that are done, every option's value -> the learning rate."""


@dataclass(frozen=True)
class Kind:
    """One kind of schedule: Keras's class of it, its options and its formula."""

    name: str
    keras_class: str
    options: tuple[Option, ...]
    formula: Formula


def _steps(name: str) -> Option:
    return needed(name, lambda value: value >= 1 and value == int(value), "a whole number of batches, from 1")


def _decayed(rate: float, step: int, options: dict[str, Any]) -> float:
    return float(rate * options["decay_rate"] ** _part(step, options))


def _inverse(rate: float, step: int, options: dict[str, Any]) -> float:
    return float(rate / (1 + options["decay_rate"] * _part(step, options)))


def _part(step: int, options: dict[str, Any]) -> float:
    part = step / options["decay_steps"]
    return float(math.floor(part) if options["staircase"] else part)


def _polynomial(rate: float, step: int, options: dict[str, Any]) -> float:
    steps, last = options["decay_steps"], options["end_learning_rate"]
    if options["cycle"]:
        steps *= max(math.ceil(step / steps), 1)
    return float((rate - last) * (1 - min(step, steps) / steps) ** options["power"] + last)


def _cosine(rate: float, step: int, options: dict[str, Any]) -> float:
    warm, target = options["warmup_steps"], options["warmup_target"]
    if target is None:
        return _half_wave(rate, step / options["decay_steps"], options["alpha"])
    if step < warm:
        return float(rate + (target - rate) * step / warm)
    return _half_wave(target, (step - warm) / options["decay_steps"], options["alpha"])


def _half_wave(rate: float, part: float, alpha: float, height: float = 1.0) -> float:
    return rate * ((1 - alpha) * height * 0.5 * (1 + math.cos(math.pi * min(part, 1.0))) + alpha)


def _restarts(rate: float, step: int, options: dict[str, Any]) -> float:
    longer, part, restarts = options["t_mul"], step / options["first_decay_steps"], 0
    length = 1.0
    while part >= length:
        part, length, restarts = part - length, length * longer, restarts + 1
    return _half_wave(rate, part / length, options["alpha"], options["m_mul"] ** restarts)


def _pieces(rate: float, step: int, options: dict[str, Any]) -> float:
    after = sum(step > boundary for boundary in options["boundaries"])
    return float([rate, *options["values"]][after])


_RATE = needed("decay_rate", lambda value: value > 0, "above 0")
_ALPHA = number("alpha", 0.0, lambda value: 0 <= value <= 1, "from 0 to 1")
_ABOVE_0 = (lambda value: value > 0, "above 0")
_WARM = number("warmup_steps", 0.0, lambda value: value >= 0 and value == int(value), "a whole number of batches")

SCHEDULES = {
    kind.name: kind
    for kind in (
        Kind("exponential_decay", "ExponentialDecay", (_steps("decay_steps"), _RATE, flag("staircase")), _decayed),
        Kind("inverse_time_decay", "InverseTimeDecay", (_steps("decay_steps"), _RATE, flag("staircase")), _inverse),
        Kind(
            "polynomial_decay",
            "PolynomialDecay",
            (
                _steps("decay_steps"),
                number("end_learning_rate", 0.0001, lambda value: value >= 0, "from 0 up"),
                number("power", 1.0, *_ABOVE_0),
                flag("cycle"),
            ),
            _polynomial,
        ),
        Kind(
            "cosine_decay",
            "CosineDecay",
            (_steps("decay_steps"), _ALPHA, number("warmup_target", None, *_ABOVE_0), _WARM),
            _cosine,
        ),
        Kind(
            "cosine_decay_restarts",
            "CosineDecayRestarts",
            (
                _steps("first_decay_steps"),
                number("t_mul", 2.0, lambda value: value >= 1, "from 1 up"),
                number("m_mul", 1.0, *_ABOVE_0),
                _ALPHA,
            ),
            _restarts,
        ),
        Kind(
            "piecewise_constant_decay",
            "PiecewiseConstantDecay",
            (
                numbers("boundaries", lambda value: value >= 0 and value == int(value), "as whole batches"),
                numbers("values", *_ABOVE_0),
            ),
            _pieces,
        ),
    )
}
"""Keras's class, spelled as a name -> the kind of schedule."""

CONSTANT = "constant"
"""What is typed for no schedule at all."""


class Schedule(msgspec.Struct, frozen=True):
    """A learning rate that changes from batch to batch; it begins with the recipe's own.

    ``values`` of ``piecewise_constant_decay`` are those after its boundaries: Keras's without the first.

    Raises:
        Refused: there is no such schedule, or its options are not ones that Keras takes.
    """

    name: str
    options: Options = ()

    def __post_init__(self) -> None:
        if self.name not in SCHEDULES:
            known = ", ".join((CONSTANT, *SCHEDULES))
            raise Refused(f"expected a learning-rate schedule out of {known}; got {shorten(self.name)!r}")
        options = values(checked(self.options, self.name, self.kind.options), self.kind.options)
        if (options.get("warmup_target") is None) != (not options.get("warmup_steps")):
            raise Refused("expected warmup_steps and warmup_target together: the batches to warm up in, and up to what")
        if "boundaries" in options:
            self._check_pieces(options)

    def _check_pieces(self, options: dict[str, Any]) -> None:
        boundaries, rates = options["boundaries"], options["values"]
        if len(boundaries) != len(rates):
            raise Refused(
                f"expected as many values as boundaries, the learning rate after each ({len(boundaries)}), "
                f"got {len(rates)}; before the first it is the learning rate of the recipe itself"
            )
        if any(later <= earlier for earlier, later in pairwise(boundaries)):
            raise Refused("expected boundaries that grow, each larger than the one before")

    @property
    def kind(self) -> Kind:
        """Which of Keras's schedules this is."""
        return SCHEDULES[self.name]

    def rate(self, first: float, step: int) -> float:
        """Return the learning rate for the batch after ``step`` batches, if it was ``first`` in the beginning."""
        return self.kind.formula(first, step, values(self.options, self.kind.options))

    def in_words(self) -> str:
        """Return it as :func:`read_schedule` takes it."""
        return f"{self.name} {in_words(self.options)}".rstrip()


def read_schedule(text: str) -> Schedule | None:
    """Return the schedule in ``text``, such as ``cosine_decay decay_steps 900``; None for a constant learning rate.

    Raises:
        Refused: see :class:`Schedule`.
    """
    name, _, options = half_width(text).strip().partition(" ")
    if name in ("", CONSTANT) and not options.strip():
        return None
    names = {kind.keras_class.lower(): kind.name for kind in SCHEDULES.values()}
    name = names.get(name.lower(), name)
    known = SCHEDULES[name].options if name in SCHEDULES else ()
    return Schedule(name, read(options, name, known) if known else ())


def schedule_in_words(schedule: Schedule | None) -> str:
    """Return ``schedule`` as :func:`read_schedule` takes it."""
    return CONSTANT if schedule is None else schedule.in_words()
