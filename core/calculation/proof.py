"""A count that proves a model that was built from a rule: on every point of a fine grid, and on the boundary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.running import predict
from core.formatting import count
from core.model.rules import Above

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float

    from core.arrays import Array
    from core.model.rules import ByCount, RightModel

MAX_GRID_BITS = 16
"""A grid has 2^16 points at most."""

FLOAT32_STEP = 2.0**-24
"""The smallest step between the points that the data sets draw: as near to the boundary as a point can be."""


@dataclass(frozen=True)
class Proof:
    """How a model did on every counted point; ``what`` says which those are.

    ``ties`` of the ``points`` lie exactly on the boundary (or, for the majority, have exactly half of their inputs
    at 1); ``ties_right`` of them have the rule's sign and ``ties_zero`` give exactly 0. ``elsewhere_right`` of the
    others have the rule's sign. ``reached`` points have the sign that is the best there is.
    """

    what: str
    points: int
    ties: int
    ties_right: int
    ties_zero: int
    elsewhere_right: int
    reached: int

    @property
    def holds(self) -> bool:
        """Whether every point has the rule's sign, or is on a boundary, where exactly 0 is the best there is."""
        return self.reached == self.points

    @property
    def words(self) -> str:
        """The count as a sentence."""
        off = self.points - self.ties
        text = f"{count(self.points, 'point')} ({self.what}): {self.elsewhere_right:,} of {off:,} right"
        if not self.ties:
            return f"{text}; none of them is a tie."
        return f"{text}; {count(self.ties, 'tie')}: {self.ties_right:,} right and {self.ties_zero:,} exactly 0."


def prove(model: RightModel) -> Proof:
    """Count the points on which ``model`` gives the sign that its rule says, calculated in float64.

    A rule of ones is counted on every corner, a rule over [0, 1)^d on a grid, on the boundary, and one float32 step
    to each side of it.
    """
    points, labels, best, ties, what = counted(model.truth)
    signs = np.sign(predict(model.network, model.weights, points)[:, 0])
    right = signs == labels
    return Proof(
        what,
        points=len(points),
        ties=int(ties.sum()),
        ties_right=int((right & ties).sum()),
        ties_zero=int((signs[ties] == 0).sum()),
        elsewhere_right=int((right & ~ties).sum()),
        reached=int((signs == best).sum()),
    )


class Counted(NamedTuple):
    """The points on which a rule is counted, what they are in words, and for each its label and whether it is a tie.

    ``best`` is the sign that a network can give at most: the label of -1 or +1, but 0 on the boundary of a region,
    since a network's output has no jumps.
    """

    points: Float[Array, "points inputs"]
    labels: Float[Array, "points"]
    best: Float[Array, "points"]
    ties: npt.NDArray[np.bool_]
    what: str


def counted(truth: Above | ByCount) -> Counted:
    """Return the points on which ``truth`` is counted.

    Their coordinates are so short in binary that float64 adds them without rounding, so a tie is a tie.
    """
    return _over_the_cube(truth) if isinstance(truth, Above) else _over_the_corners(truth)


def _over_the_corners(truth: ByCount) -> Counted:
    inputs = len(truth.truths) - 1
    corners = _grid(inputs, np.array([0.0, 1.0]))
    ones = corners.sum(axis=1).astype(np.int64)
    labels = np.where(np.array(truth.truths)[ones], 1.0, -1.0)
    ties = ones == (-1 if truth.tie is None else truth.tie)
    return Counted(corners, labels, labels, ties, f"all {count(len(corners), 'corner')}")


def _over_the_cube(truth: Above) -> Counted:
    inputs, direction = len(truth.direction), np.array(truth.direction)
    steps = 2 ** (MAX_GRID_BITS // inputs)
    grid = _grid(inputs, np.arange(steps) / steps)
    along = int(np.flatnonzero(direction)[-1])

    def inside(points: Float[Array, "points inputs"]) -> Float[Array, "some inputs"]:
        return points[(points[:, along] >= 0.0) & (points[:, along] < 1.0)]

    # The grid's lines along one input, where they meet the boundary.
    lines = grid[grid[:, along] == 0.0]
    lines[:, along] = truth.threshold - lines @ direction
    on, step = inside(lines), FLOAT32_STEP * np.eye(inputs)[along]
    between_steps = on[:, along] * steps % 1 != 0
    points = np.concatenate([grid, on[between_steps], inside(on - step), inside(on + step)])
    gaps = points @ direction - truth.threshold
    labels = np.where(gaps > 0, 1.0, -1.0)
    what = f"a grid of {steps:,} steps for each input, the boundary and both its sides"
    return Counted(points, labels, np.sign(gaps), gaps == 0, what)


def _grid(inputs: int, values: Float[Array, "steps"]) -> Float[Array, "points inputs"]:
    return np.stack(np.meshgrid(*[values] * inputs, indexing="ij"), axis=-1).reshape(-1, inputs)
