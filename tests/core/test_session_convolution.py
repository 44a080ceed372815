"""A session over images: opened with data that fit, frozen, turned, undone, kept; other data are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.dataset import PRESETS, SumRule, generate
from core.errors import Refused
from core.layers.convolution import Conv1D, Conv2D
from core.layers.dense import Dense
from core.layers.pooling import MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.archive import whole
from core.model.files.opening import OpenedModel
from core.model.initial import fans, initial_weights
from core.model.literal import format_arrays, parse_arrays
from core.model.network import describe
from core.session import kept_steps
from core.session.dials import DIALS
from core.session.session import Session
from tests.core.images import network_over
from tests.core.journals import changed

NETWORK = network_over(
    (4, 4, 2),
    Conv2D("conv", 3, (2, 2), (1, 1), "valid", "tanh"),
    MaxPooling2D("pool", (2, 2), (1, 1)),
    Flatten("flat"),
    Dense("hidden", 2, "tanh"),
    Dense("out", 1, "tanh"),
)
WEIGHTS = initial_weights(NETWORK, 5)
DIAL = {dial.name: dial for dial in DIALS}


@pytest.fixture
def session() -> Session:
    session = Session()
    archive = whole.write_archive(NETWORK, WEIGHTS, None, "2026-01-01@00:00:00")
    session.open(OpenedModel(NETWORK, WEIGHTS, None, (), archive), Path("images.keras"))
    return session


def test_data_and_the_point_in_hand_are_rows_of_its_numbers(session: Session) -> None:
    assert session.state.x.tolist() == [0] * 32
    session.take_data(generate(SumRule(250, 32)))
    assert session.state.fits
    session.take_row(3)
    assert session.state.x.shape == (32,)


def test_a_convolution_is_frozen_and_a_pooling_is_not(session: Session) -> None:
    session.freeze(0)
    assert describe(session.state.model.network).startswith("conv 3 of 2x2 tanh (frozen) > pool max of 2x2 > flat")
    for place, name in ((1, "pool"), (2, "flat")):
        with pytest.raises(Refused, match=f"expected a layer with weights to freeze, got {name}, which has none"):
            session.freeze(place)
    session.trail.undo()
    assert session.state.model.network == NETWORK


def test_one_number_of_a_kernel_is_changed_and_named_by_its_place(session: Session) -> None:
    session.set_number(0, 0, (1, 0, 1, 2), 0.5)
    assert session.state.done[-1] == "conv w[2, 1, 2, 3] = 0.5"
    assert session.state.model.weights.layers[0][0][1, 0, 1, 2] == 0.5


def test_data_of_other_inputs_are_refused_and_nothing_changes(session: Session) -> None:
    before = session.state
    with pytest.raises(Refused, match="expected points of 32 numbers, because the model is for 4x4x2, got 2"):
        session.take_data(generate(SumRule(20)))
    assert session.state is before
    session.take_data(generate(SumRule(20, 32, 16.0)))
    assert session.state.model is before.model
    session.use_preset(PRESETS[0])
    assert session.state.model.network.shape == ()


def test_dials_turn_the_dense_layer_and_the_images_stay(session: Session) -> None:
    session.turn(DIAL["units"], 1)
    network = session.state.model.network
    assert network == NETWORK.with_layers({3: Dense("hidden", 3, "tanh")})
    session.turn(DIAL["seed"], 1)
    assert session.state.model.network == network
    assert session.state.model.weights.layers[0][0].shape == (2, 2, 2, 3)


def test_without_a_hidden_dense_layer_there_are_no_units_to_turn() -> None:
    network = network_over((4, 2), Conv1D("conv", 2, (2,), (1,)), Flatten("flat"), Dense("out", 1))
    session = Session()
    session.open(OpenedModel(network, initial_weights(network, 0), None, (), b""), Path("a.keras"))
    with pytest.raises(Refused, match="the only Dense layer is the output"):
        session.turn(DIAL["units"], 1)


def test_the_steps_that_led_to_it_are_kept_and_found(session: Session) -> None:
    session.set_number(0, 0, (0, 0, 0, 0), 2.0)
    steps = kept_steps.decode(kept_steps.encode(session.trail.steps))
    assert steps.undo[-1].model.network == NETWORK
    assert steps.undo[-1].model.weights.equal(WEIGHTS)


def test_kept_steps_of_layers_that_make_no_sense_are_none(
    session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    model = session.state.model
    session.set_number(0, 0, (0, 0, 0, 0), 2.0)
    kept_steps.keep(session.trail.steps, model.network, model.weights, "images.keras")
    assert kept_steps.taken_up(model.network, model.weights) is not None
    path = kept_steps.file_of(model.network, model.weights)

    def without_strides(part: dict[str, Any]) -> None:
        network = part["network"]
        network["config"] = network["config"].replace('"strides": [1, 1]', '"strides": [0, 0]')

    path.write_bytes(changed(path.read_bytes(), "Description", without_strides))
    assert kept_steps.taken_up(model.network, model.weights) is None


def test_the_weights_of_a_layer_are_written_and_read_as_one_literal() -> None:
    held, expected = WEIGHTS.layers[0], NETWORK.arrays_of(0)
    read = parse_arrays(format_arrays(held), expected, "conv")
    assert [array.tobytes() for array in read] == [array.tobytes() for array in held]
    assert [array.shape for array in read] == [(2, 2, 2, 3), (3,)]
    printed = parse_arrays(repr([np.asarray(array) for array in held]), expected, "conv")
    np.testing.assert_allclose(printed[0], held[0], rtol=1e-6)
    with pytest.raises(Refused, match="array 1, row 2, column 1: expected 2 lists as in the first"):
        parse_arrays("[[[[[1], [2]]], [[[1]]]], [0]]", {"kernel": (2, 1, 2, 1), "bias": (1,)}, "conv")


def test_initial_kernels_keep_to_the_limit_of_their_fans() -> None:
    network = network_over((9, 9, 3), Conv2D("conv", 50, (5, 5), (1, 1)), Flatten("flat"), Dense("out", 7))
    (kernel, bias), _, (dense, _) = initial_weights(network, 0).layers
    assert fans(kernel.shape) == (75, 1250)
    limit = np.sqrt(6 / (75 + 1250))
    assert 0.99 * limit < np.abs(kernel).max() <= limit
    assert not bias.any()
    assert np.abs(dense).max() <= np.sqrt(6 / (1250 + 7))
