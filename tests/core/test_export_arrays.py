"""Arrays taken away: what comes back bit for bit, what Keras and NumPy read, what is to be read, what is refused."""

from __future__ import annotations

import csv as standard
import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from core.engine import keras_model
from core.engine.built import build
from core.errors import Refused
from core.export.array_tables import AMSMATH_COLUMNS, MOST_READ, csv, latex, markdown
from core.export.arrays import NamedArray, literal, named_arrays, npy, npz, several
from core.export.formats import ARRAY_FORMATS
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.array_axes import ArrayAxes
from core.model.initial import initial_weights
from core.model.literal import parse_array, parse_arrays
from core.model.network import Network
from core.model.tutorial import trained
from core.model.weights import Weights
from tests import graphs

keras: Any = vars(keras_model)["keras"]

NETWORK, WEIGHTS = trained()
ALL = named_arrays(NETWORK, WEIGHTS)

ANY = st.floats(width=32)
MATRICES = arrays_of.arrays(np.float32, arrays_of.array_shapes(max_dims=2, max_side=5), elements=ANY)
ARRAYS = arrays_of.arrays(np.float32, arrays_of.array_shapes(max_dims=4, max_side=4), elements=ANY)


def one(values: Any, layer: str = "layer", name: str = "kernel") -> NamedArray:
    return NamedArray(layer, name, np.asarray(values, dtype=np.float32))


def same_numbers(made: np.ndarray, values: np.ndarray) -> bool:
    """Bit for bit, but for the bits of a NaN, which text does not have."""
    nan = np.isnan(values)
    return (
        made.dtype == np.float32
        and made.shape == values.shape
        and bool((np.isnan(made) == nan).all())
        and made[~nan].tobytes() == values[~nan].tobytes()
    )


def run(text: str) -> Any:
    """Return what Python makes of a literal of ours."""
    return eval(text, {"np": np})


def test_arrays_have_the_names_and_the_order_of_keras() -> None:
    model = build(NETWORK)
    assert [array.path for array in ALL] == [variable.path for variable in model.weights]
    assert [array.values.shape for array in ALL] == [tuple(variable.shape) for variable in model.weights]


def test_a_layer_without_arrays_has_none_and_one_without_a_bias_has_one() -> None:
    network = Network.chain(2, (Dense("a", 3, use_bias=False), Dropout("b", 0.5)))
    weights = Weights.for_network(network, [[np.ones((2, 3))], []])
    assert [array.path for array in named_arrays(network, weights)] == ["a/kernel"]


# Python


@given(ARRAYS)
@settings(deadline=None)
def test_python_makes_the_same_array_of_a_literal(values: np.ndarray) -> None:
    assert same_numbers(run(literal(one(values))), values)


def test_keras_takes_the_literal_of_a_layer_and_of_a_model() -> None:
    model = build(NETWORK)
    model.layers[1].set_weights(run(literal(ALL[:2])))
    assert [array.tobytes() for array in model.layers[1].get_weights()] == [one.values.tobytes() for one in ALL[:2]]
    model.set_weights(run(literal(ALL)))
    assert [array.tobytes() for array in model.get_weights()] == [array.values.tobytes() for array in ALL]


def test_byhand_reads_its_own_literals() -> None:
    assert same_numbers(parse_array(literal(ALL[0])).astype(np.float32), ALL[0].values)
    for made, array in zip(parse_arrays(literal(ALL[:2]), NETWORK.arrays_of(0), "hidden"), ALL[:2], strict=True):
        assert same_numbers(made, array.values)


def test_a_literal_is_laid_out_in_rows() -> None:
    arrays = (one([[1, -2], [0.5, np.nan]]), one([np.inf, -np.inf], name="bias"))
    assert literal(arrays) == (
        "[np.array([[1.0, -2.0],\n"
        "           [0.5, np.nan]], dtype=np.float32),\n"
        " np.array([np.inf, -np.inf], dtype=np.float32)]\n"
    )
    assert literal(arrays[0], 2) == "np.array([[1.00, -2.00],\n          [0.50, np.nan]], dtype=np.float32)\n"


# NumPy's files


@given(ARRAYS)
@settings(deadline=None)
def test_npy_holds_every_bit(values: np.ndarray) -> None:
    made = np.load(io.BytesIO(npy(one(values))), allow_pickle=False)
    assert (made.dtype, made.shape, made.tobytes()) == (values.dtype, values.shape, values.tobytes())


def test_npy_holds_one_array() -> None:
    assert npy((ALL[0],)) == npy(ALL[0])
    with pytest.raises(Refused, match=r"expected one array, which is what \.npy holds, got 4; \.npz holds several"):
        npy(ALL)


def test_npz_holds_every_array_under_its_names() -> None:
    made = np.load(io.BytesIO(npz(ALL)), allow_pickle=False)
    assert sorted(made) == ["hidden/bias", "hidden/kernel", "output/bias", "output/kernel"]
    for array in ALL:
        assert made[array.path].tobytes() == array.values.tobytes()


@pytest.mark.parametrize("layer", ["..", ".", "a\0b", "a\nb", "a/../b", "/a", "a\\b"])
def test_npz_refuses_a_name_that_leads_elsewhere(layer: str) -> None:
    with pytest.raises(Refused, match="expected layers whose names a zip file can hold"):
        npz((one([1.0], layer),))


def test_npz_keeps_names_that_numpy_uses_itself() -> None:
    arrays = (one([1.0], "file"), one([2.0], "arr_0"), one([3.0], "allow_pickle"))
    assert sorted(zipfile.ZipFile(io.BytesIO(npz(arrays))).namelist()) == [
        "allow_pickle/kernel.npy",
        "arr_0/kernel.npy",
        "file/kernel.npy",
    ]


def test_npz_refuses_two_arrays_of_one_name() -> None:
    with pytest.raises(Refused, match="expected layers with a name of their own each"):
        npz((one([1.0]), one([2.0])))


# CSV


@given(MATRICES)
@settings(deadline=None)
def test_numpy_reads_the_same_numbers_from_csv(values: np.ndarray) -> None:
    made = np.loadtxt(io.BytesIO(csv(one(values))), delimiter=",", dtype=np.float32, ndmin=2)
    assert same_numbers(made, np.atleast_2d(values))


@given(st.lists(ARRAYS, min_size=2, max_size=3))
@settings(deadline=None)
def test_several_arrays_come_back_from_the_rows_of_one_csv(values: list[np.ndarray]) -> None:
    arrays = tuple(one(array, f"layer {place}") for place, array in enumerate(values))
    require_in_rows(csv(arrays), arrays)


def require_in_rows(text: bytes, arrays: tuple[NamedArray, ...]) -> None:
    rows = list(standard.reader(io.StringIO(text.decode(), newline="")))
    axes = max(array.values.ndim for array in arrays)
    assert rows.pop(0) == ["layer", "array", *(f"axis_{axis}" for axis in range(axes)), "value"]
    assert len(rows) == sum(array.values.size for array in arrays)
    found = {array.layer: np.zeros_like(array.values) for array in arrays}
    for layer, _, *index, value in rows:
        found[layer][tuple(int(place) for place in index if place)] = np.float32(value)
    assert all(same_numbers(found[array.layer], array.values) for array in arrays)


def test_one_array_of_more_than_two_axes_is_a_row_for_each_number() -> None:
    kernel = one(np.arange(24).reshape(2, 3, 4) / 7)
    require_in_rows(csv(kernel), (kernel,))


def test_csv_of_a_kernel_and_of_a_bias_alone() -> None:
    assert csv(ALL[2]) == b"-0.8775745\n1.0935191\n0.21981503\n1.313808\n-0.10301871\n"
    assert csv(ALL[1]) == b"-0.18290569,0.21453567,0.01353107,0.2774091,0.09604219\n"
    assert csv(ALL[2:]).splitlines()[-1] == b"output,bias,0,,0.27410847"


def test_csv_over_many_pieces_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = (ALL[0], one(np.arange(30).reshape(5, 6)))
    whole = [csv(arrays), *(csv(array) for array in arrays)]
    for chunk in (1, 4, 7):
        monkeypatch.setattr("core.export.array_tables.CHUNK", chunk)
        assert [csv(arrays), *(csv(array) for array in arrays)] == whole


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_name_is_a_formula_in_a_spreadsheet(name: str) -> None:
    rows = list(standard.reader(io.StringIO(csv((one([1.0], name), one([2.0]))).decode())))
    assert [row[0] for row in rows] == ["layer", f"'{name}", "layer"]


def test_names_with_commas_and_quotes_are_one_cell() -> None:
    arrays = (one([1.0], 'a,"b"'), one([2.0], "two\nlines"), one([3.0], "a\rb"))
    require_in_rows(csv(arrays), arrays)


# To read


def test_markdown_has_the_names_of_axes_and_of_gates_side_by_side() -> None:
    axes = ArrayAxes(("input", "unit"))
    assert markdown(replace(one([[1, -2.5], [0.25, np.nan]]), axes=axes), 2) == (
        "|  kernel | unit 1 | unit 2 |\n"
        "| ------: | -----: | -----: |\n"
        "| input 1 |   1.00 |  -2.50 |\n"
        "| input 2 |   0.25 |    nan |\n"
    )
    assert markdown(one([1, 0.5], name="bias")).splitlines()[-1] == "|      |      1.0 |      0.5 |"
    network = Network.of(graphs.both_ways().graph)
    made = markdown(named_arrays(network, initial_weights(network, 0))[0])
    assert "| input gate 3 | forget gate 1 |" in made and "|             input 2 |" in made


def test_several_tables_stand_under_their_layers_whatever_those_are_called() -> None:
    made = markdown((one([1.0], "a|b*"), one([2.0], "c\nd")), 1)
    assert [line for line in made.splitlines() if line.startswith("**")] == ["**a\\|b\\***", "**c?d**"]


def test_another_array_has_rows_and_columns() -> None:
    assert "|       row 1 |      1.0 |" in markdown(one([[1.0]], name="moving_mean"))


def test_a_latex_matrix() -> None:
    assert latex(one([[1, -2.5], [1e7, np.inf]]), 1) == (
        "\\begin{bmatrix}\n  1.0 & -2.5 \\\\\n  1.0 \\cdot 10^{7} & \\infty\n\\end{bmatrix}\n"
    )


def test_several_latex_matrices_are_told_apart_by_comments() -> None:
    made = latex((one([1.0], "a\n\\input{x}"), one([2.0], name="bias")), 1).splitlines()
    assert [line for line in made if line.startswith("%")] == ["% a?\\input{x}: kernel", "% layer: bias"]
    assert not any("input" in line for line in made if not line.startswith("%"))


@pytest.mark.parametrize("columns", [AMSMATH_COLUMNS, AMSMATH_COLUMNS + 1])
def test_a_wide_latex_matrix_says_how_many_columns_it_has(columns: int) -> None:
    wide = r"\setcounter{MaxMatrixCols}{11}" in latex(one(np.ones((2, columns))))
    assert wide is (columns > AMSMATH_COLUMNS)


@pytest.mark.parametrize("make", [markdown, latex])
def test_all_digits_give_back_the_same_float32(make: Any) -> None:
    values = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    assert all(str(value) in make(one(values)) for value in values.flat)


@pytest.mark.parametrize("make", [markdown, latex])
def test_what_nobody_can_read_is_refused(make: Any) -> None:
    assert make(one(np.ones((MOST_READ // 100, 100))))
    with pytest.raises(Refused, match="expected at most 10,000 numbers to read, got 10,001"):
        make((one(np.ones(MOST_READ)), one([1.0], name="bias")))
    with pytest.raises(Refused, match="expected arrays with numbers, got the kernel of layer of 0 x 2"):
        make(one(np.ones((0, 2))))


@pytest.mark.parametrize("make", [markdown, latex])
def test_an_array_of_more_axes_is_a_table_for_each_slice(make: Any) -> None:
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2)
    made = make(one(values), 0)
    assert made.count("kernel[:, :,") == 4
    before, _, after = made.partition("kernel[:, :, 2, 1]")
    assert "kernel[:, :, 1, 2]" in before and "kernel[:, :, 2, 2]" in after
    rows = [[str(int(value)) for value in row] for row in values[:, :, 1, 0]]
    assert all(re.search(r" +[|&] +".join(row), after) for row in rows)


# The table of formats


@pytest.mark.parametrize("name", ARRAY_FORMATS)
def test_every_format_gives_the_content_of_a_file(name: str) -> None:
    made = ARRAY_FORMATS[name]
    assert made.name == name and made.suffix.startswith(".")
    arrays = ALL if name == "weights.h5" else ALL[0]
    data = made.data(arrays, 4)
    assert data
    if made.is_text:
        assert data.decode().endswith("\n")
    if not made.has_digits:
        assert data == made.data(arrays, 1)
    else:
        assert data != made.data(arrays, 1)


def test_letters_choose_one_format_each() -> None:
    assert len({made.letter for made in ARRAY_FORMATS.values()}) == len(ARRAY_FORMATS)


def test_one_array_and_several_are_told_apart() -> None:
    assert several(ALL[0]) == (ALL[0],)
    assert several(ALL) is ALL
