"""Every built-in loss of Keras by its name: those that labels of -1 and +1 fit, and why the others don't."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.formatting import count
from core.half_width import half_width
from core.losses import classes, errors, margins, overlaps, probabilities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.losses.loss import Loss
    from core.training.options import Options

_ALL = (
    margins.HINGE,
    margins.SQUARED_HINGE,
    errors.MEAN_SQUARED_ERROR,
    errors.MEAN_ABSOLUTE_ERROR,
    errors.MEAN_ABSOLUTE_PERCENTAGE_ERROR,
    errors.HUBER,
    errors.LOG_COSH,
    probabilities.BINARY_CROSSENTROPY,
    probabilities.BINARY_FOCAL_CROSSENTROPY,
    probabilities.POISSON,
    errors.MEAN_SQUARED_LOGARITHMIC_ERROR,
    overlaps.DICE,
    overlaps.TVERSKY,
    classes.CATEGORICAL_CROSSENTROPY,
    classes.CATEGORICAL_FOCAL_CROSSENTROPY,
    margins.CATEGORICAL_HINGE,
    classes.KL_DIVERGENCE,
    classes.COSINE_SIMILARITY,
    classes.SPARSE_CATEGORICAL_CROSSENTROPY,
    classes.CATEGORICAL_GENERALIZED_CROSS_ENTROPY,
)

KERAS_LOSSES = {loss.name: loss for loss in _ALL}
"""Keras's name -> the loss."""

OTHERS = {
    "circle": "circle compares rows with one another, each a vector of length 1 for its class, and labels of -1 and "
    "+1 ask for one answer a row: categorical_crossentropy with 2 outputs would do",
    "ctc": "ctc wants a sequence of outputs and a sequence of labels for each row, and a row has one label of -1 or "
    "+1: binary_crossentropy or hinge would do",
}
"""Keras's losses that labels of -1 and +1 don't fit, and a sentence that says why and what would do."""

SHORT = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "logcosh": "log_cosh",
}
"""What Keras calls some of them for short, in small letters or capitals."""

SPELLED = {
    **{text: name for short, name in SHORT.items() for text in (short, short.upper())},
    **{text: loss.name for loss in _ALL for text in (loss.keras_class, loss.name)},
    "CTC": "ctc",
    "Circle": "circle",
}
"""Every text by which Keras knows a loss -> its name."""


NONNEGATIVE = ("poisson", "mean_squared_logarithmic_error")
"""Losses of labels 0 and 1 that take any number from 0 up as well."""


def loss_called(name: str, options: Options = ()) -> Loss:
    """Return the loss that Keras calls ``name``, or knows for short or as a class by it, with these settings.

    Raises:
        Refused: it is none of those that labels of -1 and +1 fit, or an option is not its own or no value for it.
    """
    require_loss(full := SPELLED.get(name, name))
    return KERAS_LOSSES[full].with_options(options)


def losses_called(
    name: str, options: Options, by_output: Sequence[tuple[str, Options]], outputs: int
) -> tuple[Loss, ...]:
    """Return the loss of each of so many ``outputs``: those ``by_output``, if there are as many, or one for all."""
    every = by_output if len(by_output) == outputs else [(name, options)] * outputs
    return tuple(loss_called(*one) for one in every)


def losses_named(text: str, outputs: int) -> tuple[Loss, ...]:
    """Return the loss of each of so many ``outputs``, by the names in ``text`` with commas between; one is for all.

    Raises:
        Refused: there are other losses than outputs, or one is none.
    """
    losses = tuple(loss_called(name.strip()) for name in half_width(text).split(","))
    if len(losses) not in (1, outputs):
        raise Refused(
            f"expected one loss, or one for each of the model's {count(outputs, 'output')} with commas between, "
            f"got {len(losses):,}"
        )
    return losses if len(losses) == outputs else losses * outputs


def kept_options(loss: Loss, name: str) -> Options:
    """Return those settings of ``loss`` that the one called ``name`` has too, with the same meaning."""
    both = {option.name for option in loss.options for own in KERAS_LOSSES[name].options if option is own}
    return loss_called(name, tuple(pair for pair in loss.given if pair[0] in both)).given


def require_loss(name: str) -> None:
    """Refuse what is no loss that labels of -1 and +1 fit, by its full name; the sentence says why."""
    if name in OTHERS:
        raise Refused(OTHERS[name])
    if name not in KERAS_LOSSES:
        raise Refused(f"expected a loss of Keras's, got {shorten(name)!r}: there are {', '.join(KERAS_LOSSES)}")
