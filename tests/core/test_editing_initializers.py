"""Initializers: bounds, moments and shapes as the formulas and Keras itself have them; the numbers are NumPy's."""

from __future__ import annotations

import inspect
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.editing.initializers import (
    CUT_DEVIATION,
    DISTRIBUTIONS,
    INITIALIZERS,
    MODES,
    MOST_ORTHOGONAL,
    drawn,
)
from core.engine import keras_model
from core.errors import Refused
from core.model.archive.gate import ALLOWED
from core.model.initial import fans

if TYPE_CHECKING:
    from core.arrays import KerasArray

keras: Any = vars(keras_model)["keras"]
"""The one Keras of this process, as the engine sets it up."""

DENSE, CONVOLUTION, BIAS = (300, 200), (3, 3, 40, 60), (5_000,)
SHAPES = (DENSE, CONVOLUTION, BIAS)
RANDOM = [name for name, initializer in INITIALIZERS.items() if initializer.random and name != "Orthogonal"]


def of_keras(name: str, shape: tuple[int, ...], **given: Any) -> KerasArray:
    seed = {"seed": 1} if INITIALIZERS[name].random else {}
    return np.asarray(getattr(keras.initializers, name)(**seed, **given)(shape))


def test_every_initializer_of_keras_is_there_under_its_name() -> None:
    aliases = {"IdentityInitializer", "OrthogonalInitializer"}
    assert set(INITIALIZERS) == ALLOWED["initializers"] - aliases


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=6).map(tuple))
def test_the_fans_are_kerass(shape: tuple[int, ...]) -> None:
    assert fans(shape) == keras.src.initializers.random_initializers.compute_fans(shape)


@pytest.mark.parametrize(
    ("shape", "both"),
    [((2, 5), (2, 5)), ((5,), (5, 5)), ((3, 3, 8, 16), (72, 144)), ((5, 4, 6), (20, 30)), ((), (1, 1))],
)
def test_the_fans_of_dense_and_convolution_kernels(shape: tuple[int, ...], both: tuple[int, int]) -> None:
    assert fans(shape) == both


@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_the_settings_are_those_of_keras_with_its_defaults(name: str) -> None:
    parameters = inspect.signature(getattr(keras.initializers, name)).parameters
    elsewhere = ("seed", "input_axes", "output_axes", "args", "kwargs")
    defaults = {word: parameter.default for word, parameter in parameters.items() if word not in elsewhere}
    assert {**INITIALIZERS[name].settings} == defaults


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("GlorotUniform", lambda into, out_of: math.sqrt(6 / (into + out_of))),
        ("HeUniform", lambda into, out_of: math.sqrt(6 / into)),
        ("LecunUniform", lambda into, out_of: math.sqrt(3 / into)),
    ],
)
@pytest.mark.parametrize("shape", SHAPES)
def test_uniform_ones_fill_their_interval_evenly(name: str, limit: Any, shape: tuple[int, ...]) -> None:
    values, end = drawn(name, shape, 3), limit(*fans(shape))
    assert values.shape == shape and values.dtype == np.float32 and not values.flags.writeable
    assert 0.99 * end < np.abs(values).max() <= np.float32(end)
    shares = np.histogram(values, bins=10, range=(-end, end))[0] / values.size
    np.testing.assert_allclose(shares, 0.1, atol=0.02)


@pytest.mark.parametrize(
    ("name", "deviation"),
    [
        ("GlorotNormal", lambda into, out_of: math.sqrt(2 / (into + out_of))),
        ("HeNormal", lambda into, out_of: math.sqrt(2 / into)),
        ("LecunNormal", lambda into, out_of: math.sqrt(1 / into)),
    ],
)
@pytest.mark.parametrize("shape", SHAPES)
def test_normal_ones_are_cut_off_and_have_their_deviation_all_the_same(
    name: str, deviation: Any, shape: tuple[int, ...]
) -> None:
    values, wanted = drawn(name, shape, 3), deviation(*fans(shape))
    assert abs(values.std() / wanted - 1) < 0.03
    assert abs(values.mean()) < 4 * wanted / math.sqrt(values.size)
    end = 2 * wanted / CUT_DEVIATION
    assert 0.98 * end < np.abs(values).max() <= end * (1 + 1e-6)


def test_the_deviation_of_a_cut_normal_is_the_integral() -> None:
    z = np.linspace(-2, 2, 400_001)
    density = np.exp(-z * z / 2)
    assert math.isclose(math.sqrt((z * z * density).sum() / density.sum()), CUT_DEVIATION, rel_tol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", RANDOM)
def test_a_distribution_is_kerass(name: str, shape: tuple[int, ...]) -> None:
    ours, theirs = drawn(name, shape, 1), of_keras(name, shape)
    assert ours.shape == theirs.shape and not np.array_equal(ours, theirs)
    steps = np.linspace(0.02, 0.98, 25)
    np.testing.assert_allclose(
        np.quantile(ours, steps), np.quantile(theirs, steps), atol=0.1 * float(theirs.std()), rtol=0
    )
    assert math.isclose(np.abs(ours).max(), np.abs(theirs).max(), rel_tol=0.2)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_variance_scaling_in_every_way(mode: str, distribution: str) -> None:
    chosen: dict[str, Any] = {"scale": 3.0, "mode": mode, "distribution": distribution}
    values = drawn("VarianceScaling", DENSE, 2, chosen)
    n = {"fan_in": 300, "fan_out": 200, "fan_avg": 250}[mode]
    assert abs(values.var() / (3 / n) - 1) < 0.03
    assert math.isclose(values.std(), of_keras("VarianceScaling", DENSE, **chosen).std(), rel_tol=0.02)


def test_the_plain_random_ones_follow_their_settings() -> None:
    uniform = drawn("RandomUniform", DENSE, 0, {"minval": 2.0, "maxval": 3.0})
    assert uniform.min() >= 2 and uniform.max() <= 3 and abs(uniform.mean() - 2.5) < 0.01
    normal = drawn("RandomNormal", DENSE, 0, {"mean": 5.0, "stddev": 2.0})
    assert abs(normal.mean() - 5) < 0.05 and abs(normal.std() - 2) < 0.05 and np.abs(normal - 5).max() > 6
    cut = drawn("TruncatedNormal", DENSE, 0, {"mean": 5.0, "stddev": 2.0})
    assert np.abs(cut - 5).max() <= 4.0001 and abs(cut.std() - 2 * CUT_DEVIATION) < 0.05


@pytest.mark.parametrize("shape", [(6, 6), (9, 4), (4, 9), (3, 3, 2, 5), (2, 2, 2, 20), (1, 1)])
def test_orthogonal_columns_or_rows(shape: tuple[int, ...]) -> None:
    flat = drawn("Orthogonal", shape, 4, {"gain": 2.0}).reshape(-1, shape[-1]).astype(np.float64)
    short = flat if flat.shape[0] <= flat.shape[1] else flat.T
    np.testing.assert_allclose(short @ short.T, 4 * np.eye(len(short)), atol=1e-5)


def test_an_orthogonal_matrix_leans_to_no_side() -> None:
    diagonals = [np.diag(drawn("Orthogonal", (3, 3), seed)) for seed in range(200)]
    assert abs(float(np.mean(diagonals))) < 0.1


def test_those_without_chance() -> None:
    assert drawn("Zeros", (2, 3)).tolist() == [[0] * 3] * 2
    assert drawn("Ones", (2, 1, 2)).tolist() == [[[1, 1]], [[1, 1]]]
    assert drawn("Constant", (2,), 0, {"value": -0.5}).tolist() == [-0.5, -0.5]
    assert drawn("Identity", (2, 3), 0, {"gain": 3.0}).tolist() == [[3, 0, 0], [0, 3, 0]]
    for name in ("Zeros", "Ones", "Constant", "Identity"):
        assert not INITIALIZERS[name].random
        assert np.array_equal(drawn(name, (4, 3), 1), of_keras(name, (4, 3)))


@pytest.mark.parametrize("name", [*RANDOM, "Orthogonal"])
def test_one_seed_is_one_array(name: str) -> None:
    assert np.array_equal(drawn(name, (5, 4), 9), drawn(name, (5, 4), 9))
    assert not np.array_equal(drawn(name, (5, 4), 9), drawn(name, (5, 4), 10))


@pytest.mark.parametrize(
    ("name", "shape", "seed", "chosen", "message"),
    [
        ("glorot", (2, 2), 0, {}, "expected an initializer of Keras .GlorotUniform, .*, got 'glorot'"),
        ("HeNormal", (2, 2), 0, {"scale": 1.0}, r"HeNormal: expected other settings \(none\), got 'scale'"),
        ("RandomNormal", (2, 2), 0, {"maxval": 1.0}, r"expected other settings \(mean, stddev\), got 'maxval'"),
        ("RandomNormal", (2, 2), 0, {"stddev": -1.0}, "expected a stddev of 0 or more, got -1"),
        (
            "TruncatedNormal",
            (2, 2),
            0,
            {"stddev": math.inf},
            "a number for stddev that float32 holds .*, got inf",
        ),
        ("RandomUniform", (2, 2), 0, {"minval": 1.0}, "expected a minval up to the maxval, got 1 and 0.05"),
        ("VarianceScaling", (2, 2), 0, {"scale": 0.0}, "expected a scale above 0, got 0"),
        ("VarianceScaling", (2, 2), 0, {"mode": "fan"}, "expected mode as one of fan_in, fan_out, fan_avg, got 'fan'"),
        ("VarianceScaling", (2, 2), 0, {"distribution": 1.0}, "expected distribution as one of"),
        ("VarianceScaling", (2, 2), 0, {"scale": "1"}, "expected a number for scale that float32 holds .*, got 1"),
        ("Constant", (2, 2), 0, {"value": 1e39}, r"expected a number for value that float32 holds .*, got 1e\+39"),
        ("RandomUniform", (2, 2), 0, {"minval": -1e308}, "expected a number for minval that float32 holds"),
        ("RandomNormal", (40, 40), 0, {"stddev": 3.4e38}, "and float32 ends at 3.4e38"),
        ("Identity", (2, 2, 2), 0, {}, r"Identity: expected an array of 2 axes, got shape \(2, 2, 2\)"),
        ("Orthogonal", (2,), 0, {}, r"Orthogonal: expected an array of at least 2 axes, got shape \(2,\)"),
        ("Orthogonal", (MOST_ORTHOGONAL + 1,) * 2, 0, {}, "the smaller side of an orthogonal matrix from 1 to 4,096"),
        ("HeNormal", (2, 2), -1, {}, "expected a seed from 0 to"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    name: str, shape: tuple[int, ...], seed: int, chosen: dict[str, float | str], message: str
) -> None:
    with pytest.raises(Refused, match=message):
        drawn(name, shape, seed, chosen)
