"""What earlier versions of Keras had otherwise, as today's can be given it: an activation, layers that go by masks."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import keras

from core.layers.activations import OLD_HARD_SIGMOID
from core.layers.layer import OF_KERAS_2
from core.layers.registry import LAYERS

if TYPE_CHECKING:
    from core.layers.layer import Layer


def old_hard_sigmoid(z: Any) -> Any:
    """Return what Keras 2 called hard_sigmoid."""
    return keras.ops.clip(0.2 * z + 0.5, 0.0, 1.0)


class _LeftAsTheyWere(keras.layers.Bidirectional):  # type: ignore[misc]
    """Goes both ways, and leaves its outputs as they were at masked steps."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        for layer in (self.forward_layer, self.backward_layer):
            layer.zero_output_for_mask = False


class _OfAll(keras.layers.Softmax):  # type: ignore[misc]
    """The softmax of all numbers, masked or not."""

    def call(self, inputs: Any, mask: Any = None) -> Any:
        del mask
        return super().call(inputs)


def _merging(layer: type[Layer]) -> Any:
    """Return Keras's class of such layers, which merge, with what comes out masked wherever any source is."""
    own: Any = getattr(keras.layers, layer.__name__)
    function = getattr(keras.ops, getattr(layer, "function", ""), None)

    class Merging(own):  # type: ignore[misc]
        def _merge_function(self, inputs: Any) -> Any:
            return super()._merge_function(inputs) if function is None else reduce(function, inputs)

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            there = [one for one in mask or () if one is not None]
            if not there:
                return None
            if not hasattr(self, "axis"):
                return reduce(keras.ops.logical_and, there)
            every = [
                keras.ops.ones_like(given, dtype="bool")
                if one is None
                else keras.ops.logical_and(keras.ops.expand_dims(one, -1), keras.ops.ones_like(given, dtype="bool"))
                for given, one in zip(inputs, mask, strict=True)
            ]
            return keras.ops.all(keras.ops.concatenate(every, axis=self.axis), axis=-1)

    return Merging


OWN = {made.__base__.__name__: made for made in (_LeftAsTheyWere, _OfAll)}
"""What Keras calls a class -> that which goes by masks as it did."""

EARLIER = {OLD_HARD_SIGMOID: old_hard_sigmoid} | {
    f"{kind}_{OF_KERAS_2}": OWN.get(kind) or _merging(layer)
    for kind, layer in LAYERS.items()
    if OF_KERAS_2 in layer.__struct_fields__
}
"""What Keras is told of beside its own, by the names that it has in a description."""


def with_earlier(config: Any) -> Any:
    """Return ``config`` with what Keras has no more described as one of :data:`EARLIER`."""
    if isinstance(config, dict):
        made = {name: with_earlier(value) for name, value in config.items() if name != OF_KERAS_2}
        settings = config.get("config")
        if isinstance(settings, dict) and settings.get(OF_KERAS_2):
            made |= {"module": None, "registered_name": f"{config['class_name']}_{OF_KERAS_2}"}
        return made
    if isinstance(config, list):
        return [with_earlier(value) for value in config]
    if config == OLD_HARD_SIGMOID:
        return {"module": "builtins", "class_name": "function", "config": config, "registered_name": "function"}
    return config
