"""What is read of a layer or a model is written again as it was, and Keras takes what is written."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING

import keras
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.layers.nested import sealed_in, with_layer_at
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


@pytest.mark.parametrize("kind", LAYERS.values())
def test_a_layer_says_whether_keras_has_a_data_format_for_it(kind: type[Layer]) -> None:
    ours = kind.has_data_format
    assert ours == ("data_format" in inspect.signature(getattr(keras.layers, kind.__name__).__init__).parameters)


@pytest.mark.parametrize("kind", LAYERS)
@settings(max_examples=15)
@given(data=st.data())
def test_a_layer_that_is_written_is_read_as_it_was(kind: str, data: st.DataObject) -> None:
    layer = data.draw(DRAWN[kind]).layer
    assert read_layer(json.loads(json.dumps(keras_config(layer)))) == layer


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
