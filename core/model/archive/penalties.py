"""Regularizers and constraints in a layer's configuration: read, and written again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.layers.registry import LAYERS
from core.model.archive.gate import Json, is_built_in, plain_number, shown
from core.model.penalised import Constraint, Regularizer
from core.training.options import as_typed

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORT = {
    "l1": "L1",
    "l2": "L2",
    "l1l2": "L1L2",
    "orthogonal_regularizer": "OrthogonalRegularizer",
    "max_norm": "MaxNorm",
    "min_max_norm": "MinMaxNorm",
    "non_neg": "NonNeg",
    "unit_norm": "UnitNorm",
}
"""What Keras takes for short -> the class, whose settings are the defaults then."""

DEFAULTS: dict[str, Json] = {
    "L1": {"l1": 0.01},
    "L2": {"l2": 0.01},
    "L1L2": {"l1": 0.0, "l2": 0.0},
    "OrthogonalRegularizer": {"factor": 0.01, "mode": "rows"},
    "MaxNorm": {"max_value": 2.0, "axis": 0},
    "MinMaxNorm": {"min_value": 0.0, "max_value": 1.0, "rate": 1.0, "axis": 0},
    "NonNeg": {},
    "UnitNorm": {"axis": 0},
}
"""Keras's class -> its settings with their defaults."""


def unfollowed(value: object) -> tuple[list[str], list[str]]:
    """Return what of a model, at any depth, is not followed, in sentences: what adds to a loss; what else trains."""
    losses, of_training = list(of_states(value)), list[str]()
    for kind, config in _configs(value):
        for name, held in config.items():
            if held is None or not name.endswith(("_regularizer", "_constraint")):
                continue
            has = f"{shorten(str(config.get('name', kind)))} has a {shorten(name)}"
            if read_penalty(kind, name, held) is not None:
                continue
            if name.endswith("_regularizer"):
                losses.append(f"{has} ({_words(held)}), which is kept in the file and not followed here.")
            else:
                of_training.append(f"{has} ({_words(held)}): kept in the file, not used here.")
    return losses, of_training


def of_states(value: object) -> Iterator[str]:
    """Say of what of a model is stateful, at any depth, where its batches begin here."""
    names = (
        shorten(str(config.get("name", kind))) for kind, config in _configs(value) if config.get("stateful") is True
    )
    for name in dict.fromkeys(names):
        yield (
            f"{name} is stateful, which is kept in the file and not followed here: Keras begins a batch with the "
            "states that the one before it ended with, and here each point begins with 0, as after reset_states."
        )


def _configs(value: object) -> Iterator[tuple[str, Json]]:
    """Give the class and the settings of everything that a description has at any depth, what is around first."""
    if isinstance(value, dict):
        kind, config = value.get("class_name"), value.get("config")
        if isinstance(config, dict) and isinstance(kind, str):
            yield kind, config
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        if isinstance(part, dict | list):
            yield from _configs(part)


def _words(value: object) -> str:
    return shorten(str(value.get("class_name", "set"))) if isinstance(value, dict) else shown(value)


def read_penalty(kind: str, name: str, value: object) -> Regularizer | Constraint | None:
    """Return what is followed of ``value``, which a layer of class ``kind`` has as ``name``; None if nothing is."""
    if isinstance(value, str):
        value = {"class_name": SHORT.get(value, value), "config": {}}
    if not isinstance(value, dict) or not isinstance(value.get("class_name"), str):
        return None
    class_name, given = value["class_name"], value.get("config")
    if "module" in value and not is_built_in(value):
        # Of another module it is another class, whatever its name.
        return None
    if class_name not in DEFAULTS or not isinstance(given, dict) or set(given) - set(DEFAULTS[class_name]):
        return None
    settings = DEFAULTS[class_name] | given
    try:
        if name.endswith("_constraint"):
            return _constraint(class_name, settings)
        return _regularizer(class_name, settings, matrix=_is_of_a_matrix(kind, name))
    except Refused:
        return None


def _is_of_a_matrix(kind: str, name: str) -> bool:
    return name == "kernel_regularizer" and kind in LAYERS and LAYERS[kind].kernel_is_matrix


def _regularizer(kind: str, settings: Json, *, matrix: bool) -> Regularizer | None:
    if kind == "OrthogonalRegularizer":
        # Keras has it for matrices only; of the outputs of a batch it would depend on how large the batch is.
        factor, mode = _number(settings["factor"]), settings["mode"]
        return Regularizer(orthogonal=factor, mode=mode) if matrix and mode in ("rows", "columns") else None
    if kind not in ("L1", "L2", "L1L2"):
        return None
    l1, l2 = (0.0 if settings.get(name) is None else _number(settings[name]) for name in ("l1", "l2"))
    return Regularizer(l1, l2)


def _constraint(kind: str, settings: Json) -> Constraint | None:
    if kind not in ("MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"):
        return None
    axis = settings.get("axis", 0)
    axes = axis if isinstance(axis, list) else [axis]
    if not axes or any(isinstance(one, bool) or not isinstance(one, int) for one in axes):
        return None
    numbers = {name: _number(settings[name]) for name in ("min_value", "max_value", "rate") if name in settings}
    return Constraint(kind, tuple(axes), **numbers)  # type: ignore[arg-type]


def _number(value: object) -> float:
    number = plain_number(value)
    if number is None or number < 0:
        raise Refused(f"expected a number from 0 up, got {shown(value)}")
    # Keras saves some of them as the float32 nearest to what was typed.
    return as_typed(number)


def written_penalty(held: Regularizer | Constraint) -> Json:
    """Return a regularizer or a constraint as Keras writes it."""
    if isinstance(held, Constraint):
        described = {"module": "keras.constraints", "class_name": held.keras_class, "config": held.settings()}
    elif held.orthogonal:
        config: Json = {"factor": held.orthogonal, "mode": held.mode}
        described = {"module": "keras.regularizers", "class_name": "OrthogonalRegularizer", "config": config}
    else:
        config = {"l1": held.l1, "l2": held.l2}
        described = {"module": "keras.regularizers", "class_name": "L1L2", "config": config}
    return {**described, "registered_name": None}
