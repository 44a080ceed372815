"""Models of a class of the person who saved them: with the layers that their file describes, or their arrays."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest

from core.calculation.running import predict
from core.model.alone import WeightsAlone
from core.model.files.opening import open_any, open_graph, open_model
from core.model.save_model import save_model
from core.model.weights_file import open_alone, open_weights

if TYPE_CHECKING:
    from pathlib import Path

X = np.array([[0.5, -1.0, 2.0], [0.0, 0.25, -0.75]], np.float32)


class WithItsOwnStep(keras.Model):  # type: ignore[misc]
    """Made as a Functional model is, trained in a way of its own."""

    def train_step(self, data: Any) -> Any:
        raise NotImplementedError


class InARow(keras.Sequential):  # type: ignore[misc]
    """A Sequential model of another name."""


class WideAndDeep(keras.Model):  # type: ignore[misc]
    """Of its layers nothing but this code tells."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.wide, self.deep = keras.layers.Dense(2), keras.layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.deep(self.wide(x))


def with_its_own_step() -> keras.Model:
    x = keras.Input((3,))
    hidden = keras.layers.Dense(4, "tanh", name="hidden")(x)
    return WithItsOwnStep(x, keras.layers.Add(name="sum")([hidden, keras.layers.Dense(4, name="beside")(x)]))


def in_a_row() -> keras.Model:
    return InARow([keras.Input((3,)), keras.layers.Dense(4, "tanh", name="hidden"), keras.layers.Dense(1)])


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("make", [with_its_own_step, in_a_row])
def test_a_described_model_is_followed_and_it_is_said_of_which_class_it_was(
    make: Any, ending: str, tmp_path: Path
) -> None:
    model, path = make(), tmp_path / f"own{ending}"
    model.save(path)
    opened = open_model(path)
    (said,) = [note for note in opened.notes if "of the person who saved it" in note]
    assert repr(type(model).__name__) in said.replace("Custom>", "")
    assert said in open_graph(path).saved.notes
    by_hand = predict(opened.network, opened.weights, X)
    np.testing.assert_allclose(by_hand, model.predict(X, verbose=0), rtol=1e-5, atol=1e-6)


def test_saved_again_it_is_still_of_its_class(tmp_path: Path) -> None:
    path, new = tmp_path / "own.keras", tmp_path / "new.keras"
    with_its_own_step().save(path)
    opened = open_model(path)
    save_model(new, opened.network, opened.weights, opened.recipe, opened.archive)
    described = [json.loads(zipfile.ZipFile(one).read("config.json")) for one in (path, new)]
    assert described[0] == described[1]


def test_without_described_layers_its_arrays_are_shown(tmp_path: Path) -> None:
    model, path = WideAndDeep(), tmp_path / "own.keras"
    model(X)
    model.save(path)
    with pytest.raises(WeightsAlone, match="one of the class 'WideAndDeep' of the person who saved it, whose") as told:
        open_any(path)
    held = open_alone(path, told.value)
    assert sorted(array.values.shape for array in held.arrays) == [(1,), (2,), (2, 1), (3, 2)]
    assert held.in_words.startswith("The arrays of a 'WideAndDeep', whose code is not in the file: ")
    assert open_weights(path).in_words.startswith("The arrays of a model: ")


def test_a_model_that_was_never_built_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "never.keras"
    keras.Sequential([keras.layers.Flatten(name="flatten"), keras.layers.Dense(4, name="dense")], name="never").save(
        path
    )
    opened = open_graph(path)
    assert [call.layer for call in opened.graph.calls] == ["flatten", "dense"]
    assert "inputs of no known shape" in opened.stops
