"""What is drawn less often: layers of Keras's applications, classes of numbers, Keras's operations with settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from keras import layers as kl
from keras import ops
from keras.src.applications.convnext import LayerScale, StochasticDepth
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wild.draws import Draws, Shape

BOUNDARIES = (-1.25, -0.3, 0.1, 0.1, 0.7, 1.5)
"""Of bins, one of which is empty."""


def rare_layer(draws: Draws, shape: Shape) -> Any:
    """Return a layer of those that few models have, which takes a tensor of that shape, or most of them."""
    last = shape[-1] or 1
    bounds = list(BOUNDARIES[draws.whole(0, 2) : draws.whole(4, 6)])
    activation = draws.one([kl.LeakyReLU(negative_slope=0.2), kl.ELU(alpha=0.5), kl.ReLU(1.0, 0.1), kl.Softmax()])
    choices: list[Callable[[], Any]] = [
        lambda: LayerScale(0.5, last),
        lambda: StochasticDepth(0.3),
        lambda: kl.Dense(draws.whole(1, 4), activation=activation),
        lambda: kl.Activation(activation),
        lambda: kl.Discretization(bounds, output_mode="one_hot"),
        lambda: kl.Discretization(bounds, output_mode=draws.one(["multi_hot", "count"])),
        lambda: kl.CategoryEncoding(draws.whole(2, 4), draws.one(["one_hot", "multi_hot", "count"])),
        lambda: kl.CenterCrop(draws.whole(1, 3), draws.whole(1, 3)),
    ]
    return draws.one(choices)()


def channels_first(draws: Draws, layer: Any) -> Any:
    """Return the layer, perhaps with its channels first."""
    config = layer.get_config()
    if "data_format" not in config or not draws.chance(0.12):
        return layer
    return type(layer).from_config(config | {"data_format": "channels_first"})


def of_two(source: Any, other: Any, scale: float) -> Any:
    """Return Inception-ResNet's sum of two tensors of one shape."""
    return CustomScaleLayer(scale)([source, other])


def counted(draws: Draws, words: Any) -> Any:
    """Return how often whole numbers say each class, some of them more than once."""
    layer = kl.CategoryEncoding(draws.whole(2, 9), draws.one(["multi_hot", "count", "one_hot"]))
    if layer.output_mode == "count" and len(words.shape) == 2 and draws.chance(0.4):
        return layer(words, count_weights=ops.cast(words, "float32") * 0.25 + 0.5)
    return layer(words)


def rare_operation(draws: Draws, source: Any, other: Any) -> Any:
    """Return what an operation of Keras's makes of tensors of one shape, each with an axis of points."""
    rank, last = len(source.shape), source.shape[-1]
    axis = draws.whole(1, rank - 1)
    either = draws.one([axis, axis - rank])
    keep = {"axis": draws.one([either, either, tuple(range(1, rank))]), "keepdims": draws.chance(0.4)}
    order = (0, *(int(one) + 1 for one in draws.random.permutation(rank - 1)))
    ends = [(0, 0)] * rank
    ends[axis] = (draws.whole(0, 2), draws.whole(0, 1))
    row = draws.random.normal(size=last or 1).astype(np.float32)
    choices: list[Callable[[], Any]] = [
        lambda: ops.mean(source, **keep), lambda: ops.sum(source, **keep), lambda: ops.max(source, **keep),
        lambda: ops.min(source, **keep), lambda: ops.amax(source, **keep), lambda: ops.amin(source, **keep),
        lambda: ops.var(source, **keep), lambda: ops.std(source, **keep), lambda: ops.logsumexp(source, **keep),
        lambda: ops.cast(ops.any(ops.maximum(source, 0.0), **keep), "float32"),
        lambda: ops.softmax(source, axis=either), lambda: ops.log_softmax(source, axis=either),
        lambda: ops.normalize(source, axis=either), lambda: ops.stack([source, other], axis=either),
        lambda: ops.flip(source, axis=either), lambda: ops.repeat(source, draws.whole(1, 3), axis=either),
        lambda: ops.split(source, draws.one([2, [1], [1, 2]]), axis=either),
        lambda: ops.unstack(source, axis=either),
        lambda: ops.one_hot(ops.cast(ops.absolute(source), "int32"), draws.whole(2, 4), axis=draws.one([-1, axis])),
        lambda: ops.squeeze(ops.expand_dims(source, axis), axis), lambda: ops.transpose(source, order),
        lambda: ops.reshape(source, (-1, *(source.shape[at] for at in order[1:]))),
        lambda: ops.tile(source, [1, *(draws.whole(1, 2) for _ in range(rank - 1))]),
        lambda: ops.pad(source, ends, mode=draws.one(["constant", "reflect", "symmetric"])),
        lambda: ops.pad(source, ends, constant_values=1.5),
        lambda: source[:, draws.whole(0, 1)], lambda: source[..., draws.whole(-2, 0)], lambda: source[:, ::-1],
        lambda: source[:, None], lambda: source[..., draws.whole(0, 1) :: 2], lambda: source[..., None, :2],
        lambda: ops.clip(source, -0.4, draws.one([0.7, 1])), lambda: ops.leaky_relu(source, 0.1),
        lambda: ops.elu(source, 0.7), lambda: ops.gelu(source, approximate=draws.chance(0.5)),
        lambda: ops.einsum("...i,...i->...", source, other), lambda: ops.einsum("b...i,b...i->b...i", source, other),
        lambda: ops.einsum("bi,bj->bij", source, other), lambda: ops.einsum("bij,bkj->bik", source, other),
        lambda: ops.matmul(source, ops.transpose(other, (*range(rank - 2), rank - 1, rank - 2))),
        lambda: ops.matmul(source, draws.random.normal(size=(last, 2)).astype(np.float32)),
        lambda: source * row, lambda: ops.subtract(row, source), lambda: source**2, lambda: 2.0**source,
        lambda: ops.power(ops.absolute(source) + 0.5, other), lambda: row / (ops.square(source) + 0.5),
        lambda: ops.where(source > other, source, 0.1 * other), lambda: ops.where(other < 0.2, 1.5, source),
        lambda: ops.relu6(3 * source), lambda: ops.silu(source), lambda: ops.softplus(source),
        lambda: ops.softsign(source), lambda: ops.selu(source), lambda: ops.hard_sigmoid(source),
        lambda: ops.hard_silu(source), lambda: ops.log_sigmoid(source), lambda: ops.tanh_shrink(source),
        lambda: ops.rsqrt(ops.absolute(source) + 0.1), lambda: ops.erf(source), lambda: ops.expm1(source),
        lambda: ops.reciprocal(ops.square(source) + 0.3), lambda: ops.true_divide(source, 2),
        lambda: ops.cast(ops.logical_and(source > 0.0, other > 0.1), "float32"),
        lambda: ops.cast(ops.logical_or(ops.equal(source, 0.0), ops.less_equal(other, 0.1)), "float32"),
        lambda: ops.cast(ops.logical_not(ops.greater_equal(source, other)), "float32"),
        lambda: ops.zeros_like(source) + other, lambda: ops.ones_like(source) - other,
        lambda: ops.nn.depth_to_space(source, 2), lambda: ops.nn.space_to_depth(source, 2),
        lambda: of_two(source, other, 0.25),
    ]  # fmt: skip
    return draws.one(choices)()
