"""Whole numbers as inputs: what Keras makes of them is followed, or said not to be where it comes out otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from core.calculation.running import predictions
from core.model.files.opening import open_graph

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FOLLOWED: dict[str, Callable[[Any], Any]] = {
    "scaled": layers.Rescaling(1 / 127.5, -1),
    "divided": lambda x: x / 255,
    "less a number with a point": lambda x: x - 127.5,
    "cast": lambda x: ops.cast(x, "float32") - ops.cast(ops.greater(x, 100), "float32"),
    "cast to whole numbers": lambda x: ops.cast(ops.cast(x, "float32") / 7 - 9.5, "int32") * 0.5,
    "cast to truths": lambda x: ops.cast(ops.cast(x, "bool"), "float32"),
    "units": lambda x: layers.Dense(2)(layers.Flatten()(x)),
    "the largest": lambda x: layers.MaxPooling1D()(x) / 4,
}
OTHERWISE: dict[str, Callable[[Any], Any]] = {
    "added": lambda x: layers.Add()([x, x]),
    "twice": lambda x: x * 2,
    "squared after a move": lambda x: ops.square(layers.Flatten()(x)),
    "less a whole number": lambda x: x - 200,
    "a mean": lambda x: layers.Average()([x, x]),
    "normalized": layers.LayerNormalization(),
    "normalized after bins": lambda x: layers.LayerNormalization()(layers.Discretization([10.0, 90.0])(x / 2)),
    "normalized after a cast": lambda x: layers.LayerNormalization()(ops.cast(x / 9, "int32")),
}


def made_of(make: Callable[[Any], Any], kind: str, path: Path) -> tuple[Any, Any]:
    """Return the points for a saved model of inputs of that type, and what Keras makes of them."""
    given = keras.Input((4, 3), dtype=kind)
    model = keras.Model(given, make(given))
    model.save(path)
    points = np.random.default_rng(0).integers(0, 250, (3, 4, 3)).astype(kind)
    return points, np.asarray(model(points, training=False), np.float64)


@pytest.mark.parametrize("make", FOLLOWED.values(), ids=FOLLOWED)
def test_whole_numbers_that_become_others_are_followed(make: Callable[[Any], Any], tmp_path: Path) -> None:
    points, theirs = made_of(make, "uint8", tmp_path / "whole.keras")
    opened = open_graph(tmp_path / "whole.keras")
    assert not opened.stops
    np.testing.assert_allclose(predictions(opened.graph, opened.weights, [points])[0], theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("make", OTHERWISE.values(), ids=OTHERWISE)
def test_whole_numbers_that_begin_anew_or_are_cut_stop_the_calculation(
    make: Callable[[Any], Any], tmp_path: Path
) -> None:
    made_of(make, "uint8", tmp_path / "narrow.keras")
    stops = open_graph(tmp_path / "narrow.keras").stops
    assert "in uint8, in which numbers that are too large begin anew" in stops or "in which Keras leaves" in stops


def test_wide_whole_numbers_are_added_as_any(tmp_path: Path) -> None:
    points, theirs = made_of(lambda x: layers.Add()([x, x * 2]) * 0.5, "int32", tmp_path / "wide.keras")
    opened = open_graph(tmp_path / "wide.keras")
    assert not opened.stops
    np.testing.assert_array_equal(predictions(opened.graph, opened.weights, [points])[0], theirs)
