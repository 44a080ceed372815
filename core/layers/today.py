"""Layers as today's Keras has them where earlier ones had another: Keras 2's hard_sigmoid was 0.2 z + 0.5 in [0, 1].

Today's is z / 6 + 0.5, so that Keras 2's of z is today's of 1.2 z. What goes into it is 1.2 times as much if the arrays
that it is the sum of are, or the inputs where it stands alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from core.errors import Refused, shorten
from core.layers.activations import OLD_HARD_SIGMOID
from core.layers.layer import OF_KERAS_2, Layer, fields_of
from core.layers.no_longer import NO_MORE
from core.layers.normalization import Rescaling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.arrays import Array

FACTOR = 1.2

TODAYS = "hard_sigmoid"


def for_today(layer: Layer) -> Layer:
    """Return ``layer``, and the layers within it, with today's activations in place of Keras 2's.

    Raises:
        Refused: today's Keras has no such layer.
    """
    if layer.of_module == NO_MORE:
        raise Refused(
            f"expected layers that today's Keras has, got {shorten(layer.name)!r} ({layer.keras_class}), which it has "
            "no more: there is nothing to convert it into"
        )
    changed: dict[str, Any] = dict.fromkeys(_old(layer), TODAYS)
    if getattr(layer, OF_KERAS_2, None):
        changed[OF_KERAS_2] = None
    return replace(layer.with_each_within(for_today), **changed)


def times(layer: Layer) -> dict[str, float | Array]:
    """Return what the arrays of ``layer``, without those of layers within, are multiplied by to be :func:`for_today`.

    Raises:
        Refused: no arrays of it alone make what goes into a hard_sigmoid.
    """
    found: dict[str, float | Array] = {}
    for setting in _old(layer):
        arrays = layer.times_before(setting, FACTOR)
        if not arrays and not layer.activates_inputs:
            raise Refused(
                f"expected hard_sigmoid, which was another function in Keras 2, of sums of arrays alone, got it as "
                f"{setting} of {shorten(layer.name)}; today's Keras has no such layer"
            )
        found |= {name: found.get(name, 1.0) * factor for name, factor in arrays.items()}
    return found


def before(layer: Layer, name: str) -> Rescaling | None:
    """Return what goes before ``layer``, and is called ``name``, for it to be :func:`for_today`, if anything does."""
    is_old = any(setting for one in (layer, *layer.layers_within) for setting in _old(one))
    return Rescaling(name, FACTOR) if layer.activates_inputs and is_old else None


def _old(layer: Layer) -> Iterator[str]:
    """Give the settings of ``layer`` that are Keras 2's hard_sigmoid."""
    settings = (name for name in fields_of(type(layer)) if name.endswith("activation"))
    return (name for name in settings if getattr(layer, name) == OLD_HARD_SIGMOID)
