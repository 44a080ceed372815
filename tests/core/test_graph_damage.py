"""Configurations of models that are damaged or made up: read or refused by a sentence, never anything else."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refused
from core.layers.writer import Writer
from core.model.files.graph_config import read_graph
from core.model.summary import summary


def tensor(layer: str, call: int = 0, output: int = 0) -> dict[str, Any]:
    """Return a source as Keras writes it."""
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [layer, call, output]}}


def entry(kind: str, name: str, *sources: Any, **settings: Any) -> dict[str, Any]:
    """Return a layer as Keras writes it, called once with ``sources``."""
    nodes = [{"args": list(sources), "kwargs": {}}] if sources else []
    return {
        "module": "keras.layers",
        "class_name": kind,
        "config": {"name": name, **settings},
        "registered_name": None,
        "inbound_nodes": nodes,
    }


LAYERS = [
    entry("InputLayer", "x", batch_shape=[None, 4, 2], dtype="float32"),
    entry("LSTM", "lstm", tensor("x"), units=3, return_sequences=True, activation="tanh"),
    entry("Conv1D", "conv", tensor("x"), filters=3, kernel_size=[3], strides=[1], padding="same"),
    entry("Add", "add", [tensor("lstm"), tensor("conv")]),
    entry("BatchNormalization", "norm", tensor("add"), axis=-1, epsilon=0.001),
    entry("Flatten", "flat", tensor("norm"), data_format="channels_last"),
    entry("Dense", "output", tensor("flat"), units=1, use_bias=True),
]
MODEL = {
    "class_name": "Functional",
    "config": {"name": "m", "layers": LAYERS, "input_layers": [["x", 0, 0]], "output_layers": [["output", 0, 0]]},
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**30) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _paths(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before] * bool(before) + [path for key, one in inner for path in _paths(one, (*before, key))]


PATHS = _paths(MODEL)


@settings(max_examples=600)
@given(st.lists(st.tuples(st.sampled_from(PATHS), JSON | st.just("taken out")), min_size=1, max_size=2))
def test_whatever_stands_in_a_configuration_it_is_read_or_refused(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    model: Any = copy.deepcopy(MODEL)
    for path, value in changes:
        at = model
        try:
            for key in path[:-1]:
                at = at[key]
            if value == "taken out":
                del at[path[-1]]
            else:
                at[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    try:
        summary(read_graph(model))
    except Refused as reason:
        assert str(reason)


def test_the_undamaged_one_is_read_and_written() -> None:
    graph, on = read_graph(MODEL), Writer()
    (made,) = graph.write(on, [on.input((4, 2))])
    assert made.shape == (1,)
    assert [weight.name for weight in on.weights][:3] == ["kernel", "recurrent_kernel", "bias"]


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([*LAYERS, entry("Dense", "conv", tensor("x"), units=1)], "two of the same name"),
        ([entry("Dense", "a", tensor("b"), units=1), entry("Dense", "b", tensor("a"), units=1)], "a circle"),
        ([LAYERS[0], entry("Dense", "output", tensor("nobody"), units=1)], "called with what is there, got 'nobody'"),
        (
            [LAYERS[0], entry("Dense", "output", tensor("x"), units="many")],
            "as Keras has it, got 'many'",
        ),
    ],
)
def test_what_no_model_is_is_refused_with_what_is_wrong(layers: list[Any], said: str) -> None:
    config = {**MODEL["config"], "layers": layers}  # type: ignore[dict-item]
    with pytest.raises(Refused, match=said):
        read_graph({**MODEL, "config": config})


def test_an_output_that_a_layer_has_not_is_said() -> None:
    config = {**MODEL["config"], "output_layers": [["output", 0, 3]]}  # type: ignore[dict-item]
    assert "output 4 of its call 1 of 'output', got none" in summary(read_graph({**MODEL, "config": config})).stops


def test_shapes_that_do_not_fit_name_the_layer() -> None:
    layers = [LAYERS[0], entry("MaxPooling2D", "output", tensor("x"), pool_size=[2, 2], strides=[2, 2])]
    graph = read_graph({**MODEL, "config": {**MODEL["config"], "layers": layers}})  # type: ignore[dict-item]
    assert "output" in summary(graph).stops
