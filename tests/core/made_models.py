"""Models of every structure, compiled in every way, of every type of numbers: what the tests of made files save."""

# What is made later says what it is made of as a default, of which mypy can't tell the type.
# mypy: disable-error-code="misc, untyped-decorator"

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import layers as kl
from keras import ops

from tests.core.made_layers import models_of_layers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Make = Callable[[], Any]


@keras.saving.register_keras_serializable("made")
class Doubled(kl.Layer):
    """A class of a person's own, with a weight and a layer in it."""

    def __init__(self, units: int = 2, **settings: Any) -> None:
        super().__init__(**settings)
        self.units, self.inner = units, kl.Dense(units)

    def build(self, shape: Any) -> None:
        self.inner.build(shape)
        self.factor = self.add_weight(shape=(), name="factor", initializer="ones")

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs) * self.factor * 2

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("made")
def far(y_true: Any, y_pred: Any) -> Any:
    """A loss of a person's own."""
    return ops.mean(ops.abs(y_true - y_pred))


def dense(*layers: Any, shape: tuple[int | None, ...] = (4,), name: str | None = None) -> Any:
    """Return a Sequential model of ``layers``, or one layer."""
    return keras.Sequential([keras.Input(shape), *layers], name=name)


def classes_in(module: Any, *without: str) -> list[Any]:
    """Return the classes of ``module`` by which something of Keras's is made, each once."""
    found = [one for name, one in vars(module).items() if inspect.isclass(one) and name not in without]
    return list(dict.fromkeys(found))


# Settings of layers


def of_settings() -> Iterator[Make]:
    """Give models with every activation, initializer, regularizer and constraint, by name and as an object."""
    functions = [name for name, one in vars(keras.activations).items() if inspect.isfunction(one)]
    for name in functions:
        if name not in ("deserialize", "get", "serialize", "threshold"):
            yield lambda name=name: dense(kl.Dense(4, name), kl.Activation(name))
    yield lambda: dense(kl.Dense(2, keras.activations.gelu, kernel_initializer=keras.initializers.he_normal))
    yield lambda: dense(kl.Dense(4, kl.LeakyReLU(0.1)), kl.Dense(2, activation=kl.ReLU()))
    for kind in classes_in(keras.initializers, "Initializer", "STFTInitializer"):
        yield lambda kind=kind: dense(kl.Dense(4, kernel_initializer=kind()), kl.Conv1D(2, 2), shape=(4, 4))
    penalties = (keras.regularizers.L1(0.1), keras.regularizers.L2(0.1), keras.regularizers.L1L2(0.1, 0.2), "l1", "l2")
    for one in (*penalties, keras.regularizers.OrthogonalRegularizer(0.1, mode="columns")):
        yield lambda one=one: dense(kl.Dense(3, kernel_regularizer=one, bias_regularizer="l1"))
        yield lambda one=one: dense(kl.Dense(3, "relu", activity_regularizer=one), kl.LSTM(2), shape=(3, 4))
    norms = (keras.constraints.MaxNorm(2, axis=[0]), keras.constraints.MinMaxNorm(0.1, 1), keras.constraints.NonNeg())
    for one in (*norms, keras.constraints.UnitNorm(), "max_norm", "non_neg"):
        yield lambda one=one: dense(kl.Conv2D(2, 2, kernel_constraint=one, bias_constraint="non_neg"), shape=(3, 3, 2))


# Compiled in every way


SPARSE = ("SparseCategoricalCrossentropy", "Circle", "CategoricalGeneralizedCrossEntropy")
RANDOM = np.random.default_rng(0)
X = RANDOM.random((8, 4)).astype("f4")


def fitted(model: Any, labels: Any = None, **compiled: Any) -> Any:
    """Return ``model`` compiled so, after one step of training."""
    model.compile(**{"optimizer": "sgd", "loss": "mse", "run_eagerly": True} | compiled)
    outputs = model(X)
    if labels is None:
        several = outputs if isinstance(outputs, list) else [outputs]
        labels = [RANDOM.integers(0, 2, one.shape).astype("f4") for one in several]
        labels = labels if isinstance(outputs, list) else labels[0]
    model.train_on_batch(X, labels)
    return model


def _small() -> Any:
    return dense(kl.Dense(3, "tanh", name="hidden"), kl.Dense(2, "sigmoid", name="output"))


def _two_ends() -> Any:
    x = keras.Input((4,), name="x")
    hidden = kl.Dense(3, "tanh", name="hidden")(x)
    return keras.Model(x, [kl.Dense(1, name="one")(hidden), kl.Dense(2, "softmax", name="two")(hidden)])


def of_optimizers() -> Iterator[Make]:
    """Give models that were trained by every optimizer and schedule."""
    o, s = keras.optimizers, keras.optimizers.schedules
    without = ("Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap")
    for kind in classes_in(o, *without):
        yield lambda kind=kind: fitted(_small(), optimizer=kind())
        settings = {"clipnorm": 1.0, "use_ema": True, "ema_overwrite_frequency": 2, "weight_decay": 0.01, "name": "own"}
        yield lambda kind=kind, settings=settings: fitted(_small(), optimizer=kind(learning_rate=0.1, **settings))
    for made in (
        s.CosineDecay(0.1, 10, 0.1, warmup_target=0.2, warmup_steps=2), s.CosineDecayRestarts(0.1, 5),
        s.ExponentialDecay(0.1, 10, 0.9, staircase=True), s.InverseTimeDecay(0.1, 10, 0.9),
        s.PiecewiseConstantDecay([2, 5], [0.1, 0.01, 0.001]), s.PolynomialDecay(0.1, 10, cycle=True),
    ):  # fmt: skip
        yield lambda made=made: fitted(_small(), optimizer=o.SGD(made, momentum=0.9, nesterov=True))
    yield lambda: fitted(_small(), optimizer=o.LossScaleOptimizer(o.Adam(), initial_scale=4.0))
    yield lambda: fitted(_small(), optimizer=o.Adam(gradient_accumulation_steps=2, global_clipnorm=1.0, amsgrad=True))
    yield lambda: fitted(_small(), optimizer=o.RMSprop(momentum=0.9, centered=True))


def of_losses() -> Iterator[Make]:
    """Give models that were compiled with every loss and metric, in every place that they may stand in."""
    for kind in classes_in(keras.losses, "Loss", "CTC"):
        sparse = np.arange(8) % 2 if kind.__name__ in SPARSE else None
        yield lambda kind=kind, labels=sparse: fitted(_small(), labels, loss=kind())
    yield lambda: fitted(_small(), loss=keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1))
    yield lambda: fitted(_small(), loss=keras.losses.mean_absolute_error)
    yield lambda: fitted(_small(), loss=far, metrics=[far, "mae"])
    yield lambda: fitted(_small(), loss=["mse"], loss_weights=[0.5])
    yield lambda: fitted(_two_ends(), loss=["mse", keras.losses.CategoricalCrossentropy()], loss_weights=[1.0, 0.3])
    both = {"one": "mse", "two": "categorical_crossentropy"}
    metrics = {"one": ["mae"], "two": ["accuracy", keras.metrics.AUC()]}
    yield lambda: fitted(_two_ends(), loss=both, metrics=metrics, loss_weights={"one": 1.0, "two": 0.1})
    yield lambda: fitted(_two_ends(), loss="mse", weighted_metrics=[["mae"], ["mse"]], auto_scale_loss=False)
    counted = {
        keras.metrics.IoU: (2, [0]), keras.metrics.BinaryIoU: (), keras.metrics.OneHotIoU: (2, [0]),
        keras.metrics.MeanIoU: (2,), keras.metrics.OneHotMeanIoU: (2,), keras.metrics.RecallAtPrecision: (0.5,),
        keras.metrics.PrecisionAtRecall: (0.5,), keras.metrics.SensitivityAtSpecificity: (0.5,),
        keras.metrics.SpecificityAtSensitivity: (0.5,),
    }  # fmt: skip
    abstract = ("Metric", "Mean", "Sum", "MeanMetricWrapper")
    for kind in classes_in(keras.metrics, *abstract):
        settings = counted.get(kind, ())
        sparse = np.arange(8) % 2 if "Sparse" in kind.__name__ or kind is keras.metrics.MeanIoU else None
        outputs = 1 if kind in (keras.metrics.MeanIoU, keras.metrics.IoU) else 2
        yield lambda kind=kind, settings=settings, labels=sparse, outputs=outputs: fitted(
            dense(kl.Dense(outputs, "sigmoid")), labels, metrics=[kind(*settings)],
            loss="mse" if labels is None or outputs == 1 else "sparse_categorical_crossentropy",
        )  # fmt: skip
    yield lambda: fitted(_small(), run_eagerly=False, jit_compile=True, steps_per_execution=2, metrics=["accuracy"])
    yield _only_compiled


def _only_compiled() -> Any:
    model = _small()
    model.compile(keras.optimizers.Adam(), "mse")
    return model


# Types of numbers, names, structures


def of_numbers() -> Iterator[Make]:
    """Give models of other types of numbers than float32, quantized ones, and ones with low-rank adaptation."""
    for policy in ("mixed_float16", "mixed_bfloat16", "float16", "bfloat16", "float64"):
        yield lambda policy=policy: dense(
            kl.Dense(3, "relu", dtype=policy), kl.BatchNormalization(dtype=policy), kl.Dense(1)
        )
        yield lambda policy=policy: fitted(dense(kl.Dense(2, dtype=policy)), optimizer="adam")
    yield lambda: dense(kl.Conv1D(2, 2, dtype="mixed_float16"), kl.GRU(2, dtype="float64"), shape=(4, 2))
    for mode in ("int8", "float8", "int4"):
        yield lambda mode=mode: _quantized(mode)
    yield lambda: _adapted(kl.Dense(3), (4,))
    yield lambda: _adapted(kl.EinsumDense("ab,bc->ac", 3), (4,))
    yield lambda: _adapted(kl.Embedding(5, 3), (4,))
    yield lambda: _adapted(kl.Conv2D(3, 2), (4, 4, 2))


def _quantized(mode: str) -> Any:
    model = dense(kl.Dense(4, name="one"), kl.Dense(2, name="two"))
    model.quantize(mode)
    return model


def _adapted(layer: Any, shape: tuple[int, ...]) -> Any:
    model = dense(layer, kl.Flatten(), kl.Dense(1), shape=shape)
    layer.enable_lora(2)
    return model


def of_names() -> Iterator[Make]:
    """Give models with names that are no plain ones."""
    for name in (
        "größe",
        "层",
        "a b",
        "a.b:c",
        "a\\b",
        "UPPER",
        "dense_9",
        "0",
        "x" * 150,
        "[red]a",
        "\u202eabc",
        "%s",
    ):
        yield lambda name=name: dense(kl.Dense(2, name=name), kl.Dense(1), name=name)
    yield lambda: keras.Model(x := keras.Input((3,), name="größe 层"), kl.Dense(1, name="vars")(x), name="layers")
    yield lambda: dense(kl.Dense(2, name="kernel"), kl.Dense(2, name="layers"), kl.Dense(2, name="vars"))


def of_structures() -> Iterator[Make]:
    """Give models in models, shared layers, several inputs and outputs, operations, foreign classes."""
    yield _small
    yield _two_ends
    yield _called
    yield _nested
    yield partial(_nested, trainable=False)
    yield _shared
    yield _siamese
    yield _named_ends
    yield _ends_within
    yield _model_at_its_end
    yield _models_at_its_ends
    yield _model_in_a_chain
    yield _masked_second
    yield _half_masked
    yield _residual
    yield _words
    yield _own
    yield _states
    yield _attending
    yield _masked
    yield _not_followed
    yield lambda: dense(kl.Dense(2, trainable=False), kl.BatchNormalization(trainable=False), kl.Dense(1))
    yield lambda: keras.Sequential([_small(), kl.Dense(1)])
    yield lambda: dense(dense(kl.Dense(3), shape=(4,), name="one"), dense(kl.Dense(1), shape=(3,), name="two"))
    yield lambda: dense(kl.Dense(1), shape=(None, 4))
    yield lambda: keras.Model(x := keras.Input(batch_shape=(2, 4)), kl.Dense(1)(x))
    yield lambda: keras.Model(x := keras.Input((4,), dtype="float64"), kl.Dense(1)(x))
    yield lambda: keras.Model(x := keras.Input((4,), sparse=True), kl.Dense(1)(x))
    yield lambda: keras.Model(x := keras.Input((4,)), x + 0.0)
    for operate in OPERATIONS:
        yield partial(_operated, operate)


def _called() -> Any:
    model = keras.Sequential([kl.Dense(3, "relu"), kl.Dense(2)])
    model(X)
    return model


def _nested(trainable: bool = True) -> Any:
    within = dense(kl.Dense(3, "relu"), kl.BatchNormalization(), kl.Dropout(0.1), name="within")
    deeper = keras.Model(x := keras.Input((3,)), dense(kl.Dense(2), shape=(3,), name="deepest")(x), name="deeper")
    within.trainable = trainable
    x = keras.Input((4,))
    return keras.Model(x, kl.Dense(1)(deeper(within(x))))


def _shared() -> Any:
    layer, x, y = kl.Dense(4, "tanh", name="shared"), keras.Input((4,), name="x"), keras.Input((4,), name="y")
    return keras.Model([x, y], kl.Concatenate()([layer(x), layer(layer(y))]))


def _siamese() -> Any:
    tower, x, y = dense(kl.Dense(3), kl.Dense(2), name="tower"), keras.Input((4,)), keras.Input((4,))
    return keras.Model([x, y], kl.Subtract()([tower(x), tower(y)]))


def _named_ends() -> Any:
    given = {"b": keras.Input((2,), name="b"), "a": keras.Input((3,), name="a")}
    outputs = {"p": kl.Dense(1, name="p")(given["a"]), "q": kl.Concatenate(name="q")([given["b"], given["a"]])}
    return keras.Model(given, outputs)


def _ends_within() -> Any:
    x, y = keras.Input((2,), name="x"), keras.Input((3,), name="y")
    made = _named_ends()({"a": y, "b": x})
    return keras.Model([x, y], kl.Concatenate()([made["q"], made["p"]]))


def _model_at_its_end() -> Any:
    within = keras.Model(x := keras.Input((4,)), kl.Dense(2)(x), name="within")
    outer = keras.Model(x := keras.Input((4,)), within(kl.Dense(4)(x)), name="outer")
    return keras.Model(x := keras.Input((4,)), outer(x))


def _models_at_its_ends() -> Any:
    x, y = keras.Input((4,)), keras.Input((4,))
    within, chain = keras.Model(x, [kl.Dense(4)(x), kl.Dense(4)(x)], name="within"), dense(kl.Dense(4), name="chain")
    (one, other), (third, _) = within(y), within(chain(y))
    again, _ = within(other)
    return keras.Model(y, [again, third, one, chain(y), chain(again), kl.Dense(1)(third)])


def _model_in_a_chain() -> Any:
    within = keras.Model(x := keras.Input((4,)), kl.Dense(3)(x), name="within")
    return dense(within, kl.UnitNormalization(), kl.Dense(2))


def _masked_second() -> Any:
    x, y = keras.Input((5, 4)), keras.Input((5, 4))
    within = keras.Model([x, y], [kl.GlobalAveragePooling1D()(x), kl.LSTM(2)(y)], name="within")
    named = keras.Model({"a": x, "b": y}, kl.Concatenate()([kl.GRU(2)(x), kl.GRU(3)(y)]), name="named")
    masked = kl.Masking(0.5)(kl.ReLU(threshold=0.5)(y) + 0.5)
    return keras.Model([x, y], [*within([x, masked]), named({"b": masked, "a": x}), named({"b": x, "a": masked})])


def _half_masked() -> Any:
    x = keras.Input((5, 4))
    masked = kl.Masking(0.0)(kl.ReLU(threshold=0.5)(x))
    return keras.Model(x, [kl.LSTM(2)(kl.Concatenate(axis=axis)([x, masked])) for axis in (1, 2)])


def _residual() -> Any:
    x = keras.Input((6, 6, 2))
    y = kl.ReLU()(kl.BatchNormalization()(kl.Conv2D(2, 3, padding="same")(x)))
    return keras.Model(x, kl.Dense(2)(kl.GlobalAveragePooling2D()(kl.Add()([x, y]))))


def _words() -> Any:
    words = keras.Input((None,), dtype="int32")
    x = kl.Bidirectional(kl.LSTM(3, return_sequences=True))(kl.Embedding(7, 4, mask_zero=True)(words))
    return keras.Model(words, kl.Dense(3, "softmax")(kl.GRU(4)(kl.TimeDistributed(kl.Dense(2))(x))))


def _own() -> Any:
    x = keras.Input((4,))
    return keras.Model(x, kl.Dense(1)(Doubled(3)(Doubled(2, name="first")(x))))


def _states() -> Any:
    x = keras.Input((5, 4))
    made, hidden, cell = kl.LSTM(3, return_sequences=True, return_state=True)(x)
    return keras.Model(x, [kl.LSTM(3)(made, initial_state=[hidden, cell]), hidden])


def _attending() -> Any:
    x = keras.Input((5, 4))
    y = kl.MultiHeadAttention(2, 2)(x, x, use_causal_mask=True)
    z = kl.Attention()([x, y], return_attention_scores=True)
    return keras.Model(x, [kl.LayerNormalization()(kl.Add()([x, y])), *z])


def _masked() -> Any:
    x = keras.Input((5, 4))
    return keras.Model(x, kl.GlobalAveragePooling1D()(kl.GRU(3, return_sequences=True)(kl.Masking(0.0)(x))))


def _not_followed() -> Any:
    x = keras.Input((5, 4))
    y = kl.SpectralNormalization(kl.Dense(4))(kl.GroupQueryAttention(2, 4, 2)(x, x))
    return keras.Model(x, kl.Dense(1, activation=kl.LeakyReLU(0.1))(y))


OPERATIONS = (
    lambda x: x + 1,
    lambda x: 1 - x * 2.5,
    lambda x: ops.relu(x) / (ops.abs(x) + 1),
    lambda x: ops.mean(x, axis=1, keepdims=True),
    lambda x: ops.concatenate([x, ops.exp(-x)], axis=-1),
    lambda x: ops.reshape(x, (-1, 2, 2)),
    lambda x: ops.transpose(ops.expand_dims(x, 1), (0, 2, 1)),
    lambda x: x[:, 1:3],
    lambda x: x[..., None],
    lambda x: ops.matmul(x, np.ones((4, 2), "f4")),
    lambda x: ops.where(x > 0.5, x, ops.zeros_like(x)),
    lambda x: ops.split(x, 2, axis=-1),
    lambda x: ops.average(x, axis=-1),
    lambda x: ops.dot(x, ops.transpose(x)),
    lambda x: [ops.logical_and(x, x - 1), ops.logical_or(x - x, x), ops.logical_not(x), ops.zeros_like(1 / (x - x))],
    lambda x: ops.softmax(ops.clip(x, -1, 1)),
    lambda x: ops.cast(x, "float16"),
    lambda x: ops.sum(ops.square(x)),
    lambda x: ops.stack([x, x], axis=1),
    lambda x: ops.einsum("ab,cb->ac", x, x),
    lambda x: ops.gelu(ops.sigmoid(ops.tanh(x)), approximate=False),
    lambda x: kl.Dense(2)(ops.max(x, axis=-1, keepdims=True)) ** 2,
)  # fmt: skip


def _operated(operate: Callable[[Any], Any]) -> Any:
    x = keras.Input((4,))
    return keras.Model(x, operate(x))


OF_MANY = (models_of_layers, of_settings, of_optimizers, of_losses)
ALL = (of_numbers, of_names, of_structures)


def every_make(every: int) -> Iterator[tuple[str, Make]]:
    """Give what makes a model, with a name for it; of what there are many alike only one in so many."""
    for family in (*OF_MANY, *ALL):
        for at, make in enumerate(family()):
            if family in ALL or at % every == 0:
                yield f"{family.__name__}-{at}", make


def points_for(model: Any, length: int = 4) -> list[Any]:
    """Return two points for ``model``, an array for every input."""
    random = np.random.default_rng(5)
    made = []
    for given in model.inputs:
        shape = (2, *(length if size is None else size for size in given.shape[1:]))
        if given.dtype == "string":
            made.append(np.array(["a cat", "the dog"] * 9)[: int(np.prod(shape))].reshape(shape))
        elif given.dtype.startswith("int"):
            made.append(random.integers(0, 5, shape).astype(given.dtype))
        else:
            made.append(random.normal(size=shape).astype(given.dtype))
    return made
