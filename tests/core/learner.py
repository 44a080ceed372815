"""A learner for tests: makes lessons of a few lines, begins them, and knows right and wrong answers."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from core.calculation.calculated import addresses_of
from core.calculation.effect import measure_change
from core.calculation.followed import Asked, follow
from core.formatting import number
from core.lessons.conditions import Seen
from core.lessons.lesson import Answer, Choice, Lesson, Step, Within
from core.lessons.progress import start
from core.lessons.reader import lesson_of
from core.lessons.source import from_bytes
from core.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.calculation.calculated import Spot
    from core.model.network import Network
    from core.session.state import State


def lesson(*lines: str, head: str = "# A title") -> Lesson:
    return lesson_of(from_bytes("\n".join([head, "", *lines]).encode(), "a.md"))


def only_step(*lines: str) -> Step:
    (step,) = lesson("## A step", *lines).steps
    return step


def seen(session: Session, tab: str = "") -> Seen:
    state = session.state
    return Seen(state, tab, measure_change(state)[0])


def begun(of: Lesson) -> Session:
    session = Session()
    start(session, of)
    return session


def a_choice(right: int) -> list[str]:
    return ["choice: Which?", *(f"- [{'x' if place == right else ' '}] option {place}" for place in range(3))]


def right_entry(step: Step, state: State, digits: int) -> str:
    """Return what a learner types who knows the answer."""
    match step.check:
        case Answer(spot=spot):
            asked = Asked(state.model.network, state.model.weights, state.x)
            return number(follow(asked).exact.number(spot), digits)
        case Within(low=low, high=high):
            return str((low + high) / 2)
        case Choice(options=options):
            return str([option.right for option in options].index(True) + 1)
    return ""


def wrong_entries(step: Step, right: str) -> list[str]:
    """Return what learners type who don't know it."""
    if isinstance(step.check, Choice):
        return [str(place) for place, option in enumerate(step.check.options, start=1) if not option.right]
    return [str(float(right) + 0.01), "123"] if isinstance(step.check, Answer | Within) else []


def spots(network: Network) -> Iterator[Spot]:
    """Give the address of every number of a model."""
    made = addresses_of(network)
    for value in (*made.values, *made.weights):
        yield from map(value.spot, itertools.product(*map(range, value.shape)))
