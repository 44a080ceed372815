"""Dataset: points with a label of -1 or +1, made from a rule as the tutorial makes them or read from a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.arrays import KerasArray, frozen
from core.data.extent import UNIT, Extent, around
from core.errors import Refused, require_between, shorten
from core.formatting import count, percent
from core.model.initial import MAX_SEED

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import Array

MAX_POINTS = 1_000_000
MAX_INPUTS = 1_000_000
MAX_NOISE = 10.0
MAX_NUMBERS = 20_000_000


class SumRule(msgspec.Struct, frozen=True):
    """The tutorial's data: ``points`` points of ``inputs`` numbers, +1 where the sum is above ``threshold``.

    With ``noise``, a normal error of that standard deviation is added to each sum before it is labelled, so that
    labels near the boundary may be wrong.

    Raises:
        Refused: a number is outside what can be made.
    """

    points: int = 250
    inputs: int = 2
    threshold: float = 0.5
    seed: int = 0
    noise: float = 0.0

    def __post_init__(self) -> None:
        require_between("points", self.points, 1, MAX_POINTS)
        require_between("inputs", self.inputs, 1, MAX_INPUTS)
        require_between("a seed", self.seed, 0, MAX_SEED)
        if not np.isfinite(self.threshold):
            raise Refused(f"expected a finite threshold, got {self.threshold}")
        if not 0.0 <= self.noise <= MAX_NOISE:
            raise Refused(f"expected noise from 0 to {MAX_NOISE:g}, got {self.noise:g}")
        if self.points * self.inputs > MAX_NUMBERS:
            raise Refused(
                f"expected at most {MAX_NUMBERS:,} numbers in all, got {self.points:,} points x {self.inputs:,} inputs"
            )

    def in_words(self) -> str:
        """Return the rule as a sentence about a point."""
        named = self.inputs if self.inputs <= 5 else 2
        terms = " + ".join(f"x{place + 1}" for place in range(named))
        terms += f" + ... + x{self.inputs}" if named < self.inputs else ""
        noise = f" + noise of {self.noise:g}" if self.noise else ""
        return f"+1 where {terms}{noise} > {self.threshold:g}, else -1"


class DataFile(msgspec.Struct, frozen=True):
    """A person's own data: the name of their file, and the names of its inputs if they are others than x1, x2 ...

    ``truths`` says that its labels were 0 and 1, which were read as -1 and +1.
    """

    name: str
    inputs: tuple[str, ...] = ()
    truths: bool = False

    def in_words(self) -> str:
        """Return where the labels are from."""
        return f"the labels of {self.name}"


COUNTED_BY_ROWS = "Weights count in the loss of a training alone; counts, accuracies and confusion go by rows."
"""What is said where data have weights."""

Origin = SumRule | DataFile
"""Where data are from: a rule can make more of them, a file has what it has."""


class Preset(msgspec.Struct, frozen=True):
    """One part of the tutorial: its data and the layers that it trains on them."""

    title: str
    rule: SumRule
    shape: str


PRESETS = (
    Preset("two inputs, threshold 0.5, hidden 5", SumRule(250, 2, 0.5), "5 tanh, 1 tanh"),
    Preset("five inputs, threshold 2.5, hidden 20", SumRule(250, 5, 2.5), "20 tanh, 1 tanh"),
)


def usual_threshold(inputs: int) -> float:
    """Return the tutorial's threshold for two inputs, and for others the middle of what a sum can be."""
    return 0.5 if inputs == 2 else inputs / 2


@dataclass(frozen=True, eq=False)
class Dataset:
    """Read-only ``points`` and ``labels``, where they are from, and what each weighs in a training's loss if not 1."""

    points: Float[KerasArray, "points inputs"]
    labels: Float[KerasArray, "points"]
    origin: Origin
    weights: Float[KerasArray, "points"] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def inputs(self) -> int:
        """How many numbers a point has."""
        return int(self.points.shape[1])

    @cached_property
    def extent(self) -> Extent:
        """The part of the plane that a picture of the points shows; of a file's points all that they take up.

        Only where there are two inputs.
        """
        return UNIT if isinstance(self.origin, SumRule) else around(self.points)

    def label_counts(self) -> tuple[int, int]:
        """Return how many points are labelled -1 and how many +1."""
        positive = int((self.labels > 0).sum())
        return len(self) - positive, positive

    def in_words(self) -> str:
        """Return how many points of how many numbers there are, where they are from, and how they are labelled."""
        match self.origin:
            case SumRule() as rule:
                each = count(rule.inputs, "number")
                return f"{rule.points:,} points of {each} from 0 to 1, seed {rule.seed}: {rule.in_words()}"
            case DataFile() as file:
                labels = "labels 0 and 1, read as -1 and +1" if file.truths else "labels -1 and +1"
                names = f" ({shorten(', '.join(file.inputs), 60)})" if file.inputs else ""
                size = f"{count(len(self), 'row')} of {count(self.inputs, 'input')}{names}"
                return f"{file.name}: {size}, {labels}{self._weights_in_words()}."

    def _weights_in_words(self) -> str:
        if self.weights is None:
            return ""
        return f", weights from {float(self.weights.min()):.4g} to {float(self.weights.max()):.4g}"

    def balance_in_words(self) -> str:
        """Return the class balance and the majority baseline as a sentence."""
        negative, positive = self.label_counts()
        label = "+1" if positive >= negative else "-1"
        share = percent(max(negative, positive) / len(self))
        return (
            f"{count(positive, 'point')} labelled +1 and {negative:,} labelled -1: "
            f"always answering {label} is right for {share} (the majority baseline)."
        )


def generate(rule: SumRule) -> Dataset:
    """Return the data set of ``rule``; the same rule gives the same points.

    Coordinates are drawn as float32, so that the model sees exactly the numbers whose sum made the label.
    """
    generator = np.random.default_rng(rule.seed)
    points = generator.random((rule.points, rule.inputs), dtype=np.float32)
    # Drawn after the points, so that other noise leaves them where they are.
    errors = rule.noise * generator.standard_normal(rule.points) if rule.noise else 0.0
    return Dataset(frozen(points), label(rule, points, errors), rule)


def label(
    rule: SumRule, points: Float[KerasArray, "points inputs"], errors: Float[Array, "points"] | float = 0.0
) -> Float[KerasArray, "points"]:
    """Return +1 for every point whose sum, its error added, is above the rule's threshold, else -1."""
    sums = points.astype(np.float64).sum(axis=1) + errors
    return frozen(np.where(sums > rule.threshold, 1.0, -1.0))


def fresh(rule: SumRule, points: int) -> Dataset:
    """Return ``points`` points of the same rule that are not those of ``rule``'s own seed."""
    seed = (rule.seed + 1) % (MAX_SEED + 1)
    return generate(SumRule(points, rule.inputs, rule.threshold, seed, rule.noise))


def rule_of(dataset: Dataset) -> SumRule:
    """Return the rule that made ``dataset``, or for a file the tutorial's own over as many inputs."""
    match dataset.origin:
        case SumRule() as rule:
            return rule
        case DataFile():
            points = min(SumRule().points, MAX_NUMBERS // dataset.inputs)
            return SumRule(points, dataset.inputs, usual_threshold(dataset.inputs))
