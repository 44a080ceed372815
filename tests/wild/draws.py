"""Small draws of one seed, and random layers of Keras's that take a tensor of some shape."""

from __future__ import annotations

import os
from math import prod
from typing import TYPE_CHECKING, Any

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")

import keras
import numpy as np
from keras import layers as kl

from core.activations import ACTIVATIONS, HALVING
from tests.wild.rarer import channels_first, rare_layer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Shape = tuple[int | None, ...]
    Model = Callable[[Sequence[Shape], bool], Any]

OTHERWISE = ("sparsemax", "exponential", *HALVING)
"""Activations that are not drawn everywhere: not Keras's paper's, soon infinite, of twice as many numbers."""

USUAL = ("linear", "tanh", "sigmoid", "relu", "softmax", "elu")
GATES = ("sigmoid", "hard_sigmoid", "tanh", "softmax")

ODD_NAMES = ("größe", "层 1", "a b", "the embedding", "[red]a", "x" * 70, "rows", "model")
"""Names that a person may give a layer, some of which the engine can't take as they are."""

PENALTIES: dict[str, tuple[Any, ...]] = {
    "_regularizer": ("l1", "l2", keras.regularizers.L1L2(0.02, 0.03)),
    "_constraint": ("max_norm", "non_neg", "unit_norm", keras.constraints.MinMaxNorm(0.2, 0.8, 0.5)),
}
"""What is drawn for settings of layers that end so."""


class Draws:
    """Numbers and choices, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def chance(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def whole(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def one(self, many: Sequence[Any]) -> Any:
        return many[int(self.random.integers(len(many)))]

    def sizes(self, axes: int, low: int, high: int) -> Any:
        """Return one size for all axes, or one for each."""
        return self.whole(low, high) if self.chance(0.4) else tuple(self.whole(low, high) for _ in range(axes))


class Layers(Draws):
    """Draws layers; ``model`` makes one that stands within a layer."""

    def __init__(self, seed: int, model: Model) -> None:
        super().__init__(seed)
        self._model = model

    def activation(self) -> str:
        return str(self.one(USUAL if self.chance(0.6) else sorted(set(ACTIVATIONS) - set(OTHERWISE))))

    def of_shape(self, shape: Shape, deep: int = 0) -> Any:
        """Return a layer that takes a tensor of that shape, without the batch; or one of which Keras says that it
        doesn't.
        """
        rank = len(shape)
        choices: list[Callable[[Any], Any]] = [self.anywhere] * 3
        if rank == 1:
            choices += [lambda _: kl.RepeatVector(self.whole(1, 4)), self.dense]
        if 2 <= rank <= 4:
            choices += [self.convolution, self.pooling, self.moving]
        if rank == 3:
            choices += [self.changed_at_random]
        if rank == 2:
            choices += [self.recurrent, self.recurrent, self.both_ways, lambda _: kl.Masking(self.one([0.0, 0.5]))]
        if rank > 2 and self.chance(0.5):
            choices += [lambda _: kl.Masking(0.0)]
        if rank >= 2 and deep < 2:
            choices += [lambda of: kl.TimeDistributed(self._of_each_step(of[1:], deep + 1))]
        if 3 <= rank <= 4:
            choices += [self.convolved_steps]
        if self.chance(0.06):
            return self.varied(rare_layer(self, shape))
        return self.varied(channels_first(self, self.one(choices)(shape)))

    def varied(self, layer: Any) -> Any:
        """Return the layer with regularizers, constraints, another name, frozen; most often as it is."""
        config = layer.get_config()
        if "layer" in config or "cell" in config or not self.chance(0.3):
            return layer
        for end, many in PENALTIES.items():
            for name in (one for one in config if one.endswith(end) and self.chance(0.3)):
                config[name] = self.one(many)
        if self.chance(0.2):
            config["name"] = self.one(ODD_NAMES)
        varied = type(layer).from_config(config)
        varied.trainable = self.chance(0.75)
        return varied

    def dense(self, _shape: Shape) -> Any:
        return kl.Dense(self.whole(1, 5), self.activation(), use_bias=self.chance(0.8))

    def convolution(self, shape: Shape) -> Any:
        axes, channels = len(shape) - 1, shape[-1] or 1
        strides = self.sizes(axes, 1, 2)
        apart = strides in (1, (1,) * axes) and self.chance(0.4)
        settings = {
            "kernel_size": self.sizes(axes, 1, 3),
            "strides": strides,
            "padding": self.one(["valid", "same"]),
            "dilation_rate": self.sizes(axes, 1, 2) if apart else 1,
            "use_bias": self.chance(0.7),
            "activation": self.activation(),
        }
        kind = self.one(["Depthwise", "Separable", "Transpose", "", ""])
        if kind in ("Depthwise", "Separable") and axes < 3:
            settings |= {"strides": 1 if apart else self.whole(1, 2), "depth_multiplier": self.whole(1, 2)}
            settings |= {"filters": self.whole(1, 3)} if kind == "Separable" else {}
            return getattr(kl, f"{kind}Conv{axes}D")(**settings)
        if kind == "Transpose":
            return getattr(kl, f"Conv{axes}DTranspose")(self.whole(1, 3), **settings | {"dilation_rate": 1})
        if axes == 1 and self.chance(0.4):
            settings["padding"] = "causal"
        groups = channels if channels > 1 and self.chance(0.2) else 1
        return getattr(kl, f"Conv{axes}D")(groups * self.whole(1, 2), groups=groups, **settings)

    def pooling(self, shape: Shape) -> Any:
        kind, axes = self.one(["Average", "Max"]), len(shape) - 1
        if self.chance(0.35):
            return getattr(kl, f"Global{kind}Pooling{axes}D")(keepdims=self.chance(0.3))
        strides, padding = self.one([None, 1, 2]), self.one(["valid", "same"])
        return getattr(kl, f"{kind}Pooling{axes}D")(self.sizes(axes, 1, 3), strides=strides, padding=padding)

    def moving(self, shape: Shape) -> Any:
        axes, kind = len(shape) - 1, self.one(["ZeroPadding", "Cropping", "UpSampling", "SpatialDropout"])
        make = getattr(kl, f"{kind}{axes}D")
        if kind == "UpSampling":
            between = {"interpolation": "bilinear"} if axes == 2 and self.chance(0.3) else {}
            return make(self.whole(1, 2) if axes == 1 else self.sizes(axes, 1, 2), **between)
        if kind == "SpatialDropout":
            return make(0.3)
        if axes == 2 and self.chance(0.2):
            return kl.Resizing(self.whole(1, 6), self.whole(1, 6), self.one(["bilinear", "nearest"]))
        ends = tuple((self.whole(0, 1), self.whole(0, 1)) for _ in range(axes))
        return make(self.one([1, ends[0] if axes == 1 else ends]))

    def _cell(self) -> Any:
        units, settings = self.whole(1, 4), {"activation": self.activation(), "use_bias": self.chance(0.8)}
        kind = self.one([kl.SimpleRNNCell, kl.LSTMCell, kl.GRUCell])
        return kind(
            units, **settings, **({} if kind is kl.SimpleRNNCell else {"recurrent_activation": self.one(GATES)})
        )

    def recurrent(self, shape: Shape, one_way: bool = False) -> Any:
        settings: dict[str, Any] = {
            "return_sequences": self.chance(0.6),
            "go_backwards": self.chance(0.3) and not one_way,
        }
        if self.chance(0.2):
            return kl.RNN(self._cell() if self.chance(0.6) else [self._cell(), self._cell()], **settings)
        settings |= {
            "zero_output_for_mask": self.chance(0.2) and not one_way,
            "activation": self.activation(),
            "use_bias": self.chance(0.8),
            "dropout": self.one([0, 0, 0.3]),
            "recurrent_dropout": self.one([0, 0, 0, 0.3]),
            "unroll": shape[0] is not None and self.chance(0.3),
        }
        kind = self.one([kl.SimpleRNN, kl.LSTM, kl.GRU])
        if kind is not kl.SimpleRNN:
            settings |= {"recurrent_activation": self.one(GATES), "return_state": self.chance(0.2) and not one_way}
        settings |= {"reset_after": self.chance(0.5)} if kind is kl.GRU else {}
        return kind(self.whole(1, 4), **settings)

    def both_ways(self, shape: Shape) -> Any:
        merge, first = self.one(["concat", "sum", "mul", "ave", "concat", None]), self.recurrent(shape, one_way=True)
        if not self.chance(0.25) or type(first) is kl.RNN:
            return kl.Bidirectional(first, merge)
        config = first.get_config()
        config |= {"go_backwards": True, "name": f"{first.name}_back", "activation": self.activation()}
        return kl.Bidirectional(first, merge, backward_layer=type(first).from_config(config))

    def convolved_steps(self, shape: Shape) -> Any:
        axes = len(shape) - 2
        return getattr(kl, f"ConvLSTM{axes}D")(
            self.whole(1, 2),
            self.sizes(axes, 1, 2),
            padding=self.one(["valid", "same"]),
            activation=self.activation(),
            return_sequences=self.chance(0.5),
            go_backwards=self.chance(0.3),
        )

    def changed_at_random(self, _shape: Shape) -> Any:
        """Return a layer that changes images while a model is trained."""
        return self.one([
            kl.RandomFlip, lambda: kl.RandomTranslation(0.3, 0.3), lambda: kl.RandomRotation(0.2),
            lambda: kl.RandomZoom(0.3), lambda: kl.RandomContrast(0.4, value_range=(-2, 2)),
            lambda: kl.RandomBrightness(0.3, (-2, 2)), kl.RandomErasing,
        ])()  # fmt: skip

    def _of_each_step(self, shape: Shape, deep: int) -> Any:
        if self.chance(0.3) and None not in shape:
            return self._model([shape], self.chance(0.5))
        layer = self.of_shape(shape, deep)
        return kl.Dense(2) if isinstance(layer, kl.Masking) else layer

    def anywhere(self, shape: Shape) -> Any:
        """Return a layer that takes any number of axes."""
        rank, last = len(shape), shape[-1] or 1
        fixed = [at + 1 for at, size in enumerate(shape) if size is not None]
        axis = self.one(fixed) if fixed and self.chance(0.3) else -1
        axes = list(range(1, rank + 1)) if len(fixed) == rank and self.chance(0.3) else axis
        scaled = {"center": self.chance(0.7), "scale": self.chance(0.7)}
        batch = {"momentum": self.one([0.99, 0.5]), "epsilon": self.one([1e-3, 1e-2]), "renorm": self.chance(0.2)}
        batch |= {"renorm_momentum": 0.6, "renorm_clipping": {"rmax": 1.5, "dmax": 0.4}} if self.chance(0.5) else {}
        means = {"mean": [0.25 * at for at in range(last)], "variance": [0.5 + at for at in range(last)]}
        choices: list[Callable[[], Any]] = [
            lambda: self.dense(shape),
            lambda: kl.Dense(2 * self.whole(1, 3), "glu"),
            lambda: kl.Activation(self.one([self.activation(), "glu", "softmax", "log_softmax"])),
            lambda: kl.ReLU(self.one([None, 1.5]), self.one([0.0, 0.1]), self.one([0.0, 0.3])),
            lambda: kl.LeakyReLU(negative_slope=self.one([0.3, 0.05])),
            lambda: kl.ELU(alpha=self.one([1.0, 0.4])),
            lambda: kl.PReLU(shared_axes=[1] if rank > 1 and self.chance(0.6) else None),
            lambda: kl.Softmax(axis=self.one([-1, 1, [1, rank]]) if rank > 1 else -1),
            lambda: kl.BatchNormalization(axis, **scaled, **batch),
            lambda: kl.BatchNormalization(momentum=0.5),
            lambda: kl.LayerNormalization(axes, **scaled),
            lambda: kl.RMSNormalization(axis),
            lambda: kl.UnitNormalization(axes),
            lambda: kl.GroupNormalization(self.one([1, -1, last]), center=self.chance(0.7)),
            lambda: kl.Rescaling(self.one([0.5, -2.0, [0.25] * last]), self.one([0.0, 1.5])),
            lambda: kl.Normalization(axis=-1, invert=self.chance(0.2), **means),
            lambda: kl.Normalization(axis=None, mean=0.5, variance=2.0),
            lambda: self.one([kl.Dropout, kl.GaussianNoise, kl.AlphaDropout, kl.GaussianDropout])(0.3),
            lambda: kl.ActivityRegularization(0.01, 0.02),
            kl.Identity,
            kl.Flatten,
            lambda: self._reshaped(shape),
            lambda: kl.Permute(tuple(int(at) + 1 for at in self.random.permutation(rank))),
        ]
        return self.one(choices)()

    def _reshaped(self, shape: Shape) -> Any:
        sizes = [size for size in shape if size is not None]
        if len(sizes) < len(shape):
            return kl.Reshape((-1, *shape[1:]) if None not in shape[1:] else (-1, 1))
        first = self.one([one for one in range(1, prod(sizes) + 1) if prod(sizes) % one == 0])
        target = [first, *[1] * self.chance(0.4), prod(sizes) // first]
        if self.chance(0.3):
            target[self.whole(0, len(target) - 1)] = -1
        return kl.Reshape(tuple(target))
