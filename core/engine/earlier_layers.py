"""What earlier versions of Keras had otherwise, as today's can be given it: an activation, layers that go by masks, and
layers that it has no more.
"""

from __future__ import annotations

from functools import reduce
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import keras

from core.layers.activations import OLD_HARD_SIGMOID
from core.layers.layer import OF_KERAS_2
from core.layers.no_longer import NO_MORE
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


PENALTIES = ("kernel_regularizer", "bias_regularizer", "kernel_constraint", "bias_constraint")
"""Settings that say what is wanted of a kernel and a bias."""


class _Earlier(keras.layers.Layer):  # type: ignore[misc]
    """What all have: an activation, and arrays with what is wanted of them."""

    def __init__(self, activation: Any = "linear", use_bias: bool = True, **settings: Any) -> None:
        self.wanted = {name: settings.pop(name, None) for name in PENALTIES}
        super().__init__(**settings)
        self.activation, self.use_bias = keras.activations.get(activation), use_bias

    def array(self, name: str, shape: tuple[int, ...], like: str = "kernel") -> Any:
        return self.add_weight(
            name=name,
            shape=shape,
            regularizer=keras.regularizers.get(_made(self.wanted[f"{like}_regularizer"])),
            constraint=keras.constraints.get(_made(self.wanted[f"{like}_constraint"])),
        )


def _made(described: Any) -> Any:
    return keras.saving.deserialize_keras_object(described) if isinstance(described, dict) else described


class LocallyConnected(_Earlier):
    """A kernel for every place of a window."""

    def __init__(self, filters: int, kernel_size: Any, strides: Any, **settings: Any) -> None:
        for name in ("padding", "data_format", "implementation"):
            settings.pop(name, None)
        super().__init__(**settings)
        self.filters, self.kernel_size, self.strides = filters, tuple(kernel_size), tuple(strides)

    def places(self, shape: Any) -> tuple[int, ...]:
        sizes = zip(shape[1:], self.kernel_size, self.strides, strict=False)
        return tuple((size - wide) // stride + 1 for size, wide, stride in sizes)

    def build(self, shape: Any) -> None:
        places = self.places(shape)
        self.kernel = self.array("kernel", (prod(places), prod(self.kernel_size) * shape[-1], self.filters))
        self.bias = self.array("bias", (*places, self.filters), "bias") if self.use_bias else None

    def call(self, inputs: Any) -> Any:
        places = self.places(inputs.shape)
        seen = [
            inputs[(slice(None), *map(self._taken, starts, places, self.strides))]
            for starts in product(*map(range, self.kernel_size))
        ]
        under = keras.ops.reshape(keras.ops.concatenate(seen, axis=-1), (-1, prod(places), self.kernel.shape[1]))
        made = keras.ops.reshape(keras.ops.einsum("bps,psf->bpf", under, self.kernel), (-1, *places, self.filters))
        return self.activation(made + self.bias if self.use_bias else made)

    @staticmethod
    def _taken(start: int, places: int, stride: int) -> slice:
        return slice(start, start + (places - 1) * stride + 1, stride)


class Highway(_Earlier):
    """A gate's share of what is made, and the rest of the inputs."""

    def build(self, shape: Any) -> None:
        size = shape[-1]
        self.kernel, self.gate_kernel = self.array("kernel", (size, size)), self.array("gate_kernel", (size, size))
        if self.use_bias:
            self.bias, self.gate_bias = self.array("bias", (size,), "bias"), self.array("gate_bias", (size,), "bias")

    def call(self, inputs: Any) -> Any:
        bias, gate_bias = (self.bias, self.gate_bias) if self.use_bias else (0.0, 0.0)
        gate = keras.ops.sigmoid(keras.ops.matmul(inputs, self.gate_kernel) + gate_bias)
        return gate * self.activation(keras.ops.matmul(inputs, self.kernel) + bias) + (1.0 - gate) * inputs


class MaxoutDense(_Earlier):
    """The largest of several sums."""

    def __init__(self, units: int, nb_feature: int = 4, **settings: Any) -> None:
        super().__init__(**settings)
        self.units, self.nb_feature = units, nb_feature

    def build(self, shape: Any) -> None:
        self.kernel = self.array("kernel", (self.nb_feature, shape[-1], self.units))
        self.bias = self.array("bias", (self.nb_feature, self.units), "bias") if self.use_bias else None

    def call(self, inputs: Any) -> Any:
        sums = [keras.ops.matmul(inputs, self.kernel[at]) for at in range(self.nb_feature)]
        bias: Any = self.bias
        sums = [one + bias[at] for at, one in enumerate(sums)] if self.use_bias else sums
        return reduce(keras.ops.maximum, sums)


class WithArrays(keras.layers.Layer):  # type: ignore[misc]
    """A function of each number with arrays of the shape of a point, 1 along the axes that share them."""

    arrays: tuple[str, ...]

    def __init__(self, shared_axes: Any = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.shared_axes, self.supports_masking = shared_axes or (), True

    def build(self, shape: Any) -> None:
        rank = len(shape)
        shared = {axis % rank for axis in self.shared_axes}
        sizes = [1 if at in shared else size for at, size in enumerate(shape)][1:]
        self.held = [self.add_weight(name=name, shape=sizes) for name in self.arrays]


class ParametricSoftplus(WithArrays):
    """The softplus, made wider and higher."""

    arrays = ("alphas", "betas")

    def call(self, inputs: Any) -> Any:
        alphas, betas = self.held
        return keras.ops.softplus(betas * inputs) * alphas


class SReLU(WithArrays):
    """Three straight parts."""

    arrays = ("t_left", "a_left", "t_right", "a_right")

    def call(self, inputs: Any) -> Any:
        left, below, width, above = self.held
        wide = keras.ops.abs(width)
        kept = keras.ops.minimum(keras.ops.relu(inputs - left), wide) - below * keras.ops.relu(left - inputs)
        return left + kept + above * keras.ops.relu(inputs - (left + wide))


class LocallyConnected1D(LocallyConnected):
    """Along one axis."""


class LocallyConnected2D(LocallyConnected):
    """Along two axes."""


NO_LONGER = {
    made.__name__: made
    for made in (LocallyConnected1D, LocallyConnected2D, Highway, MaxoutDense, ParametricSoftplus, SReLU)
}
"""What Keras called a class -> that which is made of today's."""


OWN = {made.__base__.__name__: made for made in (_LeftAsTheyWere, _OfAll)}
"""What Keras calls a class -> that which goes by masks as it did."""

EARLIER = (
    {OLD_HARD_SIGMOID: old_hard_sigmoid}
    | NO_LONGER
    | {
        f"{kind}_{OF_KERAS_2}": OWN.get(kind) or _merging(layer)
        for kind, layer in LAYERS.items()
        if OF_KERAS_2 in layer.__struct_fields__
    }
)
"""What Keras is told of beside its own, by the names that it has in a description."""


def with_earlier(config: Any) -> Any:
    """Return ``config`` with what Keras has no more described as one of :data:`EARLIER`."""
    if isinstance(config, dict):
        made = {name: with_earlier(value) for name, value in config.items() if name != OF_KERAS_2}
        if config.get("module") == NO_MORE:
            made |= {"module": None, "registered_name": config["class_name"]}
        settings = config.get("config")
        if isinstance(settings, dict) and settings.get(OF_KERAS_2):
            made |= {"module": None, "registered_name": f"{config['class_name']}_{OF_KERAS_2}"}
        return made
    if isinstance(config, list):
        return [with_earlier(value) for value in config]
    if config == OLD_HARD_SIGMOID:
        return {"module": "builtins", "class_name": "function", "config": config, "registered_name": "function"}
    return config
