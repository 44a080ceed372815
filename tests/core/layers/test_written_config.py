"""What is read of a layer or a model is written again as it was, and Keras takes what is written."""

from __future__ import annotations

import inspect
import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import keras
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refused
from core.layers.nested import sealed_in, with_layer_at
from core.layers.no_longer import NO_MORE
from core.layers.registry import LAYERS
from core.model.files.graph_config import read_graph
from core.model.files.layer_config import read_layer
from core.model.files.written_config import graph_config, keras_config
from tests import graphs
from tests.core.layers.test_conformance import DRAWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.layers.layer import Layer
    from core.model.files.opening import OpenedGraph


TODAYS = [name for name, kind in LAYERS.items() if kind.of_module != NO_MORE]


def of_keras(kind: type[Layer]) -> Any:
    return getattr(import_module(kind.of_module), kind.__name__)


@pytest.mark.parametrize("kind", [LAYERS[name] for name in TODAYS])
def test_a_layer_says_whether_keras_has_a_data_format_for_it(kind: type[Layer]) -> None:
    ours = kind.has_data_format
    assert ours == ("data_format" in inspect.signature(of_keras(kind).__init__).parameters)


@pytest.mark.parametrize("kind", [LAYERS[name] for name in TODAYS])
def test_a_layer_says_whether_keras_can_be_told_that_it_is_frozen(kind: type[Layer]) -> None:
    known = inspect.signature(of_keras(kind).__init__).parameters.values()
    assert kind.knows_trainable == any(one.name == "trainable" or one.kind is one.VAR_KEYWORD for one in known)


@pytest.mark.parametrize("kind", LAYERS)
@settings(max_examples=15)
@given(data=st.data())
def test_a_layer_that_is_written_is_read_as_it_was(kind: str, data: st.DataObject) -> None:
    layer = data.draw(DRAWN[kind]).layer
    assert read_layer(json.loads(json.dumps(keras_config(layer)))) == layer


def as_keras_has(described: dict[str, Any]) -> dict[str, Any]:
    """Return a layer as Keras describes the one that it makes of a description."""
    made = keras.layers.deserialize(json.loads(json.dumps(described)))
    found: dict[str, Any] = json.loads(json.dumps(keras.saving.serialize_keras_object(made)))
    return found


@pytest.mark.parametrize("kind", TODAYS)
@settings(max_examples=2)
@given(data=st.data())
def test_a_setting_that_a_file_leaves_out_is_as_keras_has_it_or_is_named(kind: str, data: st.DataObject) -> None:
    whole = as_keras_has(keras_config(data.draw(DRAWN[kind]).layer))
    known = inspect.signature(of_keras(LAYERS[kind]).__init__).parameters
    for setting in set(whole["config"]) - {"name"}:
        config = {name: value for name, value in whole["config"].items() if name != setting}
        less = {**whole, "config": config}
        try:
            theirs = as_keras_has(less)
        except Exception:
            # Keras misses a setting with errors of many kinds.
            if known[setting].default is inspect.Parameter.empty:
                with pytest.raises(Refused, match=setting):
                    read_layer(json.loads(json.dumps(less)))
            continue
        ours = as_keras_has(keras_config(read_layer(json.loads(json.dumps(less)))))
        # One axis may stand in a list or alone.
        assert read_layer(ours) == read_layer(theirs), f"{kind} without {setting}"


def test_a_mean_without_a_variance_is_refused_by_name() -> None:
    for alone in ("mean", "variance"):
        config = {"name": "spread", alone: [1.0, 2.0]}
        layer = read_layer({"module": "keras.layers", "class_name": "Normalization", "config": config})
        with pytest.raises(Refused, match="expected both mean and variance of spread, or neither"):
            layer.weights((2,))


@pytest.mark.parametrize("made", [graphs.recurrent, graphs.attending, graphs.sealed, graphs.nested, graphs.operating])
def test_a_model_that_is_written_is_read_as_it_was(made: Callable[[], OpenedGraph]) -> None:
    graph = made().graph
    # Of what a file has for a sealed layer its description says nothing.
    for path, layer in sealed_in(graph):
        graph = with_layer_at(graph, path, msgspec.structs.replace(layer, arrays=()))
    assert read_graph(json.loads(json.dumps(graph_config(graph)))) == graph


@pytest.mark.parametrize("made", [graphs.recurrent, graphs.attending, graphs.nested, graphs.operating])
def test_keras_takes_what_is_written(made: Callable[[], OpenedGraph]) -> None:
    graph = made().graph
    model = keras.models.model_from_json(json.dumps(graph_config(graph)))
    assert [one.name for one in model.operations] == graph.names
