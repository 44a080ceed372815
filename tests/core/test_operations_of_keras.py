"""Keras's operations, as Keras 3 saves them between layers: numbers, slopes, and Keras given them anew."""

from __future__ import annotations

import os

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from core.calculation.running import predictions
from core.engine.built import build
from core.layers.operations import OPERATIONS
from core.layers.operations_with_settings import WITH_SETTINGS, module_of, of_points_alone
from core.layers.writer import Writer
from core.model.files.opening import OpenedGraph, open_any, open_model
from core.model.save_model import save_model
from core.operations.run import Ready
from core.operations.slopes import slopes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RANDOM = np.random.default_rng(3)
X, Y = (RANDOM.normal(size=(2, 4, 6)).astype(np.float32) for _ in range(2))
ARRAY = np.arange(1.0, 7.0, dtype=np.float32)

MADE: dict[str, Callable[[Any, Any], Any]] = {
    "Mean": lambda x, y: [ops.mean(x, axis=1), ops.mean(x, axis=-1, keepdims=True), ops.mean(x, axis=(1, 2))],
    "Sum": lambda x, y: ops.sum(x, axis=2, keepdims=True),
    "Max": lambda x, y: ops.max(x, axis=(1, 2)),
    "Min": lambda x, y: ops.min(x, axis=-1),
    "Amax": lambda x, y: ops.amax(x, axis=1),
    "Amin": lambda x, y: ops.amin(x, axis=1, keepdims=True),
    "All": lambda x, y: ops.cast(ops.all(ops.maximum(x, -0.5), axis=1), "float32") + ops.mean(y, axis=1),
    "Argmax": lambda x, y: [ops.argmax(x, axis=1), ops.argmax(ops.sign(x), axis=-1, keepdims=True)],
    "Argmin": lambda x, y: [ops.argmin(x, axis=2), ops.argmin(ops.sign(y), axis=1)],
    "Norm": lambda x, y: [ops.norm(x, axis=1), ops.norm(y, ord=1, axis=-1, keepdims=True), ops.norm(y, axis=(1, 2))],
    "Cumsum": lambda x, y: [ops.cumsum(x, axis=1), ops.cumsum(y, axis=-1)],
    "Swapaxes": lambda x, y: ops.swapaxes(x, 1, -1),
    "Sin": lambda x, y: [ops.sin(3 * x), ops.cos(y), ops.sinh(x), ops.cosh(y), ops.exp2(x)],
    "Log1p": lambda x, y: [ops.log1p(ops.exp(x)), ops.log2(ops.exp(x)), ops.log10(ops.exp(x))],
    "Floor": lambda x, y: [one(5 * x) + y for one in (ops.floor, ops.ceil, ops.trunc, ops.sign)],
    "LogicalXor": lambda x, y: ops.cast(ops.logical_xor(x > 0, y > 0), "float32"),
    "Any": lambda x, y: ops.cast(ops.any(ops.maximum(x, 0.0), axis=1), "float32") + ops.mean(y, axis=1),
    "Var": lambda x, y: [ops.var(x, axis=-1), ops.var(x, axis=1, keepdims=True)],
    "Std": lambda x, y: ops.std(x, axis=1),
    "Logsumexp": lambda x, y: [ops.logsumexp(x, axis=1), ops.logsumexp(x, axis=-1, keepdims=True)],
    "Softmax": lambda x, y: [ops.softmax(x), ops.softmax(x, axis=1)],
    "LogSoftmax": lambda x, y: ops.log_softmax(x, axis=1),
    "Normalize": lambda x, y: ops.normalize(x, axis=1),
    "Concatenate": lambda x, y: ops.concatenate([x, y], axis=1),
    "Stack": lambda x, y: [ops.stack([x, y], axis=1), ops.stack([x, y], axis=-1)],
    "ExpandDims": lambda x, y: ops.expand_dims(x, -1) * ops.expand_dims(y, 3),
    "Flip": lambda x, y: ops.flip(x, axis=2),
    "Repeat": lambda x, y: ops.repeat(x, 3, axis=1),
    "Split": lambda x, y: [*ops.split(x, 3, axis=-1), *ops.split(x, [1, 3], axis=1)],
    "Unstack": lambda x, y: ops.unstack(x, axis=1),
    "OneHot": lambda x, y: ops.one_hot(ops.cast(ops.absolute(x), "int32"), 3) + ops.expand_dims(y, -1),
    "Squeeze": lambda x, y: ops.squeeze(ops.expand_dims(x, 1), 1),
    "Transpose": lambda x, y: ops.transpose(x, (0, 2, 1)),
    "Reshape": lambda x, y: [ops.reshape(x, (-1, 24)), ops.reshape(x, (-1, 2, 12))],
    "Tile": lambda x, y: ops.tile(x, [1, 2, 3]),
    "Pad": lambda x, y: [
        ops.pad(x, [[0, 0], [1, 2], [0, 1]]),
        ops.pad(x, [[0, 0], [1, 2], [0, 1]], mode="reflect"),
        ops.pad(x, [[0, 0], [1, 2], [3, 0]], mode="symmetric"),
        ops.pad(x, [[0, 0], [1, 0], [0, 0]], constant_values=2.0),
    ],
    "GetItem": lambda x, y: [x[:, 0], x[..., -1], x[:, 1:, ::2], x[:, None], x[:, ::-1], x[..., None, 2:4]],
    "Clip": lambda x, y: ops.clip(x, -0.5, 1),
    "Cast": lambda x, y: ops.cast(ops.cast(x * 3.0, "int32"), "float32") + ops.cast(x, "float32"),
    "LeakyRelu": lambda x, y: ops.leaky_relu(x, 0.1),
    "Elu": lambda x, y: ops.elu(x, 0.7),
    "Gelu": lambda x, y: [ops.gelu(x), ops.gelu(x, approximate=False)],
    "Einsum": lambda x, y: [ops.einsum("bij,bkj->bik", x, y), ops.einsum("...ij,...ij->...i", x, y)],
    "DepthToSpace": lambda x, y: ops.nn.depth_to_space(ops.expand_dims(x, -1) * ARRAY[:4], 2),
    "SpaceToDepth": lambda x, y: ops.nn.space_to_depth(ops.expand_dims(x, -1), 2),
    "Matmul": lambda x, y: [ops.matmul(x, ops.transpose(y, (0, 2, 1))), ops.matmul(x[:, 0], np.ones((6, 2), "f4"))],
    "Multiply": lambda x, y: [x * ARRAY, x * ARRAY.reshape(1, 1, 6), ops.subtract(ARRAY, y)],
    # What looks like a bias Keras adds along the last axis of that size, else along the first, whichever axis it has.
    "Add": lambda x, y: [
        ops.add(ops.expand_dims(x, -1), ARRAY.reshape(6, 1)),
        ops.add(ops.transpose(ops.matmul(x, ops.transpose(y, (0, 2, 1))), (0, 2, 1)), ARRAY[:4].reshape(4, 1)),
        ops.add(ops.expand_dims(ops.transpose(x, (0, 2, 1)), 2) * ARRAY[:6].reshape(6, 1), ARRAY.reshape(6, 1)),
        x + ARRAY[:4].reshape(1, 4, 1),
    ],
    "Power": lambda x, y: x**2,
    "Where": lambda x, y: ops.where(x > y, x, 0.1 * y),
    "Relu6": lambda x, y: [ops.relu6(3 * x), ops.silu(x), ops.softplus(x), ops.softsign(x), ops.selu(x)],
    "HardSigmoid": lambda x, y: [ops.hard_sigmoid(x), ops.hard_silu(x), ops.log_sigmoid(x), ops.tanh_shrink(x)],
    "Rsqrt": lambda x, y: [ops.rsqrt(ops.absolute(x)), ops.erf(y), ops.reciprocal(x), ops.expm1(x)],
}
"""Keras's class -> models' outputs that it makes."""

WITHOUT_SLOPES = {"All", "Any", "Argmax", "Argmin", "OneHot", "Cast", "LogicalXor"}


def model_of(kind: str) -> Any:
    x, y = keras.Input((4, 6), name="x"), keras.Input((4, 6), name="y")
    return keras.Model([x, y], MADE[kind](x, y), name="made")


def test_every_operation_with_settings_is_tried() -> None:
    assert set(WITH_SETTINGS) <= set(MADE)
    assert {kind for kind in (*WITH_SETTINGS, *OPERATIONS) if not hasattr(_code(kind), kind)} == set()


def _code(kind: str) -> Any:
    code: Any = keras.src.ops
    for part in module_of(kind).removeprefix("keras.src.ops.").split("."):
        code = getattr(code, part)
    return code


@pytest.mark.parametrize("kind", MADE)
def test_an_operation_is_what_keras_makes_of_it(kind: str, tmp_path: Path) -> None:
    model = model_of(kind)
    right = keras.tree.flatten(model([X, Y]))
    for suffix in (".keras", ".h5"):
        model.save(tmp_path / f"m{suffix}")
        opened = open_model(tmp_path / f"m{suffix}")
        graph = opened.network.graph
        made = predictions(graph, {}, [X, Y])
        for ours, theirs in zip(made, right, strict=True):
            np.testing.assert_allclose(ours, np.asarray(theirs), rtol=1e-5, atol=1e-5)
    # Keras is given it again, from what is written down of it here.
    again = build(opened.network)
    rows = np.concatenate([X.reshape(2, -1), Y.reshape(2, -1)], axis=1)
    for ours, theirs in zip(keras.tree.flatten(again(rows)), right, strict=True):
        np.testing.assert_allclose(np.asarray(ours).reshape(2, -1), np.asarray(theirs).reshape(2, -1), atol=1e-6)
    if kind not in WITHOUT_SLOPES:
        _check_slopes(graph, model)


def _check_slopes(graph: Any, model: Any) -> None:
    points = [tf.constant(X), tf.constant(Y)]
    with tf.GradientTape() as tape:
        tape.watch(points)
        made = [one for one in keras.tree.flatten(model(points)) if one.dtype.is_floating]
        total = sum(tf.reduce_sum(one * _factors(one.shape[1:])) for one in made)
    right = [0.0 if one is None else np.asarray(one) for one in tape.gradient(total, points)]
    on = Writer()
    sources = [on.input((4, 6)), on.input((4, 6))]
    outputs = graph.write(on, sources)
    whole = [(one * on.constant(_factors(one.shape))).reshape(-1).over("sum", 0) for one in outputs]
    ours = slopes(sum(whole[1:], start=whole[0]), sources)
    ready = Ready(on.program, {}, [one.number for one in sources], [one.number for one in ours])
    for one, other in zip(ready(X.astype(np.float64), Y.astype(np.float64)), right, strict=True):
        np.testing.assert_allclose(np.broadcast_to(one, X.shape), np.broadcast_to(other, X.shape), rtol=1e-4, atol=1e-4)


def _factors(shape: Any) -> Any:
    return np.cos(np.arange(np.prod(shape, dtype=int)) + 0.5).reshape(shape).astype(np.float32)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda x, y: ops.sum(x), "of the operation Sum over all points of a batch at once"),
        (lambda x, y: ops.reshape(x, (-1, 6)), "leaves apart"),
        (lambda x, y: ops.transpose(x, (1, 0, 2)), "of the operation Transpose over all points"),
        (lambda x, y: x[0], "of the operation GetItem over all points"),
        (lambda x, y: ops.einsum("bij,cij->bc", x, y), "of the operation Einsum over all points"),
        (lambda x, y: ops.einsum("bij,bkl->bjk", x, y), "subscripts of two sources that leave points apart"),
        (lambda x, y: ops.argsort(x, axis=1), "of the operation Argsort, which is not followed"),
        (lambda x, y: ops.cumsum(x), "of the operation Cumsum, which is not followed"),
        # An axis of None are all axes, the points' too.
        (lambda x, y: ops.flip(x), "of the operation Flip, which is not followed with its settings"),
        (lambda x, y: ops.repeat(x, 2), "of the operation Repeat, which is not followed with its settings"),
        (lambda x, y: ops.softmax(x, axis=None), "of the operation Softmax, which is not followed with its settings"),
        (lambda x, y: ops.argmax(x), "of the operation Argmax over all points"),
        (lambda x, y: ops.norm(x, ord="nuc", axis=(1, 2)), "of the operation Norm, which is not followed"),
        (lambda x, y: ops.norm(x, ord=2, axis=(1, 2)), "norm expects one axis for the norm 2"),
        (lambda x, y: ops.cast(x, "float16"), "of the operation Cast, which is not followed with its settings"),
    ],
)
def test_what_is_not_of_each_point_alone_stops_the_calculation(made: Any, said: str, tmp_path: Path) -> None:
    keras.utils.clear_session()
    x, y = keras.Input((4, 6), name="x"), keras.Input((4, 6), name="y")
    keras.Model([x, y], made(x, y)).save(tmp_path / "m.keras")
    opened = open_any(tmp_path / "m.keras")
    assert isinstance(opened, OpenedGraph) and said in opened.stops


def test_subscripts_lose_the_axis_of_the_points() -> None:
    assert of_points_alone("bij, bkj -> bik", [2, 2]) == "ij,kj->ik"
    assert of_points_alone("...ij,...kj->...ik", [3, 3]) == "Bij,Bkj->Bik"
    assert of_points_alone("bij,jk->bik", [2, 2]) is None
    assert of_points_alone("bii,bi->bi", [2, 1]) is None


def test_a_model_of_operations_is_saved_and_opened_again(tmp_path: Path) -> None:
    x = keras.Input((4, 6), name="x")
    y = keras.layers.Dense(2, name="d")(ops.pad(x, [[0, 0], [1, 0], [0, 0]], constant_values=2.0)[:, ::2] * ARRAY)
    model = keras.Model(x, y)
    model.save(tmp_path / "m.keras")
    opened = open_model(tmp_path / "m.keras")
    save_model(tmp_path / "new.keras", opened.network, opened.weights, None, None)
    np.testing.assert_allclose(keras.models.load_model(tmp_path / "new.keras")(X), model(X), rtol=1e-6)


def test_operations_of_a_frozen_model_are_saved_and_opened_again(tmp_path: Path) -> None:
    x = keras.Input((4, 6))
    within = keras.Model(x, ops.mean(x * 2.0, axis=1), name="within")
    within.trainable = False
    y = keras.Input((4, 6))
    keras.Model(y, keras.layers.Dense(2)(within(y))).save(tmp_path / "m.keras")
    opened = open_model(tmp_path / "m.keras")
    save_model(tmp_path / "new.keras", opened.network, opened.weights, None, None)
    assert open_model(tmp_path / "new.keras").network.config == opened.network.config
