"""Going on after sealed layers with what Keras makes of them: where numbers are the model's, and where it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.beyond import Beyond, Question, cut_for_check, cut_for_losses, gone_on
from core.calculation.calculated import Spot, calculated
from core.calculation.running import predictions, ready_values
from core.errors import Refused
from core.export.calculation.explanation import explain
from core.export.calculation.latex import latex_page
from core.export.calculation.text import text_page
from core.export.opened import opened
from core.formatting import Notation
from core.layers.embedding import Embedding
from core.layers.nested import layer_at, paths_of, with_layer_at
from core.layers.recurrent import GRU
from core.layers.sealed import Sealed
from core.model.files.of_keras import as_asked, may_be_asked
from core.model.files.opening import OpenedGraph
from core.model.graph import Input, chain
from core.operations.rounding import EXACT, Rounding
from tests import graphs
from tests.graphs import point

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.arrays import AnyArray, Array, KerasArray
    from core.calculation.calculated import Calculated

MODELS = (graphs.dense, graphs.branching, graphs.nested, graphs.siamese, graphs.residual, graphs.normalized)


def sealed_at(model: OpenedGraph, path: tuple[str, ...]) -> OpenedGraph:
    """Return a model whose layer at ``path`` is sealed, as one of Keras's that is not followed; it keeps its arrays."""
    arrays = tuple((weight.name, array.shape) for weight, array in model.weights.items() if weight.layer == path)
    kind = layer_at(model.graph, path)
    layer = Sealed(path[-1], type(kind).__name__, "not followed", arrays=arrays, is_asked=True)
    return OpenedGraph(with_layer_at(model.graph, path, layer), model.weights)


def answering(model: OpenedGraph, inputs: Sequence[AnyArray]) -> Callable[[Question], list[KerasArray]]:
    """Return what answers as Keras would: with the outputs of the same calls in the model that has all layers."""
    whole = calculated(model.graph, model.weights, inputs, EXACT)

    def answer(question: Question) -> list[KerasArray]:
        values = [value for value in whole.values if value.call == question.call and value.name.startswith("output")]
        return [whole.array(value).astype(np.float32) for value in values]

    return answer


def leaf_paths(model: OpenedGraph) -> list[tuple[str, ...]]:
    held = {weight.layer[: len(path)] for path in paths_of(model.graph) for weight in model.weights}
    parts = {weight.layer for weight in model.weights}
    return [path for path in paths_of(model.graph) if path not in held or path in parts]


@given(made=st.sampled_from(MODELS), data=st.data())
@settings(max_examples=25)
def test_whatever_is_sealed_what_follows_keras_is_what_the_model_makes(
    made: Callable[[], OpenedGraph], data: st.DataObject
) -> None:
    model = made()
    chosen = data.draw(st.lists(st.sampled_from(leaf_paths(model)), min_size=1, max_size=3, unique=True))
    less, inputs = model, point(model)
    for path in chosen:
        less = sealed_at(less, path)
    beyond = gone_on(less, inputs, answering(model, inputs))
    right, found = calculated(model.graph, model.weights, inputs, EXACT), beyond.calculated(EXACT)
    assert not beyond.refused and not found.written.stops and {call[-1] for call in beyond.outside}
    for output, true in zip(found.written.outputs, right.written.outputs, strict=True):
        np.testing.assert_allclose(found.numbers[output], right.numbers[true], rtol=1e-4, atol=1e-5)
    require_same_when_cut(beyond, found)
    with pytest.raises(Refused, match="the calculation stops before it"):
        predictions(less.graph, less.weights, [array[np.newaxis] for array in inputs])


def require_same_when_cut(beyond: Beyond, found: Calculated) -> None:
    """Hold what is calculated of a model that is cut at its sealed layers against the whole calculation."""
    sealed = {call[0] for call in beyond.outside}
    if any(len(call) > 1 for call in beyond.outside) or sealed & {end.layer for end in beyond.model.graph.outputs}:
        with pytest.raises(Refused, match="which is Keras's own or follows a layer within another model"):
            cut_for_losses(beyond)
        return
    for cut in (cut_for_check(beyond), cut_for_losses(beyond)):
        network = cut.network
        assert not cut.left and cut.whole
        rows = ready_values(network, cut.weights, (*network.made_by_layers, *network.written.outputs))
        made = [one.reshape(-1) for one in rows(cut.x[np.newaxis])]
        firsts = [found.array(found.find(f"{'/'.join(path)}/output")).reshape(-1) for path in network.paths]
        outputs = [found.numbers[number].reshape(-1) for number in found.written.outputs]
        for ours, theirs in zip(made[: len(firsts)], firsts, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        for ours, theirs in zip(made[len(firsts) :], outputs, strict=False):
            np.testing.assert_array_equal(ours, theirs)


def test_behind_where_it_ends_nothing_is_taken_for_compared() -> None:
    """A layer beside a sealed one is not calculated by hand if its call comes later."""
    model = graphs.siamese()
    first = next(path for path in leaf_paths(model) if len(path) == 1)
    less = sealed_at(model, first)
    beyond = Beyond(less, point(model)).without("it is not asked")
    made = {value.call[0] for value in beyond.calculated(EXACT).values if value.call}
    later = [call.layer for call in less.graph.calls if call.layer not in made]
    assert first[0] in later and len(later) > 1
    try:
        left = cut_for_check(beyond).left
    except Refused as reason:
        assert "got none" in str(reason)
    else:
        assert set(later) <= set(left)


def sealed_dense() -> tuple[OpenedGraph, Beyond, list[Array]]:
    """Return a chain whose second layer is sealed, for a point, gone on with what Keras would make."""
    model = graphs.dense("3 tanh, 2 tanh, 1")
    inputs, (_, second, _) = point(model), paths_of(model.graph)
    less = sealed_at(model, second)
    return less, gone_on(less, inputs, answering(model, inputs)), inputs


def test_terms_end_at_keras_with_the_words_and_every_page_has_them() -> None:
    less, beyond, inputs = sealed_dense()
    done = beyond.calculated(EXACT)
    ((call, _),) = beyond.outside.items()
    spot = Spot(call, "output", (0,))
    assert opened(done, done.value_of(spot), (0,), Notation(4))[1:] == ["  from Keras, not calculated here"]
    assert done.origins(spot) == [] and done.made_of(spot, 9) == []
    page = explain(less.graph, beyond.weights, inputs, Rounding.CARRIED, Notation(4), outside=beyond.outside)
    for text in (text_page(page), latex_page(page)):
        assert f"from Keras, not calculated here: {call[0]}" in text.replace("\\_", "_")
        assert "k = from Keras, not" in text or r"k &= \text{from Keras, not" in text


def test_a_question_has_the_exact_inputs_and_the_arrays_of_the_file() -> None:
    less, _, inputs = sealed_dense()
    question = Beyond(less, inputs).question()
    assert question is not None
    before = calculated(less.graph, less.weights, inputs, EXACT)
    name = before.graph.calls[0].layer
    np.testing.assert_array_equal(question.inputs[0], before.array(before.find(f"{name}/output")).astype(np.float32))
    assert [name for name, _ in question.arrays] == ["kernel", "bias"]


def test_where_keras_refuses_it_ends_and_says_why() -> None:
    less, _, inputs = sealed_dense()

    def refusing(_question: Question) -> list[KerasArray]:
        raise Refused("no")

    beyond = gone_on(less, inputs, refusing)
    assert beyond.refused == "no" and beyond.question() is None
    assert "the calculation stops before it" in beyond.calculated(EXACT).written.stops


def test_keras_is_not_asked_for_what_is_not_its_own_nor_where_a_mask_would_be_needed() -> None:
    own = graphs.sealed()
    assert Beyond(own, point(own)).question() is None
    words = [Embedding("rows", input_dim=5, output_dim=3, mask_zero=True), GRU("gru", 2)]
    masked = sealed_at(graphs.opened(chain("masked", Input("words", (4,), whole=True), words)), ("gru",))
    assert calculated(masked.graph, masked.weights, point(masked), EXACT).written.stopped is not None
    assert Beyond(masked, point(masked)).question() is None


def entry(kind: str = "ConvLSTM2D", module: str | None = "keras.layers", **config: object) -> dict[str, object]:
    return {"module": module, "class_name": kind, "config": {"name": "x", **config}, "registered_name": None}


FUNCTION = {"module": "builtins", "class_name": "function", "config": "tanh", "registered_name": "function"}
OTHERS = [
    entry("Lambda", function="print"),
    entry("TFSMLayer", filepath="/tmp"),
    entry("StringLookup", vocabulary="/etc/passwd"),
    entry("TextVectorization"),
    entry("Bidirectional", layer=entry("Lambda")),
    entry(module=None),
    entry("Zeros", "keras.initializers"),
    {"module": "keras.layers", "config": {"name": "x"}},
    entry(module="builtins"),
    entry(module="keras.layers.evil"),
    {**entry(), "registered_name": "theirs>ConvLSTM2D"},
    entry(activation={**FUNCTION, "config": "own"}),
    entry(activation={**FUNCTION, "config": {}}),
    entry() | {"class_name": []},
    entry(activation={**FUNCTION, "module": "os", "config": "system"}),
    entry(activation={"class_name": "__lambda__", "config": {"value": "4wAAAA=="}}),
    entry(kernel_initializer={"module": "os", "class_name": "system", "config": {}, "registered_name": None}),
    # Of a dict that names no class Keras makes every member.
    entry("SpectralNormalization", layer={"build_config": entry("Lambda")}),
    entry("SpectralNormalization", layer={"build_config": {"a": {"build_config": entry("StringLookup")}}}),
    entry("SpectralNormalization", layer={"class_name": "Dense", "module": "keras.layers"}),
    entry("RNN", cell=[{"build_config": entry("TFSMLayer")}]),
    entry("RNN", cell={**entry("GRUCell"), "config": {"units": 1, "build_config": [entry("Lambda")]}}),
    entry(kernel_initializer=entry("Zeros", "keras.initializers", build_config={"a": entry("Lambda")})),
    entry(kernel_initializer={**entry("Zeros", "keras.initializers"), "config": [entry("Lambda")]}),
    entry(kernel_initializer={**entry("Zeros", "keras.initializers"), "registered_name": "theirs>Zeros"}),
    entry("TimeDistributed", layer={**entry("Dense"), "registered_name": "Lambda"}),
    entry("TimeDistributed", layer=entry("Dense", "keras.initializers")),
    entry("TimeDistributed", layer=entry("Dense", "keras.src.layers")),
    entry("TimeDistributed", layer={**entry("Dense"), "config": None}),
    entry(shared_object_id=entry("Lambda")),
    entry(stateful={}, filters=entry("Lambda")),
    entry(settings={}),
    entry(settings={"plain": 1}),
    entry(filters=10**12),
    entry(kernel_size=[[-(10**12)]]),
]
FOREIGN = st.sampled_from(
    [entry("Lambda"), entry("StringLookup"), entry("TFSMLayer"), entry("Dense", "theirs"), entry("Zeros", "os"), {}]
)
PLAIN: st.SearchStrategy[object] = st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=3)
NAMES = st.sampled_from(["layer", "cell", "kernel_initializer", "build_config", "config", "class_name", "a"])
OWN = st.sampled_from([("SpectralNormalization", "keras.layers"), ("Zeros", "keras.initializers"), ("L2", "keras")])


def around(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Give lists, dicts and objects of Keras's own around what there is."""
    held = st.tuples(NAMES, inner, st.dictionaries(NAMES, PLAIN, max_size=2))
    member = held.map(lambda one: {**one[2], one[0]: one[1]})
    lists = st.tuples(st.lists(PLAIN, max_size=2), inner).map(lambda one: [*one[0], one[1]])
    return lists | member | st.tuples(OWN, member).map(lambda one: {**entry(*one[0]), "config": one[1]})


@pytest.mark.parametrize("described", OTHERS, ids=lambda one: json.dumps(one)[:60])
def test_what_a_file_brings_along_is_never_asked_for(described: dict[str, object]) -> None:
    assert not may_be_asked(described)


@given(inside=st.recursive(FOREIGN, around, max_leaves=6), name=NAMES, kind=st.sampled_from(["RNN", "ConvLSTM2D"]))
def test_a_layer_with_anything_foreign_in_its_settings_is_not_asked_for(inside: object, name: str, kind: str) -> None:
    assert not may_be_asked({**entry(kind), "config": {name: inside}})


def test_keras_is_given_classes_and_settings_alone_and_nothing_that_was_not_looked_at() -> None:
    beside = {key: entry("Lambda") for key in ("build_config", "compile_config", "shared_object_id", "other")}
    inner = {**entry("Dense", units=2, stateful=True, seed=7), **beside}
    given = as_asked({**entry("SpectralNormalization", layer=inner, each=[inner]), **beside})
    assert "Lambda" not in json.dumps(given)
    dense = entry("Dense", units=2, stateful=False, seed=None)
    assert given == entry("SpectralNormalization", layer=dense, each=[dense])


def test_settings_within_each_other_without_end_are_no_layer_s() -> None:
    deep: object = 1
    for _ in range(400):
        deep = [deep]
    assert not may_be_asked(entry(filters=deep))


def test_what_is_keras_own_is_asked_for() -> None:
    glorot: dict[str, object] = {
        "module": "keras.initializers",
        "class_name": "GlorotUniform",
        "config": {},
        "registered_name": None,
    }
    assert may_be_asked(entry(activation=FUNCTION, kernel_initializer=glorot, filters=2))


def test_layers_that_train_always_are_not_asked_for() -> None:
    from core.model.files.earlier_config import TRAINS_ALWAYS
    from core.model.files.graph_config import read_graph
    from core.model.files.written_config import graph_config

    config = graph_config(graphs.dense().graph)
    config["config"]["layers"][1]["inbound_nodes"][0][TRAINS_ALWAYS] = True
    (layer, *_) = read_graph(config).layers
    assert isinstance(layer, Sealed) and not layer.is_asked
