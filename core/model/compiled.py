"""How a file says that its model was compiled, plainly: classes by their names, with their settings beside them."""

from __future__ import annotations

from math import isfinite
from typing import Any

from core.errors import shorten

SETTINGS = ("optimizer", "loss", "metrics", "weighted_metrics", "loss_weights")

WRAPPERS = ("MeanMetricWrapper", "LossFunctionWrapper")
"""What Keras 2 made of a function that was passed by its name."""

SAID = ("learning_rate", "lr", "momentum", "from_logits", "delta", "label_smoothing", "threshold", "num_classes", "k")
"""Settings that are said in words; the others only where all of them are listed."""

WIDEST = 60

DEEPEST = 64


def compile_settings(config: object) -> dict[str, Any] | None:
    """Return the settings of ``compile``, as numbers, names and objects of a ``class`` with ``settings``.

    None if the model was not compiled, or what is in their place are no settings.
    """
    if not isinstance(config, dict) or not config:
        return None
    return {name: plain(config[name]) for name in SETTINGS if config.get(name) is not None}


def plain(value: object, depth: int = 0) -> Any:
    """Return a value of a file's configuration as JSON can say it: None for NaN and the infinities.

    What is described as an object of a class becomes its ``class`` and its ``settings``, a function its name, and what
    is deeper within each other than anything of Keras's an ellipsis.
    """
    if depth > DEEPEST:
        return "..."
    if isinstance(value, float) and not isfinite(value):
        return None
    if isinstance(value, list):
        return [plain(one, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    kind, config = value.get("class_name"), value.get("config")
    if not isinstance(kind, str):
        return {str(name): plain(one, depth + 1) for name, one in value.items()}
    if isinstance(config, str):
        return config
    if kind in WRAPPERS and isinstance(config, dict) and isinstance(config.get("name"), str):
        return config["name"]
    return {"class": kind, "settings": plain(config, depth + 1) if isinstance(config, dict) else {}}


def in_words(settings: dict[str, Any] | None) -> str:
    """Return the settings of ``compile`` in one line, such as ``optimizer Adam (learning_rate 0.001), loss hinge``."""
    if settings is None:
        return "nothing: it was not compiled, or the file does not say how"
    held = {name.replace("_", " "): value for name, value in settings.items() if value not in ([], {})}
    return ", ".join(f"{name} {value_in_words(value)}" for name, value in held.items())


def value_in_words(value: Any) -> str:
    """Return one of the settings of ``compile`` in words."""
    if isinstance(value, list):
        return ", ".join(map(value_in_words, value))
    if not isinstance(value, dict):
        return f"{value:.7g}" if isinstance(value, float) else shorten(str(value), WIDEST)
    if set(value) != {"class", "settings"}:
        return ", ".join(f"{value_in_words(one)} of {shorten(name)}" for name, one in value.items())
    held = {name: value["settings"][name] for name in SAID if value["settings"].get(name)}
    said = ", ".join(name if one is True else f"{name} {value_in_words(one)}" for name, one in held.items())
    return shorten(value["class"], WIDEST) + (f" ({said})" if said else "")
