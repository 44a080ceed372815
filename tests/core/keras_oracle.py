"""Keras as the witness of model files: it saves models and loads them again, and says what they are."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

layers = keras.layers
POINTS = np.random.default_rng(0).random((40, 3), dtype=np.float32)
LABELS = np.where(POINTS.sum(axis=1) > 1.5, 1.0, -1.0)


def chain(*parts: Any, functional: bool = False, name: str) -> Any:
    """Return a Sequential or Functional model of ``parts`` over three numbers."""
    if not functional:
        return keras.Sequential([keras.Input((3,)), *parts], name=name)
    source = output = keras.Input((3,), name="source")
    for part in parts:
        output = part(output)
    return keras.Model(source, output, name=name)


def models() -> dict[str, Any]:
    """Return the models that are saved for the tests, by name."""
    sequential = chain(layers.Dense(4, "tanh", name="hidden"), layers.Dense(1, "tanh", name="output"), name="small")
    mixed = chain(
        layers.Dense(6, "relu", use_bias=False, kernel_regularizer="l2"),
        layers.Dropout(0.25),
        layers.Dense(4, bias_constraint="non_neg"),
        layers.Activation("softmax"),
        layers.Dense(2, "sigmoid", trainable=False),
        layers.Activation("gelu"),
        functional=True,
        name="mixed",
    )
    plain = chain(layers.Dense(2), functional=True, name="plain")
    asleep = chain(layers.Dense(2, name="one"), layers.Dense(1, name="two"), functional=True, name="asleep")
    asleep.trainable = False
    half = chain(layers.Dense(4, name="hidden", trainable=False), layers.Dense(1, name="output"), name="half")
    deferred = keras.Sequential([layers.Dense(1, "elu")], name="deferred")
    deferred.compile(loss="mse", optimizer=keras.optimizers.SGD(0.05, momentum=0.9))
    sequential.compile(loss="hinge", optimizer="adam", metrics=["binary_accuracy"])
    mixed.compile(loss=keras.losses.Huber(), optimizer=keras.optimizers.AdamW(0.002), metrics=["accuracy"])
    half.compile(loss="hinge", optimizer="adam")
    for model in (sequential, mixed, deferred, half):
        model.fit(POINTS, LABELS[:, None], epochs=2, verbose=0)
    return {"small": sequential, "mixed": mixed, "plain": plain, "deferred": deferred, "asleep": asleep, "half": half}


def described(model: Any) -> dict[str, Any]:
    """Return what the tests compare of ``model``."""
    optimizer = getattr(model, "optimizer", None)
    return {
        "outputs": np.asarray(model(POINTS, training=False)).tolist(),
        "weights": [[array.tolist() for array in layer.get_weights()] for layer in model.layers],
        "trained": sorted({variable.path.split("/")[-2] for variable in model.trainable_variables}),
        "optimizer": [np.asarray(variable).tolist() for variable in optimizer.variables] if optimizer else None,
        "loss": keras.saving.serialize_keras_object(model.loss) if optimizer else None,
        "rate": float(np.asarray(optimizer.learning_rate)) if optimizer else None,
    }


def save_all(folder: Path) -> dict[str, Any]:
    """Save every model in ``folder`` and return what they are."""
    # Keras numbers the layers that have no name of their own from the start.
    keras.utils.clear_session()
    made = models()
    for name, model in made.items():
        model.save(folder / f"{name}.keras")
    return {"points": POINTS.tolist(), **{name: described(model) for name, model in made.items()}}


def load(path: Path) -> dict[str, Any]:
    """Return what Keras loads from ``path``, with the warnings that it gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = keras.models.load_model(path)
    found = {**described(model), "warnings": [str(warning.message) for warning in caught]}
    if found["optimizer"] is not None:
        model.run_eagerly = True
        found["evaluated"] = model.evaluate(POINTS, np.ones((len(POINTS), model.output_shape[-1])), verbose=0)
    return found
