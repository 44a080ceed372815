"""What of the settings of ``compile`` is otherwise in another file, whatever Keras calls it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.losses.table import SPELLED as LOSSES
from core.model.compiled import SETTINGS, value_in_words
from core.training.keras_metrics import SPELLED as METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator


def differences(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Give in words what of the settings of ``compile`` is otherwise in ``new`` than in ``old``, whatever it is called.

    Of an optimizer that is its class and the settings that :func:`core.model.compiled.in_words` says.
    """
    for name in SETTINGS:
        before, after = (value_in_words(_by_full_name(one.get(name) or [])) for one in (old, new))
        if before != after:
            yield f"{name.replace('_', ' ')} {before or 'none'} of compile, now {after or 'none'}"


def _by_full_name(value: Any) -> Any:
    """Return names as Keras has them in full, and lists in lists as one."""
    if isinstance(value, str):
        return LOSSES.get(value, METRICS.get(value, value))
    if isinstance(value, list):
        named = [_by_full_name(one) for one in value]
        return [one for part in named for one in (part if isinstance(part, list) else [part])]
    if isinstance(value, dict) and set(value) == {"class", "settings"}:
        return {**value, "class": _by_full_name(value["class"])}
    return value
