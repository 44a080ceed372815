"""Names of layers with slashes, which Keras 1 and 2 took, with another sign for them: today's Keras takes none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.model.archive.gate import Json

SLASH = "/"
CALLS = ("inbound_nodes", "input_layers", "output_layers")
"""Where layers are called by their names, each followed by two numbers."""

MAX_DEPTH = 200
"""How far within each other layers are looked for; deeper ones are refused where they are read."""


def sign_for_slash(model: object) -> str:
    """Return what stands for a slash in the names of a model's layers, so that none become alike; "" without any."""
    names = set(_names(model))
    with_slash = {name for name in names if SLASH in name}
    sign = "_"
    while with_slash and len({name.replace(SLASH, sign) for name in names}) < len(names):
        sign += "_"
    return sign if with_slash else ""


def without_slashes(value: Any, sign: str, depth: int = 0) -> Any:
    """Return a model, or what is in it, with ``sign`` for every slash in the name of a layer."""
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, list):
        return [without_slashes(one, sign, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    made = {name: without_slashes(one, sign, depth + 1) for name, one in value.items()}
    if _is_named(value):
        made["name"] = value["name"].replace(SLASH, sign)
    return made | {name: _called(value[name], sign, 0) for name in CALLS if name in value}


def _is_named(value: Json) -> bool:
    """Return whether this is a layer or its settings: Keras 1's regularizers have names, too, but no slashes."""
    return isinstance(value.get("name"), str)


def _names(model: object) -> Iterator[str]:
    waiting = [(model, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, dict) and _is_named(value):
            yield value["name"]
        within = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if depth < MAX_DEPTH:
            waiting += [(one, depth + 1) for one in within if isinstance(one, dict | list)]


def _called(value: Any, sign: str, depth: int) -> Any:
    """Return calls, or the ends of a model, with the names that their layers come to have."""
    if depth > MAX_DEPTH:
        return value
    match value:
        case [str(name), int(), int(), *rest]:
            return [name.replace(SLASH, sign), *value[1:3], *(_called(one, sign, depth + 1) for one in rest)]
        case list():
            return [_called(one, sign, depth + 1) for one in value]
        case dict():
            return {name: _called(one, sign, depth + 1) for name, one in value.items()}
    return value
