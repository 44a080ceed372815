"""Frames: whatever is sent comes out as it went in, and what is not a frame is refused."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine import protocol
from core.engine.frames import HEADER, MAX_FRAME, frame, frame_length, read_command, read_event
from core.engine.protocol import Command, Event, Tensor, to_arrays, to_tensors
from core.model.network import Network
from core.training.recipe import LOSSES, OPTIMIZERS, Recipe

ids = st.integers(0, 2**63 - 1)
texts = st.text(max_size=30)
floats = st.floats(allow_nan=False)
numbers = st.lists(ids, max_size=3).map(tuple)
tensors = st.lists(st.floats(width=32, allow_nan=False), max_size=12).map(Tensor.of)
layer_tensors = st.lists(st.lists(tensors, max_size=2).map(tuple), max_size=4).map(tuple)
networks = st.builds(Network, texts, st.lists(st.integers(1, 9), max_size=3).map(tuple))
recipes = st.builds(
    Recipe,
    st.sampled_from(LOSSES),
    st.sampled_from(OPTIMIZERS),
    st.floats(1e-6, 10),
    st.integers(1, 1000),
    st.integers(1, 1000),
    st.floats(0, 0.9),
    st.integers(0, 2**32 - 1),
)
positions = st.builds(protocol.Position, ids, ids)
early = st.builds(protocol.EarlyStopping, texts, floats, ids, texts, st.none() | floats, st.booleans(), ids)
rules = st.builds(protocol.StopRule, st.none() | early, texts, st.none() | floats)
epochs = st.builds(protocol.EpochMetrics, floats, st.none() | floats, st.dictionaries(st.text(), floats))

commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(protocol.SetWeights, ids, ids, networks, layer_tensors),
    st.builds(protocol.Predict, ids, ids, tensors),
    st.builds(protocol.Evaluate, ids, ids, tensors, tensors, texts),
    st.builds(protocol.AskLoss, ids, ids, tensors, tensors, texts),
    st.builds(
        protocol.Train,
        ids,
        networks,
        layer_tensors,
        recipes,
        tensors,
        tensors,
        st.floats(0, 9),
        st.none() | positions,
        st.none() | rules,
    ),
    st.builds(protocol.Resume, ids, st.none() | positions),
    st.builds(protocol.Prepare, ids, networks, recipes, st.tuples(ids, ids)),
    st.builds(protocol.AskWeights, ids),
    st.builds(protocol.Stop, ids),
)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(protocol.Ready, texts, texts),
    st.builds(protocol.Held, ids, ids, layer_tensors),
    st.builds(protocol.Predicted, ids, ids, tensors),
    st.builds(protocol.Evaluated, ids, ids, floats, st.dictionaries(st.text(), floats)),
    st.builds(protocol.RowLoss, ids, ids, floats),
    st.builds(protocol.Compiling, ids, floats),
    st.builds(protocol.Progress, ids, st.lists(epochs, max_size=3).map(tuple), floats, texts, layer_tensors, numbers),
    st.builds(protocol.TrainingWeights, ids, ids, layer_tensors, ids),
    st.builds(protocol.Paused, ids, ids, ids, layer_tensors, floats, ids, texts, st.none() | epochs, numbers),
    st.builds(protocol.Trained, ids, layer_tensors, floats, st.booleans(), texts, texts, floats, ids, ids),
    st.builds(protocol.Prepared, ids, texts, floats),
    st.builds(protocol.Failed, ids, texts, st.none() | ids, st.none() | ids, st.none() | texts),
)


def body_of(framed: bytes) -> bytes:
    body = framed[HEADER.size :]
    assert frame_length(framed[: HEADER.size]) == len(body)
    return body


@given(commands)
def test_a_command_comes_out_as_it_went_in(command: Command) -> None:
    assert read_command(body_of(frame(command))) == command


@given(events)
def test_an_event_comes_out_as_it_went_in(event: Event) -> None:
    back = read_event(body_of(frame(event)))
    # By the bits, since NaN is not equal to itself.
    assert type(back) is type(event) and frame(back) == frame(event)


@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_arrays_keep_every_bit_and_their_shape(rows: int, columns: int, seed: int) -> None:
    bits = np.random.default_rng(seed).integers(0, 2**32, (rows, columns), dtype=np.uint32)
    array = bits.view(np.float32)
    ((back,),) = to_arrays(to_tensors([[array]]))
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert not back.flags.writeable


def test_a_transposed_array_is_sent_in_its_own_order() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3).T
    assert np.array_equal(Tensor.of(array).array(), array)


def test_a_length_that_no_frame_has_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a frame of at most"):
        frame_length(HEADER.pack(MAX_FRAME + 1))


def test_an_event_is_not_a_command() -> None:
    with pytest.raises(msgspec.ValidationError):
        read_command(body_of(frame(protocol.Failed(1, "no"))))


def test_a_setting_that_is_refused_is_refused_on_the_wire_too() -> None:
    body = msgspec.msgpack.encode(
        {
            "type": "Train",
            "id": 1,
            "network": {"config": "{}"},
            "layers": [],
            "recipe": {"loss": "guess"},
            "points": [[0], b""],
            "labels": [[0], b""],
        }
    )
    with pytest.raises(msgspec.ValidationError, match="loss"):
        read_command(body)
