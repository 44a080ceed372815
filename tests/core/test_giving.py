"""Which array of a file each weight of a model gets: by names of Keras 1, 2 and 3, else by order and shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.errors import Refused
from core.layers.attention import MultiHeadAttention
from core.layers.dense import Dense
from core.layers.recurrent import LSTM
from core.layers.sealed import Sealed
from core.layers.writer import Weight
from core.model.archive.held_array import HeldArray
from core.model.giving import BY_NAME, BY_ORDER, Giving, giving, giving_to
from core.model.initial import initial_weights
from core.model.network import Network
from core.model.save_model import save_model
from core.model.weights_file import WeightsFile, open_weights
from tests import graphs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.model.files.opening import OpenedGraph

NETWORK = Network.chain(2, (Dense("hidden", 3, "tanh"), Dense("again", 3), Dense("output", 1)))


def drawn(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype("f4")


ARRAYS = [drawn(2, 3), drawn(3) + 1, drawn(3, 3), drawn(3) + 2, drawn(3, 1), drawn(1)]
HIDDEN = ["hidden", "hidden", "again", "again", "output", "output"]
KINDS = ["kernel", "bias"] * 3


def file(*named: tuple[str, str, np.ndarray], saved_by: str = "") -> WeightsFile:
    return WeightsFile(
        "", saved_by, tuple(HeldArray(layer, name, values, "float32") for layer, name, values in named), ()
    )


def given(made: Giving, network: Network = NETWORK) -> list[np.ndarray]:
    return [array for layer in made.weights(network).layers for array in layer]


FILES = {
    "Keras 2": file(
        *((layer, f"variable_{at}:0", values) for at, (layer, values) in enumerate(zip(HIDDEN, ARRAYS, strict=True))),
        saved_by="Keras 2.1.3",
    ),
    "Keras 3": file(
        *((f"layers/dense{end}", f"vars/{at}", ARRAYS[2 * place + at]) for place, end in enumerate(("", "_1", "_2"))
          for at in (1, 0))
    ),
    "names alone, in another order": file(
        *((layer, kind, values) for layer, kind, values in list(zip(HIDDEN, KINDS, ARRAYS, strict=True))[::-1])
    ),
    "names with dots": file(
        *(("", f"{layer}.{kind}", values) for layer, kind, values in zip(HIDDEN, KINDS, ARRAYS, strict=True))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_arrays_go_by_their_names(name: str) -> None:
    made = giving(NETWORK, FILES[name])
    assert made.in_words == "6 arrays by name"
    assert [a.tobytes() for a in given(made)] == [a.tobytes() for a in ARRAYS]


def test_other_names_go_by_order_and_shape_and_the_optimizers_go_nowhere() -> None:
    others = [(f"fc{at // 2}", f"weight_{at}", values) for at, values in enumerate(ARRAYS)]
    made = giving(NETWORK, file(*others, ("optimizer", "vars/0", drawn(2, 3))))
    assert made.in_words == "6 arrays by order and shape" and not made.left
    assert [(one.words, one.array) for one in made.goes][2] == ("again/kernel", "fc1/weight_2")
    assert [a.tobytes() for a in given(made)] == [a.tobytes() for a in ARRAYS]


def test_names_come_first_and_shapes_that_are_there_once_last() -> None:
    named = [("hidden", "bias", ARRAYS[1]), ("again", "bias", ARRAYS[3])]
    others = [("x", f"{at}", ARRAYS[at]) for at in (5, 4, 2, 0)]
    made = giving(NETWORK, file(*named, *others, ("x", "more", drawn(7))))
    assert made.in_words == "2 arrays by name, 4 arrays by order and shape, 1 array of the file left out"
    assert [a.tobytes() for a in given(made)] == [a.tobytes() for a in ARRAYS]


def test_what_can_be_taken_for_two_is_refused() -> None:
    others = [("x", f"{at}", values) for at, values in enumerate([*ARRAYS[::-1], drawn(7)])]
    with pytest.raises(Refused, match=r"of shape \(3,\) for hidden/bias in the file, got 2 of that shape and no name"):
        giving(NETWORK, file(*others))


def test_a_layer_of_the_same_name_and_other_shapes_gets_nothing_of_it() -> None:
    with pytest.raises(Refused, match=r"an array of shape \(2, 3\) for hidden/kernel in the file, got none of that"):
        giving(NETWORK, file(("hidden", "kernel:0", drawn(2, 4)), ("hidden", "bias:0", drawn(4))))


def test_the_gates_of_keras_1_are_joined_whatever_the_layer_is_called() -> None:
    network = Network.chain(6, (LSTM("lstm", 2),), shape=(3, 2))
    shapes = {"W": (2, 2), "U": (2, 2), "b": (2,)}
    parts = {f"{part}_{gate}": drawn(*shapes[part]) + at for at, gate in enumerate("icfo") for part in shapes}
    for layer, by in (("lstm", "3 arrays by name"), ("lstm_1", "3 arrays by order and shape")):
        made = giving(network, file(*((layer, f"{layer}_{name}", a) for name, a in parts.items()), saved_by="Keras 1"))
        assert made.in_words == by
        for array, part in zip(given(made, network), "WUb", strict=True):
            np.testing.assert_array_equal(array, np.concatenate([parts[f"{part}_{gate}"] for gate in "ifco"], axis=-1))


def test_numbers_that_float32_does_not_hold_are_said_to_be_rounded() -> None:
    wide = [(layer, kind, values.astype("f8")) for layer, kind, values in zip(HIDDEN, KINDS, ARRAYS, strict=True)]
    assert giving(NETWORK, file(*wide)).in_words == "6 arrays by name"
    wide[0] = ("hidden", "kernel", np.full((2, 3), 0.1))
    assert giving(NETWORK, file(*wide)).in_words == "6 arrays by name, 1 array rounded to float32"
    wide[0] = ("hidden", "kernel", np.full((2, 3), 1e300))
    with pytest.raises(Refused, match="expected numbers that float32 holds"):
        giving(NETWORK, file(*wide)).weights(NETWORK)


@pytest.mark.parametrize("model", [graphs.nested, graphs.both_ways])
def test_a_models_own_file_gives_it_all_its_weights(model: Callable[[], OpenedGraph], tmp_path: Path) -> None:
    network = graphs.network_of(model)
    weights = initial_weights(network, 5)
    save_model(tmp_path / "m.keras", network, weights, None, None)
    made = giving(network, open_weights(tmp_path / "m.keras"))
    assert made.weights(network).equal(weights) and not made.left


@pytest.mark.parametrize("container", ["layers/own", ""])
def test_a_layer_that_is_not_followed_gets_each_array_of_its_own_file_whatever_is_within_it(container: str) -> None:
    first, second = drawn(4, 4), drawn(4, 4) + 1
    layer = Sealed("own", "Own", "a class", arrays=(("vars/0", (4, 4)), ("dense/vars/0", (4, 4))))
    needed = {Weight(("own",), name): shape for name, shape in layer.arrays}
    in_groups = file((container, "vars/0", first), (f"{container}/dense", "vars/0", second))
    listed = file(("own", "own/k:0", first), ("own", "own/dense/kernel:0", second), saved_by="Keras 3.1.0")
    made = giving_to([layer], needed, in_groups if container else listed)
    assert [goes.values[0, 0] for goes in made.goes] == [first[0, 0], second[0, 0]]
    assert {goes.by for goes in made.goes} == {BY_NAME if container else BY_ORDER}


def test_the_parts_of_a_layer_are_found_as_keras_2_kept_them() -> None:
    attention = MultiHeadAttention("both", num_heads=1, key_dim=2, use_bias=False)
    shapes = attention.weights((3, 2), (3, 2))
    needed = {Weight(("both",), name): shape for name, shape in shapes.items()}
    arrays = {name: drawn(*shape) + at for at, (name, shape) in enumerate(shapes.items())}
    kept = {"query": "_query_dense", "key": "_key_dense", "value": "_value_dense"}
    held = file(
        *(
            (f"layers/multi_head_attention/{kept.get(name.split('/')[0], '_output_dense')}", "vars/0", array)
            for name, array in arrays.items()
        )
    )
    made = giving_to([attention], needed, held)
    assert {goes.weight.name: goes.by for goes in made.goes} == dict.fromkeys(shapes, BY_NAME)
    for goes in made.goes:
        np.testing.assert_array_equal(goes.values, arrays[goes.weight.name])
