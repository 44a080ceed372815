"""Reading a person's own data: what was saved comes back bit for bit, what can't be trained on is refused by place."""

from __future__ import annotations

import io
import os
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.arrays import frozen
from core.data import files, table
from core.data.choices import Choices
from core.data.dataset import DataFile, Dataset, SumRule, generate
from core.data.extent import UNIT
from core.data.files import open_data, take, understood
from core.data.model_inputs import model_inputs
from core.data.saved import save_data
from core.errors import Refused
from tests import graphs

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)
WEIGHTS = st.floats(0, 2.0**100, width=32)
INPUT_NAMES = st.sampled_from(
    ["a", "label", "Y", "weight", "id", "x 1", "input: b", "label: c", "class: d", "x,y", "target2"]
)
CLASS_NAMES = st.sampled_from(["setosa", "Yes", "no", "0", "1", "2.5", "a,b", 'say "hi"', "日本", "none", "NA", "true"])
NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P"), include_characters=" "), max_size=9)


@st.composite
def own_data(draw: st.DrawFn) -> Dataset:
    """Data of a file: labels of no, one or several columns, or classes; with weights, names and a shape, or without."""
    rows, shape = draw(st.integers(1, 12)), draw(st.sampled_from([(), (), (2, 2), (3, 1, 2)]))
    inputs = prod(shape) if shape else draw(st.integers(1, 5))
    points = draw(arrays.arrays(np.float32, (rows, inputs), elements=NUMBERS))
    classes = tuple(draw(st.just([]) | st.lists(CLASS_NAMES, min_size=1, max_size=4, unique=True)))
    if classes:
        places = draw(st.lists(st.integers(0, len(classes) - 1), min_size=rows, max_size=rows))
        labels = np.array(places, np.float32)[:, np.newaxis]
    else:
        elements = draw(st.sampled_from([NUMBERS, st.sampled_from([-1.0, 1.0]), st.sampled_from([1.0, 2.0, 3.0])]))
        labels = draw(arrays.arrays(np.float32, (rows, draw(st.integers(0, 3))), elements=elements))
    targets = tuple(draw(st.lists(INPUT_NAMES, min_size=labels.shape[1], max_size=labels.shape[1])))
    inputs_named = () if shape else tuple(draw(st.just([]) | st.lists(INPUT_NAMES, min_size=inputs, max_size=inputs)))
    weights = draw(st.none() | arrays.arrays(np.float32, rows, elements=WEIGHTS))
    if weights is not None:
        weights[draw(st.integers(0, rows - 1))] = 0.5
    held = None if weights is None else frozen(weights)
    return Dataset(frozen(points), frozen(labels), DataFile("any", inputs_named, targets), held, classes, shape)


def require_same(found: Dataset, saved: Dataset) -> None:
    assert found.points.tobytes() == saved.points.tobytes()
    assert (found.labels.shape, found.labels.tobytes()) == (saved.labels.shape, saved.labels.tobytes())
    assert (found.classes, found.shape) == (saved.classes, saved.shape)
    assert (found.weights is None) == (saved.weights is None)
    if found.weights is not None and saved.weights is not None:
        assert found.weights.tobytes() == saved.weights.tobytes()
        assert not found.weights.flags.writeable
    assert not found.points.flags.writeable
    assert not found.labels.flags.writeable


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.mark.parametrize("suffix", [".csv", ".npz"])
@settings(deadline=None, max_examples=150)
@given(data=own_data())
def test_what_was_saved_comes_back_bit_for_bit(folder: Path, suffix: str, data: Dataset) -> None:
    path = folder / f"mine{suffix}"
    save_data(path, data)
    found = open_data(path)
    require_same(found, data)
    assert isinstance(found.origin, DataFile) and isinstance(data.origin, DataFile)
    assert found.origin.name == path.name
    usual = tuple(f"x{place + 1}" for place in range(data.inputs))
    assert (found.origin.inputs or usual) == (data.origin.inputs or usual)
    assert (found.origin.targets or ("label",)) == (data.origin.targets or ("label",))


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 4), st.integers(0, 9), st.sampled_from([0.0, 0.3]))
def test_a_generated_set_is_that_of_its_rule_again(
    folder: Path, points: int, inputs: int, seed: int, noise: float
) -> None:
    made = generate(SumRule(points, inputs, seed=seed, noise=noise))
    save_data(folder / "made.npz", made)
    again = open_data(folder / "made.npz")
    require_same(again, made)
    assert again.origin == made.origin
    save_data(folder / "made.csv", made)
    of_text = open_data(folder / "made.csv")
    require_same(of_text, made)
    assert of_text.origin == DataFile("made.csv")


@pytest.mark.parametrize("rule", ['{"points": 3, "seed": 5}', '{"points": 9}', '{"points": -1}', "[]", "x" * 5000])
def test_a_rule_that_does_not_make_the_points_is_none(tmp_path: Path, rule: str) -> None:
    made = generate(SumRule(3))
    np.savez(tmp_path / "other.npz", points=made.points, labels=made.labels, rule=rule)
    found = open_data(tmp_path / "other.npz")
    require_same(found, made)
    assert found.origin == DataFile("other.npz")


@settings(deadline=None)
@given(st.lists(NAMES.map(str.strip).filter(lambda name: name and name not in ("label", "weight")), min_size=1))
def test_the_names_of_inputs_stay(folder: Path, names: list[str]) -> None:
    columns = frozen(np.ones((2, len(names))))
    save_data(folder / "named.csv", Dataset(columns, frozen([[1], [-1]]), DataFile("any", tuple(names))))
    found = open_data(folder / "named.csv")
    assert isinstance(found.origin, DataFile)
    usual = [f"x{place + 1}" for place in range(len(names))]
    assert list(found.origin.inputs or usual) == names


def csv(tmp_path: Path, text: str | bytes, name: str = "mine.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        "b,label,a,weight\n1,0,-2.5,3\n4,1,1e-3,0\n",
        "\ufeffb,label,a,weight\r\n1,0,-2.5,3\r\n\r\n4,1,1e-3,0\r\n\r\n",
        '"b", label,a,weight \n" 1",0.0,"-2.5",3.\n4,+1,.001,0',
    ],
    ids=["plain", "as spreadsheets write it", "quotes, spaces, no last line end"],
)
@pytest.mark.parametrize("at_once", [1, 100_000])
def test_inputs_are_the_columns_between_in_their_order(
    tmp_path: Path, text: str, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "CELLS_AT_ONCE", at_once)
    found = open_data(csv(tmp_path, text))
    assert found.origin == DataFile("mine.csv", ("b", "a"))
    assert found.weights is not None
    np.testing.assert_array_equal(found.points, np.array([[1, -2.5], [4, 1e-3]], np.float32))
    assert (found.labels.tolist(), found.weights.tolist()) == ([[0], [1]], [3, 0])
    assert found.in_words() == "mine.csv: 2 rows of 2 inputs (b, a), weights from 0 to 3."


def test_whole_numbers_and_columns_of_a_matrix_are_taken(tmp_path: Path) -> None:
    labels = np.array([[True], [False]])
    np.savez_compressed(tmp_path / "mine.npz", points=np.array([[1, -2], [3, 4]], ">i8"), labels=labels)
    found = open_data(tmp_path / "mine.npz")
    assert (found.points.tolist(), found.labels.tolist()) == ([[1, -2], [3, 4]], [[1], [0]])


@pytest.mark.parametrize("shape", [(3, 4, 3), (3, 2, 2), (3, 2, 2, 1)])
def test_labels_of_places_are_taken_in_the_outputs_own_shape(tmp_path: Path, shape: tuple[int, ...]) -> None:
    labels = np.arange(np.prod(shape)).reshape(shape)
    np.savez(tmp_path / "mine.npz", points=np.zeros((3, 2, 2)), labels=labels)
    assert open_data(tmp_path / "mine.npz").labels.tolist() == labels.reshape(3, -1).tolist()


def test_a_picture_shows_all_that_a_files_points_take_up() -> None:
    def extent(points: list[list[float]]) -> tuple[float, ...]:
        return Dataset(frozen(points), frozen([[1]] * len(points)), DataFile("a")).extent

    assert generate(SumRule(5)).extent == UNIT
    assert extent([[-3, 2], [5, 0.25]]) == (-3, 5, 0.25, 2)
    left, right, bottom, top = extent([[2, 3e38], [2, -3e38]])
    assert (left, right) == (1.5, 2.5)
    assert top - bottom > 3.4e38
    left, right, *_ = extent([[1e30, 0]])
    assert left < right


# What is refused


def npz(**held: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **held)
    return buffer.getvalue()


POINTS, LABELS = np.zeros((3, 2), np.float32), np.array([1, -1, 1], np.float32)
WHOLE = npz(points=POINTS, labels=LABELS)
ROWS, ROW = "x1,x2,label\n0.5,1,1\n", "0.5,1,0\n"

REFUSED: dict[str, tuple[str, str | bytes, str]] = {
    "empty": ("a.csv", "", "a.csv is empty: expected rows of numbers, perhaps below a first line of names"),
    "no rows": ("a.csv", "x1,label\n", "a.csv: expected at least a row of numbers, got none; add rows"),
    "no inputs": ("a.csv", "label\n1\n", "a.csv: expected at least an input beside the label, got none; add a column"),
    "two labels": ("a.csv", "label,label,x\n1,1,1\n", "called 'label', got 2: label, label, x; rename the others, or"),
    "two weights": (
        "a.csv",
        "label,weight,weight,x\n1,1,1,2\n",
        "expected at most one column of weights, got weight, weig",
    ),
    "text": (
        "a.csv",
        ROWS + ROW * 2 + "0.5,two,1\n",
        "a.csv, row 4, column x2: expected a number such as -0.25 or 1e-3, got 't",
    ),
    "no cell": (
        "a.csv",
        ROWS + "0.5, ,1\n",
        "a.csv, row 2 has no x2: fill it in, or leave rows with empty cells out (--leave-out-",
    ),
    "a date": (
        "a.csv",
        ROWS + ROW + "2021_05,1,1\n",
        "a.csv, row 3, column x1: expected a number such as -0.25 or 1e-3",
    ),
    "other digits": ("a.csv", ROWS + ROW + "\u0661,1,1\n", "a.csv, row 3, column x1: expected a number such as"),
    "NaN": (
        "a.csv",
        ROWS + "nan,1,1\n" + ROW + "1,?,n/a\n",
        "a.csv, row 2 has no x1; rows 2, 4 have empty cells: fill them in",
    ),
    "infinite": (
        "a.csv",
        ROWS + ROW + "1,-Infinity,1\n",
        "row 3, column x2: expected a finite number, got '-Infinity'",
    ),
    "too large": ("a.csv", ROWS + "1e39,1,1\n", "row 2, column x1: expected a number of at most 3.4e+38, which is"),
    "endless": ("a.csv", ROWS + "1e999,1,1\n", "row 2, column x1: expected a finite number, got inf; correct it"),
    "short": ("a.csv", ROWS + "0.5,1\n", "a.csv, row 2: expected 3 cells, as in the first line, got 2; complete"),
    "long": ("a.csv", ROWS + "0,5,1,1\n", "a.csv, row 2: expected 3 cells, as in the first line, got 4; complete"),
    "a quote": (
        "a.csv",
        ROWS + '"0.5,1,1\n',
        "a.csv, line 3: expected cells between separators (comma), but one is not in",
    ),
    "bytes": (
        "a.csv",
        ROWS.encode() + b"\xff,1,1\n" + ROW.encode() * 2,
        "a.csv, row 2, column x1: expected a number such as",
    ),
    "NUL": (
        "a.csv",
        ROWS + ROW + "0\0,1,1\n",
        "a.csv, row 3, column x1: expected a number such as -0.25 or 1e-3, got '0?'",
    ),
    "below 0": ("a.csv", "x,label,weight\n1,1,1\n1,1,-2\n", "a.csv, row 2, column weight: expected a weight of 0 or m"),
    "all 0": ("a.csv", "x,label,weight\n1,1,0\n", "a.csv, column weight: expected a weight of 0 or more, above 0 in"),
    "no file": ("a.npz", b"", "a.npz: expected an .npz file, as numpy.savez writes it, got nothing; save it again"),
    "an npy": ("a.npz", b"\x93NUMPY\x01\x00", "a.npz: expected an .npz file, as numpy.savez writes it, got another"),
    "cut off": ("a.npz", WHOLE[:-30], "a.npz is damaged and could not be read (File is not a zip file); get it again"),
    "flipped": ("a.npz", WHOLE.replace(b"NUMPY", b"NUMPI"), "a.npz is damaged and could not be read"),
    "no points": (
        "a.npz",
        npz(labels=LABELS),
        "a.npz: expected an array called points, x, features or x_train, got labels;",
    ),
    "words in columns": (
        "a.npz",
        npz(points=POINTS, labels=[["a", "b"]] * 3),
        "labels: expected one name for each point, got",
    ),
    "objects": (
        "a.npz",
        npz(points=POINTS.astype(object), labels=LABELS),
        "points: expected an array of numbers, got",
    ),
    "words": ("a.npz", npz(points=[["a"]], labels=LABELS[:1]), "points: expected an array of numbers, got text (<"),
    "complex": ("a.npz", npz(points=POINTS * 1j, labels=LABELS), "points: expected an array of numbers, got complex"),
    "fields": ("a.npz", npz(points=np.zeros(3, "f4,f4"), labels=LABELS), "expected an array of numbers, got named fie"),
    "one number": (
        "a.npz",
        npz(points=3.0, labels=LABELS),
        "points: expected rows of numbers, got the shape (); reshape",
    ),
    "few labels": (
        "a.npz",
        npz(points=POINTS, labels=LABELS[:2]),
        "labels: expected 3, one for each point, got 2; give as many",
    ),
    "few weights": ("a.npz", npz(points=POINTS, labels=LABELS, weights=[1.0]), "weights: expected 3, one for each poi"),
    "weights of places": (
        "a.npz",
        npz(points=POINTS, labels=LABELS, weights=np.ones((3, 2, 2))),
        "weights: expected 3, one for each point, got the s",
    ),
    "NaN in it": ("a.npz", npz(points=POINTS * np.nan, labels=LABELS), "a.npz, points, row 1, column x1: expected a f"),
    "a weight": (
        "a.npz",
        npz(points=POINTS, labels=LABELS, weights=[1, 1, np.inf]),
        "row 3, column weight: expected a finite",
    ),
    "no points at all": ("a.npz", npz(points=POINTS[:0], labels=LABELS[:0]), "points: expected at least a row of num"),
    "many": ("a.npz", npz(points=np.zeros((1_000_001, 0)), labels=LABELS), "a.npz, points: expected at least an inpu"),
    "suffix": ("a.doc", "x,label\n1,1\n", "expected a data file, whose name ends in one of .csv .tsv .txt"),
    "text in an input": (
        "a.csv",
        "x1,city,label\n1,Rome,1\n",
        "a.csv, row 1, column city: expected a number, got text, 'Rome'; write numbers in its place, or leave",
    ),
    "text for numbers": (
        "a.csv",
        "x1,label\n" + "".join(f"1,{place}.5\n" for place in range(40)) + "1,low\n",
        "a.csv, row 41, column label: expected a number such as -0.25 or 1e-3, got 'low'",
    ),
    "a comma": (
        "a.csv",
        'x1,label\n"1,234",1\n"2,345",0\n',
        "row 1, column x1: expected to know whether the comma is the decimal sign: write",
    ),
    "classes": (
        "a.csv",
        "x1,label\n" + "".join(f"1,a{place}\n" for place in range(10_001)),
        "expected at most 10,000 classes, got 10,001 or more",
    ),
    "two texts": (
        "a.csv",
        "x1,y1,y2\n1,a,1\n",
        "a.csv, column y1: expected numbers, or yes and no, in each of several label columns, got text",
    ),
    "no weights": ("a.csv", "x,label,weight\n1,1,1\n1,1,\n", "a.csv, row 2 has no weight: fill it in"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_trained_on_is_refused_by_its_place(tmp_path: Path, case: str) -> None:
    name, content, sentence = REFUSED[case]
    with pytest.raises(Refused) as refusal:
        open_data(csv(tmp_path, content, name))
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "inputs", "labels"),
    [
        ("x,y_a,y_b,y_c\n5,1,0,0\n6,0,0,1\n", 1, [[1, 0, 0], [0, 0, 1]]),
        ("x,Species_setosa,Species_virginica\n5,True,False\n6,False,True\n", 1, [[1, 0], [0, 1]]),
        ("x,y_a,y_b\n5,1,1\n6,0,1\n", 2, [[1], [1]]),
        ("label,sex_f,sex_m\n5,1,0\n6,0,1\n", 2, [[5], [6]]),
        ("x,a_b,c_d\n5,1,0\n6,0,1\n", 2, [[0], [1]]),
    ],
)
def test_classes_of_one_thing_at_the_end_are_labels_if_one_of_them_is_true_in_each_row(
    tmp_path: Path, content: str, inputs: int, labels: list[list[int]]
) -> None:
    dataset = open_data(csv(tmp_path, content, "a.csv"))
    assert (dataset.inputs, dataset.labels.tolist()) == (inputs, labels)


def _unreadable(folder: Path) -> Iterator[tuple[Path, str]]:
    yield folder / "none.csv", "there is no file "
    folder.joinpath("folder.csv").mkdir()
    yield folder / "folder.csv", "expected a data file, got folder.csv, which is a folder; choose a file"
    os.mkfifo(folder / "pipe.npz")
    yield folder / "pipe.npz", "which is a device or pipe"
    yield Path("x" * 300 + ".csv"), "could not be read: File name too long"
    with (folder / "huge.csv").open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    yield folder / "huge.csv", "huge.csv: expected at most 512 MB, got 513; take a part of it or, if you trust"


def test_what_is_no_file_or_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    for path, sentence in _unreadable(tmp_path):
        with pytest.raises(Refused) as refusal:
            open_data(path)
        assert sentence in str(refusal.value)


def test_more_rows_than_may_be_are_not_read_to_their_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.data.limits.MAX_POINTS", 10)
    monkeypatch.setattr(table, "CELLS_AT_ONCE", 8)
    with pytest.raises(Refused, match=r"got 13 rows of 1 input; take a part of them or, if you trust .*--limits 2 "):
        open_data(csv(tmp_path, "x,label\n" + "1,1\n" * 12 + "never read\n"))


def test_an_array_is_refused_by_its_header_before_it_takes_memory(tmp_path: Path) -> None:
    head = npz(points=np.zeros((99999, 2)), labels=LABELS).replace(b"(99999, 2)", b"(9**99, 2)", 1)
    with pytest.raises(Refused):
        open_data(csv(tmp_path, head, "a.npz"))
    told = io.BytesIO()
    np.lib.format.write_array_header_1_0(told, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)})
    import zipfile

    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        archive.writestr("points.npy", told.getvalue())
    with pytest.raises(Refused, match=r"b\.npz, points: expected at most 1,000,000 rows, 1,000,000 inputs and 20"):
        open_data(tmp_path / "b.npz")


@settings(deadline=None, max_examples=200)
@given(place=st.integers(0, len(WHOLE) - 1), value=st.integers(0, 255), end=st.integers(0, 40))
def test_a_damaged_archive_is_refused_or_read(folder: Path, place: int, value: int, end: int) -> None:
    damaged = bytearray(WHOLE[: len(WHOLE) - end])
    damaged[min(place, len(damaged) - 1)] = value
    try:
        found = open_data(csv(folder, bytes(damaged), "damaged.npz"))
    except Refused as refusal:
        assert "damaged.npz" in str(refusal)
    else:
        assert found.points.shape == POINTS.shape


@settings(deadline=None)
@given(st.text(max_size=60) | st.text('x,label\n01.-+eE" ;weight', max_size=60))
def test_any_text_is_refused_or_read(folder: Path, text: str) -> None:
    try:
        found = open_data(csv(folder, text.encode(errors="surrogatepass"), "any.csv"))
    except Refused as refusal:
        assert "any.csv" in str(refusal)
    else:
        assert np.isfinite(found.points).all()


# An array for each input and output of a model

ONE, TWO = np.arange(6.0).reshape(3, 2), np.arange(10.0, 16.0).reshape(3, 2)
FAR, TIMES = np.array([0.5, 1.5, 2.5]), np.arange(9.0).reshape(3, 3)


@pytest.mark.parametrize(
    "arrays",
    [
        {"two": TWO, "times": TIMES, "far": FAR, "one": ONE},
        {"x1": TWO, "x0": ONE, "y1": TIMES, "y0": FAR},
        {"two": TWO, "one": ONE, "labels": np.column_stack([FAR, TIMES])},
    ],
    ids=["by names", "numbered", "labels together"],
)
def test_arrays_of_several_inputs_and_outputs_stand_beside_each_other(
    arrays: dict[str, np.ndarray], tmp_path: Path
) -> None:
    np.savez(tmp_path / "pair.npz", allow_pickle=False, **arrays)
    choices = Choices().of_model(graphs.branching().graph)
    data = open_data(tmp_path / "pair.npz", choices)
    np.testing.assert_array_equal(data.points, np.column_stack([ONE, TWO]))
    np.testing.assert_array_equal(data.labels, np.column_stack([FAR, TIMES]))
    assert isinstance(data.origin, DataFile)
    assert data.origin.inputs in (("one[1]", "one[2]", "two[1]", "two[2]"), ("x0[1]", "x0[2]", "x1[1]", "x1[2]"))
    predicted_of = model_inputs(str(tmp_path / "pair.npz"), graphs.branching().graph)
    np.testing.assert_array_equal(data.points, np.concatenate(predicted_of, axis=1))


def test_labels_of_several_outputs_are_chosen_by_their_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "pair.npz", one=ONE, two=TWO, a=FAR, b=TIMES)
    choices = Choices(labels=("a", "b")).of_model(graphs.branching().graph)
    read = understood(tmp_path / "pair.npz", choices)
    assert read.how == "one 3 x 2, two 3 x 2, a 3, b 3 x 3" and read.choices.labels == ("a", "b")
    data = take(tmp_path / "pair.npz", read)
    np.testing.assert_array_equal(data.labels, np.column_stack([FAR, TIMES]))
    assert isinstance(data.origin, DataFile) and data.origin.targets == ("a", "b[1]", "b[2]", "b[3]")


def test_arrays_of_several_inputs_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    choices = Choices().of_model(graphs.branching().graph)
    np.savez(tmp_path / "pair.npz", one=ONE, two=TWO[:2])
    with pytest.raises(Refused, match="expected arrays of as many rows, got one 3, two 2"):
        open_data(tmp_path / "pair.npz", choices)
    np.savez(tmp_path / "pair.npz", one=ONE, other=TWO)
    with pytest.raises(Refused, match=r"of several inputs an array for each: one, two, or x0, x1 \.\.\.$"):
        open_data(tmp_path / "pair.npz", choices)
