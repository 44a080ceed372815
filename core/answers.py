"""Answers: labels of -1 and +1 as a loss takes them, and a model's outputs read as -1 or +1 again.

Hinge and the losses of numbers take the labels as they are, and the sign of the one output is the answer. For the
others -1 is 0 and +1 is 1 (Keras 3 documentation, "Losses"): of one output the answer is the side of 0.5 that it is on;
of several, each of which is a class, whether the first or the second is the largest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from core.errors import Refused
from core.losses import BY_CLASS, KERAS_LOSSES, Labels, Over

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float

    from core.arrays import AnyArray

    F = TypeVar("F", bound=np.floating)


def by_class(loss: str) -> bool:
    """Say whether ``loss``, by Keras's name, wants an output for each class."""
    return KERAS_LOSSES[loss].labels in BY_CLASS


def fits(loss: str, outputs: int) -> bool:
    """Say whether labels of -1 and +1 fit ``loss`` and a model of so many ``outputs``."""
    return outputs > 1 if by_class(loss) else outputs == 1


def require_outputs(loss: str, outputs: int) -> None:
    """Refuse a model whose ``outputs`` don't fit ``loss`` and labels of -1 and +1.

    Raises:
        Refused: they don't; the sentence says what would.
    """
    if fits(loss, outputs):
        return
    if by_class(loss):
        raise Refused(
            f"{loss} wants an output for each class, so 2 for labels of -1 and +1, and the model has 1: "
            "binary_crossentropy or hinge would do"
        )
    raise Refused(
        f"expected a model with 1 output for labels of -1 and +1, got {outputs} outputs: {loss} wants one, "
        "categorical_crossentropy would do"
    )


def threshold(loss: str) -> float:
    """Return the value above which the answer is +1 and below which it is -1; on it, it is neither."""
    return 0.5 if KERAS_LOSSES[loss].labels is Labels.BINARY else 0.0


def values(loss: str, outputs: Float[AnyArray, "points outputs"]) -> Float[AnyArray, "points"]:
    """Return the one number a point whose side of :func:`threshold` is the answer.

    It is the output itself, or of several by how much the second is above the first; 0 where another is as large.
    """
    if not by_class(loss):
        return outputs[:, 0]
    others = outputs[:, 2:].max(axis=1, initial=-np.inf)
    first, second = outputs[:, 0], outputs[:, 1]
    return np.where(others >= np.maximum(first, second), np.zeros_like(first), second - first)


def targets(
    loss: str, labels: Float[npt.NDArray[F], "points"], outputs: int
) -> Float[npt.NDArray[F], "points columns"]:
    """Return labels of -1 and +1 as ``loss`` takes them for a model of so many ``outputs``, a row a point."""
    truths = (labels > 0).astype(labels.dtype)
    match KERAS_LOSSES[loss].labels:
        case Labels.BINARY | Labels.CLASSES:
            return truths[:, np.newaxis]
        case Labels.ONE_HOT:
            return np.asarray(np.eye(outputs, dtype=labels.dtype)[truths.astype(np.int64)])
    return labels[:, np.newaxis]


def in_words(loss: str) -> str:
    """Return in a sentence how labels and outputs are read; nothing where a sign is a sign."""
    match KERAS_LOSSES[loss].labels:
        case Labels.BINARY:
            batch = " It is one number for each batch." if KERAS_LOSSES[loss].over is Over.BATCH else ""
            return f"{loss} takes -1 as 0 and +1 as 1: an output above 0.5 answers +1.{batch}"
        case Labels.CLASSES | Labels.ONE_HOT:
            return f"{loss} takes -1 as the first class and +1 as the second: the larger output is the answer."
    return ""


def zeros_and_ones_right(
    loss: str, outputs: Float[AnyArray, "points outputs"], labels: npt.NDArray[np.floating]
) -> float:
    """Return Keras's ``binary_accuracy``: how often an output, made 0 or 1 at 0.5, is the label that the loss takes.

    Formula: Keras 3 documentation ("BinaryAccuracy"); of a row with several outputs it is their mean.
    """
    wanted = targets("categorical_crossentropy" if by_class(loss) else loss, labels, outputs.shape[1])
    hits: npt.NDArray[np.bool_] = (outputs > 0.5) == wanted
    return float(np.mean(hits))
