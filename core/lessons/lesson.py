"""Lesson: the frozen values that a lesson's file becomes: what it begins with, its steps, and each step's check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from core.formatting import DEFAULT_DIGITS
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.arrays import Array
    from core.calculation.calculated import Spot
    from core.data.dataset import Dataset
    from core.lessons.conditions import Seen
    from core.lessons.source import Source
    from core.model.files.opening import OpenedModel
    from core.model.network import Network
    from core.model.weights import Weights
    from core.session.session import Session


@dataclass(frozen=True)
class Answer:
    """A number of the calculation is to be typed: the one at ``spot``, which a person calls ``symbol``."""

    spot: Spot
    symbol: str


@dataclass(frozen=True)
class Within:
    """A fixed number is to be typed: one from ``low`` to ``high``, both allowed."""

    low: float
    high: float


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from, and what is said to whoever chooses it."""

    text: str
    right: bool
    reply: str = ""


@dataclass(frozen=True)
class Choice:
    """One of several answers is to be chosen; exactly one is right."""

    question: str
    options: tuple[Option, ...]


class Looked(NamedTuple):
    """Whether what is to be done is ``met``, and how it is ``now`` in words."""

    met: bool
    now: str


@dataclass(frozen=True, eq=False)
class Do:
    """Something is to be done in the app, which ``wanted`` says; ``look`` says whether it is.

    ``instead`` does it for the learner, if that can be done without a screen. Where it ``moves_x``, ``x`` is the point
    that the steps after it are about, None for any.
    """

    wanted: str
    look: Callable[[Seen], Looked]
    instead: Callable[[Session], None] | None = None
    moves_x: bool = False
    x: Array | None = None


@dataclass(frozen=True)
class Read:
    """Nothing is to be done but read, and go on."""


Check = Answer | Within | Choice | Do | Read


@dataclass(frozen=True)
class Step:
    """One step: its heading and text, what is checked, hints for whoever is wrong, what is said when it is right."""

    heading: str
    text: str
    check: Check
    hints: tuple[str, ...] = ()
    right: str = ""


@dataclass(frozen=True, eq=False)
class Setup:
    """What a lesson begins with.

    ``dataset`` is None if the model is from a file, ``file``; its data are made to fit then. ``x`` is None where the
    lesson leaves it to the data, ``tab`` where it leaves the open one.
    """

    network: Network
    weights: Weights
    dataset: Dataset | None
    file: tuple[OpenedModel, Path] | None = None
    x: Array | None = None
    digits: int = DEFAULT_DIGITS
    rounding: Rounding = Rounding.SHOWN
    tab: str | None = None


@dataclass(frozen=True, eq=False)
class Lesson:
    """A guided path: its title, what it is about, what it begins with, its steps, and the text that says all this.

    ``steps`` are in words for the screen, ``without_screen`` the same ones where there is none.
    """

    title: str
    about: str
    setup: Setup
    steps: tuple[Step, ...]
    without_screen: tuple[Step, ...]
    source: Source

    def x_at(self, place: int) -> Array | None:
        """Return the point that the step at ``place`` is about; None for one that is about any."""
        before = (step.check for step in self.steps[:place])
        moved = [self.setup.x, *(check.x for check in before if isinstance(check, Do) and check.moves_x)]
        here = self.steps[place].check
        return None if isinstance(here, Do) and here.moves_x else moved[-1]
