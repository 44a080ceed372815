"""Freezing a layer on the Set weights tab: said in the list, the title and the bar, kept by a training, undone."""

from __future__ import annotations

from core.engine.protocol import SetWeights
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.model.initial import initial_weights
from core.model.network import Network
from core.session.state import Model
from tests.graphs import network_of, siamese
from tests.tui.board import playing
from tui.widgets.graph_list import GraphList


async def test_a_layer_is_frozen_trained_around_and_unfrozen() -> None:
    async with playing() as board:
        await board.press("5", "z")
        weights = board.state.model.weights
        assert "hidden.set_weights()   frozen" in board.text
        assert "hidden  5 tanh  frozen" in board.text
        assert "hidden 5 tanh (frozen) > output 1 tanh" in board.text
        sent = board.engine.sent_of(SetWeights)[-1]
        assert (sent.network, sent.version) == (board.state.model.network, weights.version)
        await board.press("2", "space")
        await board.until(lambda: board.state.model.run is not None and not board.state.training, "the training's end")
        now = board.state.model.weights
        assert [array.tobytes() for array in now.layers[0]] == [array.tobytes() for array in weights.layers[0]]
        assert now.layers[1][0].tobytes() != weights.layers[1][0].tobytes()
        await board.press("5", "j", "z", "2", "space")
        assert any("all of them frozen" in said for said in board.said)
        await board.press("5", "z")
        await board.quieten()
        assert board.line("output.set_weights()").endswith("output.set_weights()")
        assert "unfreeze output" in board.text
        await board.press("u", "u")
        assert board.text.count("frozen") == 2
        assert board.state.done[-1].startswith("train ")


async def test_a_layer_without_weights_is_refused() -> None:
    async with playing() as board:
        network = Network.chain(2, (Dense("one", 1), Activation("act", "tanh")))
        weights = initial_weights(network, 0)
        board.session.take("other", Model(network, weights, weights), board.state.dataset)
        await board.press("5", "j", "z")
        assert board.said[-1] == "expected a layer with weights to freeze, got act, which has none"
        assert "freeze" not in board.state.done[-1]


async def test_a_model_within_the_model_is_frozen_from_its_line_in_the_list() -> None:
    async with playing(size=(120, 40)) as board:
        network = network_of(siamese)
        weights = initial_weights(network, 0)
        board.session.take("other", Model(network, weights, weights), board.state.dataset)
        await board.press("5", "z")
        assert board.state.done[-1] == f"freeze {network.layers[0].name}"
        graph = board.page.query_one(GraphList)
        graph.go_to(("tower",), "output")
        await board.press("z")
        assert board.state.done[-1] == "unfreeze tower"
        await board.press("z")
        assert board.state.done[-1] == "freeze tower"
        frozen = [layer.name for layer in board.state.model.network.layers if not layer.trainable]
        assert frozen and all(name.startswith("tower/") for name in frozen)


async def test_what_has_no_weights_is_not_called_frozen() -> None:
    async with playing() as board:
        network = Network.chain(2, (Dense("one", 1), Activation("act", "tanh", trainable=False)))
        weights = initial_weights(network, 0)
        board.session.take("other", Model(network, weights, weights), board.state.dataset)
        await board.press("5", "j")
        assert "act.set_weights()" in board.text and "frozen" not in board.text
