"""The optimizer of a ``compile_config`` to a recipe's settings and back: its learning rate, schedule and options."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from core.errors import Refused, shorten
from core.model.archive.gate import Json, plain_number, shown
from core.training.optimizers import KERAS_OPTIMIZERS, checked_options
from core.training.options import arguments, as_typed, checked
from core.training.schedules import SCHEDULES, Schedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.training.options import Option, Options, Value

OTHER_DEFAULTS: Json = {"use_ema": False, "ema_momentum": 0.99}
"""Keras 3's defaults of optimizers' arguments that a recipe does not have; those that are not here are None."""


class OptimizerSettings(NamedTuple):
    """What a recipe has of an optimizer."""

    optimizer: str
    learning_rate: float
    optimizer_options: Options
    schedule: Schedule | None


def read_optimizer(kind: str, settings: Json, notes: list[str]) -> OptimizerSettings:
    """Return what a recipe has of Keras's optimizer ``kind``; what else it is told, and isn't the default, is a note.

    Raises:
        Refused: it is an optimizer, a schedule or a value that is not known here.
    """
    names = {text: one.name for one in KERAS_OPTIMIZERS.values() for text in (one.name, one.keras_class)}
    name = names.get(kind)
    if name is None:
        raise Refused(f"expected an optimizer out of {', '.join(KERAS_OPTIMIZERS)}, got {shorten(kind)!r}")
    known = KERAS_OPTIMIZERS[name].options
    rate, schedule = _learning_rate(settings.get("learning_rate", 0.01 if name == "sgd" else 0.001))
    options = checked_options(name, read_options(settings, name, known))
    others = {"name", "learning_rate", *(option.name for option in known)}
    for setting, value in settings.items():
        if setting in others or same(value, OTHER_DEFAULTS.get(setting)):
            continue
        notes.append(
            f"The file's optimizer {name} has {shorten(str(setting))} {shown(value)}: kept there; "
            f"training here goes without it."
        )
    return OptimizerSettings(name, rate, options, schedule)


def same(value: Any, default: Any) -> bool:
    """Say whether a setting has its default, to float32's exactness."""
    number, expected = plain_number(value), plain_number(default)
    if number is None or expected is None:
        return bool(value == default)
    return math.isclose(number, expected, rel_tol=1e-6)


def _learning_rate(value: object) -> tuple[float, Schedule | None]:
    if isinstance(value, dict):
        return _schedule(value)
    number = plain_number(value)
    if number is None or number <= 0:
        raise Refused(f"expected a learning rate above 0, got {shown(value)}")
    # Keras saves 0.001 as the float32 nearest to it, 0.0010000000474974513: give back what was typed.
    return as_typed(number), None


def _schedule(value: Json) -> tuple[float, Schedule | None]:
    kinds = {kind.keras_class: kind for kind in SCHEDULES.values()}
    kind, settings = kinds.get(str(value.get("class_name"))), value.get("config")
    if kind is None or value.get("module") != "keras.optimizers.schedules" or not isinstance(settings, dict):
        raise Refused(f"expected one of Keras's learning-rate schedules, got {shown(value.get('class_name'))}")
    if kind.name == "piecewise_constant_decay":
        rates = settings.get("values")
        if not isinstance(rates, list) or not rates:
            raise Refused(f"expected the values of {kind.name} as a list, got {shown(rates)}")
        settings = settings | {"initial_learning_rate": rates[0], "values": rates[1:]}
    first, _ = _learning_rate(settings.get("initial_learning_rate"))
    return first, Schedule(kind.name, checked(read_options(settings, kind.name, kind.options), kind.name, kind.options))


def read_options(settings: Json, of: str, known: Sequence[Option]) -> Options:
    """Return those ``settings`` that are ``known`` and are not what Keras takes anyway.

    Raises:
        Refused: a value is of another kind than the option's.
    """
    found: list[tuple[str, Value]] = []
    for option in known:
        value = settings.get(option.name)
        if value is None and option.name in settings and option.name.endswith("weight_decay") and option.default:
            # Keras goes without any, as with 0.
            value = 0.0
        if value is not None and not same(value, option.default):
            found.append((option.name, _value(option, value, of)))
    return tuple(found)


def _value(option: Option, value: object, of: str) -> Value:
    if (option.kind is bool and isinstance(value, bool)) or (option.kind is str and isinstance(value, str)):
        return value
    several = value if isinstance(value, list) else [value]
    numbers = [plain_number(one) for one in several]
    known = tuple(as_typed(number) for number in numbers if number is not None)
    if option.kind in (bool, str) or len(known) < len(numbers) or isinstance(value, list) != (option.kind is tuple):
        raise Refused(f"expected {option.name} of {of} to be {option.wanted}, got {shown(value)}")
    return known if option.kind is tuple else known[0]


def optimizer_config(settings: OptimizerSettings) -> Json:
    """Return ``settings`` as Keras describes an optimizer."""
    known = KERAS_OPTIMIZERS[settings.optimizer].options
    written = {option: _written(value) for option, value in arguments(settings.optimizer_options, known).items()}
    return {
        "module": "keras.optimizers",
        "class_name": KERAS_OPTIMIZERS[settings.optimizer].keras_class,
        "config": {"name": settings.optimizer, "learning_rate": _rate_config(settings), **written},
        "registered_name": None,
    }


def _rate_config(settings: OptimizerSettings) -> Json | float:
    schedule, rate = settings.schedule, settings.learning_rate
    if schedule is None:
        return rate
    written = {option: _written(value) for option, value in schedule.options}
    if "values" in written:
        written["values"] = [rate, *written["values"]]
    else:
        written["initial_learning_rate"] = rate
    return {
        "module": "keras.optimizers.schedules",
        "class_name": schedule.kind.keras_class,
        "config": written,
        "registered_name": None,
    }


def _written(value: Value) -> Any:
    return list(value) if isinstance(value, tuple) else value
