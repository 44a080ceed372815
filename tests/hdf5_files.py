"""Whole models in HDF5, as Keras 1 and 2 wrote them."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from core.model.archive.patched_model import Trained, patch_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.model.between import Content
    from core.model.network import Network
    from core.model.weights import Weights
    from core.training.recipe import Recipe

    Layers = Mapping[str, Mapping[str, np.ndarray]]

RANDOM = np.random.default_rng(0)


def drawn(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape).astype(np.float32)


def hdf5(model: dict[str, Any], version: str, layers: Layers, **attributes: object) -> bytes:
    """Return a whole model as Keras writes it to HDF5."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs.update({"keras_version": version, "backend": "tensorflow", "model_config": json.dumps(model)})
        file.attrs.update(attributes)
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = np.array([name.encode() for name in layers])
        for layer, arrays in layers.items():
            own = group.create_group(layer)
            own.attrs["weight_names"] = np.array(
                [name.encode() for name in arrays] or [], dtype=None if arrays else "S1"
            )
            for name, array in arrays.items():
                own[name] = array
    return buffer.getvalue()


def layer(kind: str, name: str, nodes: list[Any] | None = None, **config: object) -> dict[str, Any]:
    made = {"class_name": kind, "config": {"name": name, "trainable": True, **config}}
    return made if nodes is None else {**made, "name": name, "inbound_nodes": nodes}


KERNEL, BIAS = drawn(2, 3), drawn(3)
CHAIN = layer(
    "Dense", "hidden", batch_input_shape=[None, 2], dtype="float32", units=3, activation="tanh", use_bias=True,
    kernel_initializer={"class_name": "VarianceScaling", "config": {"scale": 1.0}},
    kernel_regularizer={"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.1}},
)  # fmt: skip
CHAIN_FILE = hdf5(
    {"class_name": "Sequential", "config": [CHAIN]},
    "2.1.3",
    {"hidden": {"hidden/kernel:0": KERNEL, "hidden/bias:0": BIAS}},
    training_config=json.dumps({"optimizer_config": {"class_name": "SGD", "config": {"lr": 0.1}}, "loss": "mse"}),
)
POINTS = drawn(4, 2)
CHAIN_MAKES = np.tanh(POINTS @ KERNEL + BIAS)


def saved_with(data: Content, network: Network, weights: Weights, recipe: Recipe | None = None) -> bytes:
    """Return a model's file with these weights in place of its own."""
    return bytes(patch_model(data, weights.by_name(network), Trained(network, recipe)))
