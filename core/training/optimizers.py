"""Every optimizer that Keras trains with here, and its options with their defaults.

They are those of the Keras 3 documentation ("Optimizers").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.training.options import Option, checked, flag, number, whole

if TYPE_CHECKING:
    from core.training.options import Options


@dataclass(frozen=True)
class Optimizer:
    """An optimizer by the name that the tutorial would pass to ``compile``, Keras's class and what it can be told."""

    name: str
    keras_class: str
    options: tuple[Option, ...]


def _share(name: str, default: float) -> Option:
    return number(name, default, lambda value: 0 <= value < 1, "from 0 up to, not including, 1")


def _above_0(name: str, default: float | None) -> Option:
    return number(name, default, lambda value: value > 0, "above 0")


def _from_0(name: str, default: float | None) -> Option:
    return number(name, default, lambda value: value >= 0, "from 0 up")


_EPSILON = _above_0("epsilon", 1e-7)
_MOMENTUM = _share("momentum", 0.0)
_BETAS = (_share("beta_1", 0.9), _share("beta_2", 0.999))
_DECAY = _from_0("weight_decay", None)
_CLIPS = tuple(_above_0(name, None) for name in ("clipnorm", "clipvalue", "global_clipnorm"))
_EVERY = (*_CLIPS, _above_0("loss_scale_factor", None), whole("gradient_accumulation_steps", None, 2))
_ALL = (_DECAY, *_EVERY)

_FTRL = (
    number("learning_rate_power", -0.5, lambda value: value <= 0, "up to 0"),
    _from_0("initial_accumulator_value", 0.1),
    _from_0("l1_regularization_strength", 0.0),
    _from_0("l2_regularization_strength", 0.0),
    _from_0("l2_shrinkage_regularization_strength", 0.0),
    _from_0("beta", 0.0),
)

_ADAFACTOR = (
    number("beta_2_decay", -0.8, lambda value: value < 0, "below 0"),
    _above_0("epsilon_1", 1e-30),
    _above_0("epsilon_2", 1e-3),
    _above_0("clip_threshold", 1.0),
    flag("relative_step", True),
)

_WARMUP = whole("warmup_steps", 0, 0)

_NEWTON_SCHULZ = {"a": 3.4445, "b": -4.775, "c": 2.0315}

_MUON = (
    _share("adam_beta_1", 0.9),
    _share("adam_beta_2", 0.999),
    _from_0("adam_weight_decay", 0.004),
    _EPSILON,
    _from_0("weight_decay", 0.004),
    *(number(f"muon_{name}", value, lambda _: True, "a number") for name, value in _NEWTON_SCHULZ.items()),
    _above_0("adam_lr_ratio", 1.0),
    _share("momentum", 0.95),
    whole("ns_steps", 5, 1),
    flag("nesterov", True),
    _above_0("rms_rate", 0.2),
)

OF_OTHERS = {
    "multioptimizer": "it has one optimizer for some variables and another for others",
    "lossscaleoptimizer": "it wraps another one; loss_scale_factor is an option of each here",
}
"""What Keras has among its optimizers that is made of other ones, and why it stands in no list."""

KERAS_OPTIMIZERS = {
    optimizer.name: optimizer
    for optimizer in (
        Optimizer("adam", "Adam", (*_BETAS, _EPSILON, flag("amsgrad"), *_ALL)),
        Optimizer("sgd", "SGD", (_MOMENTUM, flag("nesterov"), *_ALL)),
        Optimizer("rmsprop", "RMSprop", (_share("rho", 0.9), _MOMENTUM, _EPSILON, flag("centered"), *_ALL)),
        Optimizer("adamw", "AdamW", (_from_0("weight_decay", 0.004), *_BETAS, _EPSILON, flag("amsgrad"), *_EVERY)),
        Optimizer("nadam", "Nadam", (*_BETAS, _EPSILON, *_ALL)),
        Optimizer("adagrad", "Adagrad", (_from_0("initial_accumulator_value", 0.1), _EPSILON, *_ALL)),
        Optimizer("adadelta", "Adadelta", (_share("rho", 0.95), _EPSILON, *_ALL)),
        Optimizer("adamax", "Adamax", (*_BETAS, _EPSILON, *_ALL)),
        Optimizer("lion", "Lion", (_share("beta_1", 0.9), _share("beta_2", 0.99), *_ALL)),
        Optimizer("ftrl", "Ftrl", (*_FTRL, *_ALL)),
        Optimizer("adafactor", "Adafactor", (*_ADAFACTOR, *_ALL)),
        Optimizer("lamb", "Lamb", (*_BETAS, _EPSILON, *_ALL)),
        Optimizer("muon", "Muon", (*_MUON, *_EVERY)),
        Optimizer("schedulefreeadamw", "ScheduleFreeAdamW", (*_BETAS, _above_0("epsilon", 1e-8), _WARMUP, *_ALL)),
    )
}
"""Keras's name -> the optimizer."""


def require_optimizer(name: str) -> None:
    """Refuse what is no optimizer of Keras's, or one that is made of others.

    Raises:
        Refused: see above; the sentence says which there are.
    """
    if name not in KERAS_OPTIMIZERS:
        reason = f": {why}" if (why := OF_OTHERS.get(name.lower())) else ""
        raise Refused(f"expected an optimizer out of {', '.join(KERAS_OPTIMIZERS)}; got {shorten(name)!r}{reason}")


def checked_options(name: str, options: Options) -> Options:
    """Return ``options`` of the optimizer called ``name`` in order, without those that have their default anyway.

    Raises:
        Refused: one is not its own, or Keras would not take the value, or not two of them together.
    """
    found = checked(options, name, KERAS_OPTIMIZERS[name].options)
    clips = [option.name for option in _CLIPS if option.name in dict(found)]
    if len(clips) > 1:
        raise Refused(f"expected one way to clip gradients, got {' and '.join(clips)}; Keras takes one of them")
    return found


def kept_options(options: Options, name: str) -> Options:
    """Return those of another optimizer's ``options`` that the one called ``name`` has too."""
    own = {option.name for option in KERAS_OPTIMIZERS[name].options}
    return checked_options(name, tuple(pair for pair in options if pair[0] in own))
