"""Losses with settings, drawn: of every loss any settings that Keras takes; and one of them by hand, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from core.calculation.loss import LossWork, Made
from core.calculation.loss import loss_by_hand as by_hand
from core.losses import KERAS_LOSSES, Loss, loss_called
from core.losses.settings import LOSS_WEIGHTS
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.arrays import AnyArray
    from core.training.options import Option, Options, Value

SETTINGS: dict[str, st.SearchStrategy[Value]] = {
    "from_logits": st.booleans(),
    "label_smoothing": st.sampled_from([0.0, 0.1, 0.25, 1.0]),
    "apply_class_balancing": st.booleans(),
    "gamma": st.sampled_from([0.0, 1.0, 2.0, 3.5]),
    "delta": st.sampled_from([0.25, 1.0, 2.5]),
    "q": st.sampled_from([0.125, 0.5, 0.9]),
    "axis": st.sampled_from([-1, 0]),
    "loss_weights": st.sampled_from([0.0, 0.5, 2.0, -1.5]),
    "ignore_class": st.sampled_from([0, 1, 7]),
    "alpha": st.sampled_from([0.0, 0.25, 0.5, 0.75]),
    "beta": st.sampled_from([0.25, 0.5, 2.0]),
}


@st.composite
def losses(draw: st.DrawFn, *names: str) -> Loss:
    """One of the losses called ``names``, by default any, with some settings."""
    loss = KERAS_LOSSES[draw(st.sampled_from(names or tuple(KERAS_LOSSES)))]
    return loss.with_options(draw(options_of((*loss.own, LOSS_WEIGHTS))))


@st.composite
def options_of(draw: st.DrawFn, known: tuple[Option, ...]) -> Options:
    """Some values for some of the ``known`` options."""
    chosen = draw(st.lists(st.sampled_from(known), unique_by=lambda one: one.name)) if known else []
    return tuple((option.name, draw(SETTINGS[option.name])) for option in chosen)


def loss_by_hand(
    name: str,
    label: npt.ArrayLike,
    outputs: AnyArray,
    rounding: Rounding = Rounding.SHOWN,
    digits: int = 4,
    options: Options = (),
    **made: Any,
) -> LossWork:
    """Return the loss by hand of one row, of a loss by its name and of outputs alone."""
    return by_hand(
        loss_called(name, options), label, Made(np.asarray(outputs, dtype=np.float64), **made), rounding, digits
    )
