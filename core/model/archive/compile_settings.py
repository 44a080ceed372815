"""``compile_config`` of a ``.keras`` file to Recipe and back: the loss, the optimizer and its learning rate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.errors import Refused, shorten
from core.model.archive.gate import Json, plain_number, shown
from core.recipe import LOSSES, OPTIMIZERS, OTHER_LOSSES, Recipe

OPTIMIZER_CLASSES = dict(
    zip(
        OPTIMIZERS,
        ("Adam", "SGD", "RMSprop", "AdamW", "Nadam", "Adagrad", "Adadelta", "Adamax", "Lion", "Ftrl"),
        strict=True,
    )
)
"""Recipe's name -> Keras's class."""

LOSS_CLASSES = dict(
    zip(
        LOSSES,
        ("Hinge", "SquaredHinge", "MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh"),
        strict=True,
    )
)
"""Recipe's name -> Keras's class."""

LOSS_NAMES = {
    **{name: name for name in LOSSES},
    **{kind: name for name, kind in LOSS_CLASSES.items()},
    **dict.fromkeys(("mse", "MSE"), "mean_squared_error"),
    **dict.fromkeys(("mae", "MAE"), "mean_absolute_error"),
    "logcosh": "log_cosh",
}
"""Every text by which Keras knows a loss of ours -> Recipe's name."""

COMMON_DEFAULTS: Json = {
    "use_ema": False,
    "ema_momentum": 0.99,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "epsilon": 1e-7,
    "amsgrad": False,
    "momentum": 0.0,
    "nesterov": False,
    "centered": False,
    "rho": 0.9,
    "initial_accumulator_value": 0.1,
    "learning_rate_power": -0.5,
    "l1_regularization_strength": 0.0,
    "l2_regularization_strength": 0.0,
    "l2_shrinkage_regularization_strength": 0.0,
    "beta": 0.0,
}
OWN_DEFAULTS: dict[str, Json] = {"adamw": {"weight_decay": 0.004}, "adadelta": {"rho": 0.95}, "lion": {"beta_2": 0.99}}
"""Keras 3's defaults of its optimizers' arguments; those that are not here are None."""

LOSS_DEFAULTS: Json = {"reduction": "sum_over_batch_size", "delta": 1.0, "dtype": "float32"}

METRIC = "binary_accuracy"


def read_compile(config: object) -> tuple[Recipe | None, list[str]]:
    """Return the recipe in ``config`` and notes on what is in it and not in the recipe.

    Without a loss and an optimizer that Recipe knows there is no recipe, and a note says why. Whether a
    model is compiled to run faster (``jit_compile`` and the like) changes no number and is not noted.
    """
    if config is None or config == {}:
        return None, []
    if not isinstance(config, dict):
        return None, [f"How the model was compiled can't be read: got {shown(config)}."]
    notes = _other_settings(config)
    try:
        loss = _loss(config.get("loss"), notes)
        optimizer, rate = _optimizer(config.get("optimizer"), notes)
        return Recipe(loss=loss, optimizer=optimizer, learning_rate=rate), notes
    except Refused as reason:
        return None, [*notes, f"The file's training settings are kept but not used here: {reason}."]


def _other_settings(config: Json) -> list[str]:
    settings = [name for name in ("loss_weights", "weighted_metrics") if config.get(name)]
    if config.get("metrics") not in (None, [], METRIC, [METRIC], [[METRIC]]):
        settings.insert(0, "metrics")
    return [f"The file's {name} are kept, not used here." for name in settings]


def _loss(value: object, notes: list[str]) -> str:
    kind, settings = _built_in("loss", value, "keras.losses")
    name = LOSS_NAMES.get(kind)
    if name is None:
        wants = OTHER_LOSSES.get(kind) or OTHER_LOSSES.get(_snake_case(kind))
        reason = f", which wants {wants}" if wants else ""
        raise Refused(f"expected a loss out of {', '.join(LOSSES)}, got {shorten(kind)!r}{reason}")
    _note_differences(f"loss {name}", settings, LOSS_DEFAULTS, notes)
    return name


def _snake_case(kind: str) -> str:
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind)
    return words.removeprefix("_")


def _optimizer(value: object, notes: list[str]) -> tuple[str, float]:
    kind, settings = _built_in("optimizer", value, "keras.optimizers")
    names = {text: name for name, known in OPTIMIZER_CLASSES.items() for text in (name, known)}
    name = names.get(kind)
    if name is None:
        raise Refused(f"expected an optimizer out of {', '.join(OPTIMIZERS)}, got {shorten(kind)!r}")
    rate = _learning_rate(settings.get("learning_rate", 0.01 if name == "sgd" else 0.001))
    defaults = {**COMMON_DEFAULTS, **OWN_DEFAULTS.get(name, {})}
    _note_differences(f"optimizer {name}", settings, defaults, notes)
    return name, rate


def _built_in(what: str, value: object, module: str) -> tuple[str, Json]:
    """Return the class (or the name) and the settings of a loss or optimizer that is Keras's own."""
    if isinstance(value, str):
        return value, {}
    if not isinstance(value, dict) or not isinstance(value.get("class_name"), str):
        raise Refused(f"expected one {what}, got {shown(value)}")
    kind: str = value["class_name"]
    origin = value.get("module")
    own = isinstance(origin, str) and (origin == module or origin.startswith("keras.src."))
    if not own or value.get("registered_name") not in (None, kind):
        named = value.get("config") if kind == "function" else kind
        raise Refused(f"expected Keras's own {what}, got {shown(named)} of {shown(origin)}")
    settings = value.get("config")
    return kind, settings if isinstance(settings, dict) else {}


def _learning_rate(value: object) -> float:
    if isinstance(value, dict):
        raise Refused(f"expected one learning rate, got the schedule {shown(value.get('class_name'))}")
    number = plain_number(value)
    if number is None or number <= 0:
        raise Refused(f"expected a learning rate above 0, got {shown(value)}")
    with np.errstate(over="ignore", under="ignore"):
        single = np.float32(number)
    # Keras saves 0.001 as the float32 nearest to it, 0.0010000000474974513: give back what was typed.
    return float(str(single)) if float(single) == number else number


def _note_differences(what: str, settings: Json, defaults: Json, notes: list[str]) -> None:
    for setting, value in settings.items():
        if setting in ("name", "learning_rate") or _same(value, defaults.get(setting)):
            continue
        notes.append(
            f"The file's {what} has {shorten(str(setting))} {shown(value)}: kept there; "
            f"training here uses Keras's default ({shown(defaults.get(setting))})."
        )


def _same(value: Any, default: Any) -> bool:
    number, expected = plain_number(value), plain_number(default)
    if number is None or expected is None:
        return bool(value == default)
    return math.isclose(number, expected, rel_tol=1e-6)


def compile_config(recipe: Recipe) -> Json:
    """Return ``recipe`` as Keras describes how a model was compiled."""
    optimizer = {
        "module": "keras.optimizers",
        "class_name": OPTIMIZER_CLASSES[recipe.optimizer],
        "config": {"name": recipe.optimizer, "learning_rate": recipe.learning_rate},
        "registered_name": None,
    }
    return {"optimizer": optimizer, "loss": recipe.loss, "loss_weights": None, "metrics": [METRIC]}
