"""Layers whose channels come first, with settings and shapes as they are drawn, are what Keras's are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import h5py
import keras
import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.activations import OVER_ALL_UNITS
from core.calculation.running import predictions
from core.layers.layer import WithChannels
from core.layers.registry import LAYERS
from core.layers.writer import Writer
from core.model.files.opening import OpenedGraph, OpenedModel, open_any, open_model
from core.model.save_model import save_model
from core.operations.program import Value
from tests.core.layers.oracle import check
from tests.core.layers.test_conformance import DRAWN
from tests.hdf5_files import drawn, hdf5, layer

if TYPE_CHECKING:
    from pathlib import Path

FIRST = "channels_first"

KINDS = [name for name, kind in LAYERS.items() if issubclass(kind, WithChannels)]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=6)
@given(data=st.data())
def test_a_layer_with_channels_first_is_what_keras_makes_of_it(kind: str, data: Any) -> None:
    case = data.draw(DRAWN[kind].filter(lambda case: not case.masked))
    (*places, channels), *_ = case.shapes
    held = {name: getattr(case.layer, name, None) for name in ("activation", "filters", "use_bias")}
    first: Any = msgspec.structs.replace(case.layer, data_format=FIRST)
    on = Writer()
    made = on.call(first, on.input((channels, *places)))
    # A softmax goes along the last axis; and to places as many as filters Keras 3 adds the bias along these.
    assume(held["activation"] not in OVER_ALL_UNITS)
    assume(not (held["use_bias"] and isinstance(made, Value) and made.shape[0] == made.shape[-1]))
    check(replace(case, layer=first, shapes=((channels, *places),), smooth=False))


def conv(kind: str, **more: Any) -> dict[str, Any]:
    return layer(kind, "c", batch_input_shape=[None, 2, 6, 7], activation="linear", dim_ordering="th", **more)


def test_keras_1_had_filters_and_channels_before_the_window(tmp_path: Path) -> None:
    kernel, bias, points = drawn(3, 2, 3, 2), drawn(3), drawn(2, 2, 6, 7)
    entry = conv("Convolution2D", nb_filter=3, nb_row=3, nb_col=2, border_mode="valid", subsample=[1, 1], bias=True)
    described = {"class_name": "Sequential", "config": [entry, layer("Flatten", "f")]}
    path = tmp_path / "m.h5"
    path.write_bytes(hdf5(described, "1.2.2", {"c": {"c_W": kernel, "c_b": bias}, "f": {}}))
    opened = open_any(path)
    assert isinstance(opened, OpenedModel), opened.stops
    seen = np.lib.stride_tricks.sliding_window_view(points, (3, 2), (2, 3))
    right = np.einsum("bcyxij,fcij->bfyx", seen, kernel) + bias[:, None, None]
    made = predictions(opened.network.graph, opened.weights.by_name(opened.network), [points])[0]
    np.testing.assert_allclose(made, right.reshape(2, -1), atol=1e-5)
    # Saved in place, the array lies as it lay.
    save_model(path, opened.network, opened.weights.with_number(0, 0, (0, 0, 1, 2), 5.0), None, opened.archive)
    again = open_model(path)
    assert again.weights.layers[0][0][0, 0, 1, 2] == 5.0
    with h5py.File(path) as file:
        changed = file["model_weights/c/c_W"][()] != kernel
    assert changed.sum() == 1 and changed[2, 1, 0, 0]


def test_one_that_activates_along_the_last_axis_is_sealed(tmp_path: Path) -> None:
    x = keras.Input((2, 6, 7))
    keras.Model(x, keras.layers.Conv2D(3, 2, data_format=FIRST, activation="softmax")(x)).save(tmp_path / "m.keras")
    opened = open_any(tmp_path / "m.keras")
    assert isinstance(opened, OpenedGraph)
    assert "with 'softmax' and channels_first, which is not followed yet" in opened.stops
