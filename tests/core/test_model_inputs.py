"""What a model is given: numbers, by name or not, and files, always with the points first; anything else is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.data.model_inputs import model_inputs, one_point
from core.errors import Refused
from core.model.files.graph_config import HOLDS
from core.model.graph import Graph, Input

if TYPE_CHECKING:
    from pathlib import Path


def graph(**inputs: tuple[int | None, ...]) -> Graph:
    return Graph("model", tuple(Input(name, shape) for name, shape in inputs.items()), (), (), ())


ONE, TWO, STEPS = graph(x=(2,)), graph(one=(2,), two=(3,)), graph(steps=(None, 2))
TABLE = [[0.5, 0.25], [1.0, 2.0]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    texts = {
        "plain.csv": "0.5,0.25\n1,2\n",
        "named.csv": "a,b,label\n0.5,0.25,1\n1,2,-1\n",
        "index.csv": "id;a;b\n1;0,5;0,25\n2;1,0;2,0\n",
        "empty.csv": "a,b\n0.5,0.25\n1,\n",
        "gap.csv": "a,b\n0.5,0.25\n,\n1,2\n,\n",
        "words.csv": "a,b\nyes,0.25\nno,1\n",
        "wide.tsv": "1\t2\t3\t4\t5\n6\t7\t8\t9\t10\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "latin.csv").write_bytes(b"a,b\n" + b"0.5,0.25\n" * 30_000 + b"\xff,1\n")
    np.save("many.npy", TABLE)
    np.save("row.npy", TABLE[0])
    np.save("none.npy", np.zeros((0, 2)))
    np.save("column.npy", [1.0, 2.0, 3.0])
    np.save("text.npy", ["a"])
    np.savez("named.npz", two=np.ones((2, 3)), one=TABLE, other=[1])
    np.savez("counted.npz", x1=np.ones((2, 3)), x0=TABLE, y0=[1])
    np.savez("more.npz", x0=TABLE, x1=TABLE)
    (tmp_path / "plain.json").write_text("[[1, 2]]")
    (tmp_path / "lr=0.1.csv").write_text("0.5,0.25\n1,2\n")
    np.savez("alone.npz", anything=TABLE)
    np.savez("unknown.npz", a=TABLE, b=TABLE)
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 no archive")
    (tmp_path / "folder.npy").mkdir()
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "given",
    [
        "[[0.5,0.25],[1,2]]",
        "plain.csv",
        "named.csv",
        "index.csv",
        "many.npy",
        "alone.npz",
        "x=many.npy",
        "x0 = plain.csv",
        "lr=0.1.csv",
    ],
)
def test_points_are_the_same_however_they_are_given(given: str) -> None:
    (points,) = model_inputs(given, ONE)
    np.testing.assert_array_equal(points, TABLE)
    point = one_point(given, ONE)
    np.testing.assert_array_equal(point.arrays[0], TABLE[0])
    another = f"row 1 of 2; '{given} row 2' takes the second" if "." in given[-4:] else "the first of 2 points; another"
    assert point.told.startswith(f"x is {another}")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("given", ["plain.csv row 2", "many.npy ROW 2", "x=alone.npz row 2", "named.csv row2"])
def test_a_row_of_a_file_is_a_point(given: str) -> None:
    (points,) = model_inputs(given, ONE)
    np.testing.assert_array_equal(points, TABLE[1:])
    assert one_point(given, ONE).told == ""


def test_numbers_in_a_row_are_those_of_all_inputs_with_one_length_where_it_is_not_fixed() -> None:
    one, two = model_inputs("1,2,3,4,5", TWO)
    assert one.tolist() == [[1, 2]] and two.tolist() == [[3, 4, 5]]
    first, second = model_inputs("1 2 3 4 5 6", graph(first=(None, 2), second=(None,)))
    assert first.tolist() == [[[1, 2], [3, 4]]] and second.tolist() == [[5, 6]]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("given", ["0.5,0.25", "0,5 0,25", "[0.5, 0.25]", "row.npy", "x=1/2 1/4"])
def test_a_point_alone_is_a_batch_of_one(given: str) -> None:
    (points,) = model_inputs(given, ONE)
    np.testing.assert_array_equal(points, TABLE[:1])


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "given", ["named.npz", "counted.npz", "two=[[1,1,1],[1,1,1]], one=many.npy", "[[0.5,0.25,1,1,1],[1,2,1,1,1]]"]
)
def test_several_inputs_are_found_by_their_names_and_by_their_numbers(given: str) -> None:
    one, two = model_inputs(given, TWO)
    np.testing.assert_array_equal(one, TABLE)
    np.testing.assert_array_equal(two, np.ones((2, 3)))


@pytest.mark.usefixtures("folder")
def test_rows_of_a_table_are_cut_into_the_inputs_and_into_their_shapes() -> None:
    one, two = model_inputs("wide.tsv", TWO)
    assert one.tolist() == [[1, 2], [6, 7]] and two.tolist() == [[3, 4, 5], [8, 9, 10]]
    assert model_inputs("plain.csv", STEPS)[0].tolist() == [[[0.5, 0.25]], [[1, 2]]]
    assert model_inputs("1,2,3,4", STEPS)[0].tolist() == [[[1, 2], [3, 4]]]
    assert model_inputs("many.npy", STEPS)[0].shape == (1, 2, 2)
    assert model_inputs("plain.csv", graph(image=(1, 2, 1)))[0].shape == (2, 1, 2, 1)


@pytest.mark.usefixtures("folder")
def test_a_last_axis_of_one_may_be_there_or_not() -> None:
    assert model_inputs("column.npy", graph(x=(1,)))[0].shape == (3, 1)
    assert model_inputs("column.npy", graph(x=()))[0].shape == (3,)
    np.save("images.npy", np.zeros((2, 4, 4)))
    assert model_inputs("images.npy", graph(x=(4, 4, 1)))[0].shape == (2, 4, 4, 1)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("given", "model", "said"),
    [
        ("1,2,3", ONE, "expected 2 numbers separated by commas, got 3"),
        ("[[1,2],[3]]", ONE, "expected 2 numbers"),
        ("[[1,2,3]]", ONE, r"expected 'x' of shape \(any, 2\), or \(2\) for one point, got \(1, 3\)"),
        ("wide.tsv", ONE, "expected rows of 2 numbers for x, got wide.tsv with 5 columns; take the others out of it"),
        ("plain.csv", TWO, "expected rows of 5 numbers for one, two, got plain.csv with 2 columns; a row needs all"),
        ("empty.csv", ONE, r"empty.csv, row 2 has no b: fill it in$"),
        ("gap.csv", ONE, "gap.csv, row 2 is empty: fill it in, or take it out"),
        ("gap.csv row 2", ONE, "gap.csv, row 2 is empty"),
        ("words.csv", ONE, r"words.csv, row 1, column a: expected a number, got text, .*; write numbers in its place$"),
        ("latin.csv", ONE, r"latin.csv, line 30,002: expected text in .*; save it as UTF-8$"),
        ("gone.csv", ONE, "there is no file gone.csv"),
        ("gone.npz", ONE, "there is no file gone.npz"),
        ("broken.npz", ONE, "broken.npz is damaged and could not be read"),
        (".", ONE, r"expected a file that ends in .npz, .npy, .csv, .*, got \.$"),
        ("plain.json", ONE, r"expected a file that ends in .npz, .npy, .csv, .*, got plain.json$"),
        ("more.npz", ONE, "expected x0 for x in more.npz, got x1 too"),
        ("two=plain.csv", ONE, r"expected a name of the inputs \(x\) before =, got 'two'"),
        ("One=1,2 two=1,2,3", TWO, r"expected a name of the inputs \(one, two\) before =, got 'One'"),
        ("folder.npy", ONE, "got folder.npy, which is a folder; choose a file"),
        (f"{'a' * 5000}.npy", ONE, "expected arrays of numbers in a"),
        ("text.npy", ONE, "expected arrays of numbers, got <U1"),
        ("unknown.npz", ONE, r"expected the inputs as x0, x1 ... or as x in unknown.npz, got other names: a, b"),
        ("unknown.npz", TWO, "got other names: a, b"),
        ("many.npy", TWO, "expected an .npz file with an array for each of one, two, got many.npy"),
        ("1,2", TWO, "expected 5 numbers, those of one, two in a row, or one=... two=..., got 2; an .npz file"),
        ("one=1,2", TWO, "expected each of the inputs one, two once, got one"),
        ("one=1,2, tow=1,2,3", TWO, "expected each of the inputs one, two once, got one, tow"),
        ("[[1,2,3]]", TWO, r"of all the numbers of one, two, or one=... two=..., got shape \(1, 3\)"),
        ("[[[1]]]", TWO, r"got shape \(1, 1, 1\)"),
        ("one=1,2 one=3,4 two=1,2,3", TWO, "got one, one, two"),
        ("one=many.npy two=1,2,3", TWO, "expected as many points of each input, got one 2, two 1"),
        ("1,2,3", STEPS, "expected 2, 4, 6 numbers or so on, because steps is any x 2, got 3"),
        ("many.npy row 3", ONE, "expected a row from 1 to 2 of many.npy, got 3"),
        ("many.npy row 0", ONE, "expected nothing after many.npy, or which row, as in 'row 7', got 'row 0'"),
        ("cat.png 0..2", ONE, r"expected 0..255, 0..1, -1..1 or resized after cat.png, got '0..2'"),
        ("cat.png", TWO, r"expected something for each of one, two, as in one=cat.png ..., got one picture"),
    ],
)
def test_what_does_not_fit_is_refused(given: str, model: Graph, said: str) -> None:
    with pytest.raises(Refused, match=said):
        model_inputs(given, model)


@pytest.mark.usefixtures("folder")
def test_no_point_is_no_point_to_explain() -> None:
    assert model_inputs("none.npy", ONE)[0].shape == (0, 2)
    with pytest.raises(Refused, match=r"expected a point in none.npy, the points first, got none"):
        one_point("none.npy", ONE)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int16", "int32", "uint32"])
def test_numbers_that_the_type_of_an_input_does_not_hold_are_refused(dtype: str) -> None:
    least, greatest = HOLDS[dtype]
    model = Graph("model", (Input("x", (2,), whole=True, most=(least, greatest)),), (), (), ())
    assert model_inputs(f"{least},{greatest}", model)[0].shape == (1, 2)
    for wrong in (2 * least - 2, 2 * greatest + 2):
        with pytest.raises(Refused, match=r"expected numbers from .* for 'x', as its type holds them, got .*; Keras"):
            model_inputs(f"0,{wrong}", model)
