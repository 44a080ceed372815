"""Weights written alone: .weights.h5, .npz and .safetensors read again bit for bit; Keras loads the first."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, integer_dtypes

from core.errors import Refused
from core.export.arrays import NamedArray, as_held, named_arrays
from core.export.formats import ARRAY_FORMATS
from core.model.archive import maker
from core.model.archive.alone import every_array
from core.model.archive.making import WriteWeights
from core.model.archive.protocol import HeldTensor, Sent, encode
from core.model.files.opening import open_model
from core.model.giving import giving
from core.model.weights_file import open_weights
from tests.hdf5_files import CHAIN_FILE
from tests.weight_files import listed

if TYPE_CHECKING:
    from pathlib import Path

    from core.model.archive.held_array import HeldArray

ALONE = ("npz", "safetensors", "weights.h5")
"""The formats that hold several arrays and every bit of them."""


def many_kinds() -> keras.Model:
    """Return a model with shared layers, a model within, cells, and layers that have no weights or some not trained."""
    keras.utils.set_random_seed(3)
    x = keras.Input((6, 3), name="x")
    within = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3), keras.layers.BatchNormalization()])
    y = keras.layers.Bidirectional(keras.layers.LSTM(2, return_sequences=True))(x)
    y = keras.layers.Dropout(0.5)(y)
    y = keras.layers.MultiHeadAttention(2, 3)(y, y)
    y = keras.layers.TimeDistributed(keras.layers.Dense(2))(y)
    y = within(keras.layers.GRU(3)(y))
    shared = keras.layers.Dense(3, activation="tanh")
    y = keras.layers.Add()([shared(y), shared(shared(y))])
    model = keras.Model(x, keras.layers.Dense(1, use_bias=False)(y))
    for at, variable in enumerate(model.weights):
        variable.assign(np.random.default_rng(at).normal(size=variable.shape))
    return model


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kinds") / "kinds.keras"
    many_kinds().save(path)
    return path


def test_keras_loads_what_is_written_for_it_and_then_has_every_bit(saved: Path, tmp_path: Path) -> None:
    opened, path = open_model(saved), tmp_path / "all.weights.h5"
    path.write_bytes(ARRAY_FORMATS["weights.h5"].data(named_arrays(opened.network, opened.weights)))
    model = many_kinds()
    wanted = [variable.numpy().tobytes() for variable in model.weights]
    model.set_weights([np.zeros(variable.shape) for variable in model.weights])
    model.load_weights(path)
    assert [variable.numpy().tobytes() for variable in model.weights] == wanted


@pytest.mark.parametrize("name", ALONE)
def test_a_models_weights_are_given_back_to_it_bit_for_bit(name: str, saved: Path, tmp_path: Path) -> None:
    opened = open_model(saved)
    path = tmp_path / f"all{ARRAY_FORMATS[name].suffix}"
    path.write_bytes(ARRAY_FORMATS[name].data(named_arrays(opened.network, opened.weights)))
    made = giving(opened.network, open_weights(path))
    assert {one.by for one in made.goes} == {"name"} and not made.left
    assert made.weights(opened.network).equal(opened.weights)


NUMBERS: st.SearchStrategy[np.dtype[Any]] = st.one_of(
    st.sampled_from([np.dtype("<f4"), np.dtype("<f8"), np.dtype("<f2"), np.dtype("?")]), integer_dtypes()
)
DRAWN = NUMBERS.flatmap(lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=3, min_side=0)))


def read_back(name: str, given: tuple[NamedArray, ...]) -> list[HeldArray]:
    if name == "weights.h5":
        tensors = tuple(
            HeldTensor("", one.path, one.dtype or one.values.dtype.name, Sent.of(one.values)) for one in given
        )
        return every_array(maker.make(encode(WriteWeights(tensors)), b"").data)[1]
    return every_array(ARRAY_FORMATS[name].data(given))[1]


@settings(max_examples=60, deadline=None)
@given(drawn=st.lists(DRAWN, min_size=1, max_size=4), name=st.sampled_from(ALONE))
def test_arrays_of_any_type_and_shape_are_read_again_bit_for_bit(drawn: list[np.ndarray], name: str) -> None:
    given_arrays = tuple(NamedArray("layers/dense", f"vars/{at}", one) for at, one in enumerate(drawn))
    again = read_back(name, given_arrays)
    assert [one.path for one in again] == [one.path for one in given_arrays]
    for one, values in zip(again, drawn, strict=True):
        little = values.astype(values.dtype.newbyteorder("<"))
        assert (one.values.shape, one.dtype, one.values.tobytes()) == (
            values.shape,
            values.dtype.name,
            little.tobytes(),
        )


@pytest.mark.parametrize("name", ["safetensors", "weights.h5"])
def test_bfloat16_stays_what_it_is(name: str) -> None:
    values = (np.array([0x3FC0, 0xC000, 0x7FC1, 0x0001], "<u4") << 16).view("<f4").reshape(2, 2)
    (one,) = read_back(name, (NamedArray("layers/dense", "vars/0", values, dtype="bfloat16"),))
    assert (one.dtype, one.values.shape, one.values.tobytes()) == ("bfloat16", (2, 2), values.tobytes())


def test_numbers_of_a_safetensors_lie_at_multiples_of_their_width() -> None:
    flags, wide = np.array([True, False, True]), np.arange(3.0)
    data = ARRAY_FORMATS["safetensors"].data((NamedArray("a", "b", flags), NamedArray("a", "c", wide)))
    start = 8 + int.from_bytes(data[:8], "little")
    assert start % 8 == 0 and data[start:] == wide.tobytes() + flags.tobytes()


@pytest.mark.limited
def test_a_file_of_keras_3_alone_is_written_again_for_keras(saved: Path, tmp_path: Path) -> None:
    model = many_kinds()
    first, second = tmp_path / "first.weights.h5", tmp_path / "second.weights.h5"
    model.save_weights(first)
    second.write_bytes(ARRAY_FORMATS["weights.h5"].data(as_held(open_weights(first).arrays)))
    wanted = [variable.numpy().tobytes() for variable in model.weights]
    model.set_weights([np.zeros(variable.shape) for variable in model.weights])
    model.load_weights(second)
    assert [variable.numpy().tobytes() for variable in model.weights] == wanted


def test_where_keras_3_would_keep_an_array_must_be_known(tmp_path: Path) -> None:
    path = tmp_path / "old.h5"
    path.write_bytes(listed({"dense": {"dense/kernel:0": np.zeros((2, 3), "f4")}}, "2.12.0"))
    with pytest.raises(Refused, match=r"got 'dense/kernel:0'; give them to a model first, or save them as \.safeten"):
        ARRAY_FORMATS["weights.h5"].data(as_held(open_weights(path).arrays))


def test_names_that_a_safetensors_cannot_have_are_refused() -> None:
    one = NamedArray("a", "b", np.zeros(1, "f4"))
    with pytest.raises(Refused, match="a name of their own each"):
        ARRAY_FORMATS["safetensors"].data((one, one))
    with pytest.raises(Refused, match="expected an array of another name than __metadata__"):
        ARRAY_FORMATS["safetensors"].data(NamedArray("", "__metadata__", np.zeros(1, "f4")))


def test_all_arrays_are_needed_and_the_same_give_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "chain.h5"
    path.write_bytes(CHAIN_FILE)
    opened = open_model(path)
    held = named_arrays(opened.network, opened.weights)
    with pytest.raises(Refused, match=r"expected all 2 arrays for \.weights\.h5, got 1; take all away"):
        ARRAY_FORMATS["weights.h5"].data(held[1])
    data = ARRAY_FORMATS["weights.h5"].data(held)
    assert data == ARRAY_FORMATS["weights.h5"].data(held)
    with h5py.File(io.BytesIO(data)) as file:
        assert sorted(file) == ["layers", "vars"] and "layers/dense/vars/1" in file
