"""How good predictions are: sign accuracy, the majority baseline and the confusion matrix of labels -1 and +1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.answers import require_outputs, threshold, zeros_and_ones_right
from core.answers import values as read_values
from core.errors import Refused
from core.formatting import count, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import Array

WHY_BINARY_ACCURACY_DIFFERS = (
    "Keras's binary_accuracy makes 0 or 1 of a prediction, at 0.5, so a label of -1 never matches."
)

WHY_SIGN_ZERO = "A prediction of exactly 0 is neither label, so it is wrong."


def about_zeros(evaluations: Sequence[Evaluation]) -> str:
    """Return how many predictions have no sign of a label, and why that matters."""
    points = sum(one.points for one in evaluations)
    text = f"sign 0: {sum(one.sign_zero for one in evaluations)} of {points:,}. {WHY_SIGN_ZERO}"
    nan = sum(one.nan for one in evaluations)
    return f"{text} NaN: {nan:,} of {points:,}." if nan else text


SIGNS = (-1, 0, 1)
"""The columns of a confusion matrix: the sign of the prediction. Its rows are the labels -1 and +1."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What predictions are worth against labels of -1 and +1.

    ``confusion[i, j]`` counts the points with label ``(-1, +1)[i]`` and a prediction of sign ``(-1, 0, +1)[j]``;
    ``failures`` are the places of the points whose sign is not their label. The ``nan`` predictions that are not a
    number are in the middle column too.
    """

    points: int
    confusion: Int[np.ndarray, "2 3"]
    failures: Int[np.ndarray, "failures"]
    binary_accuracy: float
    nan: int = 0

    @property
    def correct(self) -> int:
        """How many signs equal their label."""
        return int(self.confusion[0, 0] + self.confusion[1, 2])

    @property
    def sign_accuracy(self) -> float:
        """The share of points whose sign equals their label."""
        return self.correct / self.points

    @property
    def sign_zero(self) -> int:
        """How many predictions are exactly 0, which is neither label."""
        return int(self.confusion[:, 1].sum()) - self.nan

    @property
    def baseline(self) -> float:
        """The accuracy of always answering the commoner label."""
        return int(self.confusion.sum(axis=1).max()) / self.points

    @property
    def baseline_label(self) -> int:
        """The commoner label; +1 on a draw."""
        return -1 if self.confusion[0].sum() > self.confusion[1].sum() else 1


def evaluate(
    predictions: Float[Array, "points outputs"], labels: npt.NDArray[np.floating], loss: str = "hinge"
) -> Evaluation:
    """Compare the outputs for every point, read as ``loss`` reads them, with its label of -1 or +1.

    ``binary_accuracy`` follows the Keras 3 documentation ("BinaryAccuracy"): the share of points whose label
    equals the prediction turned into 0 or 1 at 0.5. The prediction is taken in float32, as Keras gives it.

    Raises:
        Refused: the outputs don't fit the loss and such labels, or there are no points.
    """
    require_outputs(loss, predictions.shape[-1] if predictions.ndim == 2 else 0)
    if len(predictions) == 0 or len(predictions) != len(labels):
        raise Refused(f"expected one label a point, got {len(labels)} labels for {len(predictions)} points")
    with np.errstate(over="ignore"):
        outputs = predictions.astype(np.float32)
        values = read_values(loss, outputs)
    signs = np.nan_to_num(np.sign(values - np.float32(threshold(loss)))).astype(np.int64)
    confusion = np.zeros((2, 3), dtype=np.int64)
    np.add.at(confusion, ((labels > 0).astype(np.int64), signs + 1), 1)
    return Evaluation(
        points=len(labels),
        confusion=confusion,
        failures=np.flatnonzero(signs != np.sign(labels)),
        binary_accuracy=zeros_and_ones_right(loss, outputs, labels),
        nan=int(np.isnan(values).sum()),
    )


def in_words(evaluation: Evaluation) -> str:
    """Return accuracy and baseline as one sentence."""
    return (
        f"{evaluation.correct:,} of {count(evaluation.points, 'point')} right ({percent(evaluation.sign_accuracy)}); "
        f"always answering {evaluation.baseline_label:+d} would get {percent(evaluation.baseline)}."
    )
