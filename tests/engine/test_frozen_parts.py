"""A frozen layer that has layers within it: none of these is trained, here or by Keras in a file that is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.engine import built, keras_model
from core.layers.convolutional_recurrent import ConvLSTM1D
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.layers.nested import Model
from core.layers.recurrent import LSTM, RNN, GRUCell, SimpleRNNCell, StackedRNNCells
from core.layers.reshaping import Flatten
from core.layers.wrappers import Bidirectional, TimeDistributed
from core.model.files.opening import open_model
from core.model.graph import Input, chain
from core.model.initial import initial_weights
from core.model.network import Network
from core.model.save_model import save_model
from tests import graphs

if TYPE_CHECKING:
    from pathlib import Path

    from core.layers.layer import Layer

keras: Any = vars(keras_model)["keras"]

WITHIN = Model("within", chain("within", Input("x", (3,)), [Dense("dense", 2), Dropout("dropout", 0.5)]))
LAYERS: tuple[Layer, ...] = (
    Bidirectional("held", LSTM("lstm", 2)),
    TimeDistributed("held", Dense("dense", 2)),
    TimeDistributed("held", WITHIN),
    RNN("held", StackedRNNCells("cells", (GRUCell("one", 2), SimpleRNNCell("two", 2)))),
)
END = 2
"""How many arrays are trained behind such a layer."""


def _around(layer: Layer, shape: tuple[int, ...] = (4, 3)) -> Network:
    return Network.chain(0, (layer, Flatten("flat"), Dense("end", 1)), shape=shape)


@pytest.mark.parametrize("layer", [*LAYERS, ConvLSTM1D("held", 2, (1,), (1,))])
def test_nothing_within_a_frozen_layer_is_trained(layer: Layer) -> None:
    network = _around(layer, (4, 3, 2) if isinstance(layer, ConvLSTM1D) else (4, 3))
    assert len(built.build(network).trainable_variables) > END
    frozen = network.with_trained((0,), False)
    assert len(built.build(frozen).trainable_variables) == END
    assert frozen.with_trained((0,), True) == network


def test_heads_of_a_frozen_attention_are_not_trained() -> None:
    network = graphs.network_of(graphs.attending)
    frozen = network.with_trained((network.index("attention"),), False)
    assert len(built.build(frozen).trainable_variables) == END


@pytest.mark.parametrize("layer", LAYERS)
def test_keras_does_not_train_it_in_a_new_file_nor_in_one_that_was_opened(layer: Layer, tmp_path: Path) -> None:
    network = _around(layer)
    weights, frozen = initial_weights(network, 1), network.with_trained((0,), False)
    save_model(tmp_path / "new.keras", frozen, weights, None, None)
    save_model(tmp_path / "before.keras", network, weights, None, None)
    opened = open_model(tmp_path / "before.keras")
    save_model(tmp_path / "after.keras", opened.network.with_trained((0,), False), weights, None, opened.archive)
    for name in ("new", "after"):
        assert len(keras.models.load_model(tmp_path / f"{name}.keras").trainable_variables) == END
        assert open_model(tmp_path / f"{name}.keras").network == frozen
