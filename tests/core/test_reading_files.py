"""Data files as they are elsewhere: encodings, dialects, Parquet, Excel, and arrays as other libraries save them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.cells import Numbers, plain_numbers
from core.data.checks import require_inputs
from core.data.choices import AS_UNDERSTOOD, Choices, Role
from core.data.dataset import DataFile, Dataset
from core.data.dialect import cells_of
from core.data.editing import with_row_added, without_rows
from core.data.encoding import in_words
from core.data.files import open_data, take, understood
from core.errors import Refused

ROWS = [[0.5, -1234.5, 0], [1e-3, 2, 1], [-7, 0.25, 1], [3, 1.5, 0]]


def written(rows: list[list[float]], separator: str, decimal: str) -> str:
    return "".join(separator.join(f"{cell:g}".replace(".", decimal) for cell in row) + "\n" for row in rows)


def require_rows(found: Dataset, names: tuple[str, ...] = ()) -> None:
    np.testing.assert_array_equal(found.points, np.array(ROWS, np.float32)[:, :2])
    np.testing.assert_array_equal(found.labels, np.array(ROWS, np.float32)[:, 2:])
    assert isinstance(found.origin, DataFile) and found.origin.inputs == names


@pytest.mark.parametrize(
    ("encoding", "name", "called"),
    [
        ("utf-8", "Höhe", "UTF-8"),
        ("utf-8-sig", "Höhe", "UTF-8 with a BOM"),
        ("utf-16", "高さ", "UTF-16"),
        ("utf-16-le", "Höhe", "UTF-16"),
        ("utf-16-be", "Höhe", "UTF-16"),
        ("utf-32", "Höhe", "UTF-32"),
        ("cp932", "高さ", "CP932 (Shift-JIS)"),
        ("cp932", "ﾀｶｻ", "CP932 (Shift-JIS)"),
        ("latin-1", "Höhe", "Latin-1"),
    ],
)
def test_the_encoding_of_a_file_is_found(tmp_path: Path, encoding: str, name: str, called: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(f"{name},b,y\n{written(ROWS, ',', '.')}".encode(encoding))
    assert in_words(understood(path).choices.encoding) == called
    require_rows(open_data(path), (name, "b"))


def test_the_encoding_can_be_chosen_and_one_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(f"é,b,y\n{written(ROWS, ',', '.')}".encode("cp1252"))
    require_rows(open_data(path, Choices(encoding="cp1252")), ("é", "b"))
    for encoding, sentence in (
        ("utf-8", "expected text in UTF-8, got something else; save it as UTF-8, or choose another encoding"),
        ("klingon", "expected an encoding such as utf-8, utf-16, cp932 or latin-1, got 'klingon'"),
    ):
        with pytest.raises(Refused, match=sentence):
            open_data(path, Choices(encoding=encoding))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([",", ";", "\t", "|", "  "]),
    st.sampled_from([".", ","]),
    st.booleans(),
    st.sampled_from(["utf-8-sig", "utf-16", "cp932"]),
)
def test_every_dialect_gives_the_same_numbers(
    tmp_path_factory: pytest.TempPathFactory, separator: str, decimal: str, header: bool, encoding: str
) -> None:
    if separator == decimal:
        return
    path = tmp_path_factory.mktemp("dialects") / "mine.txt"
    text = (separator.join(["高さ", "b", "label"]) + "\n") * header + written(ROWS, separator, decimal)
    path.write_bytes(text.encode(encoding))
    found = understood(path)
    assert (found.choices.separator.strip(" "), found.choices.decimal) == (separator.strip(" "), decimal)
    assert found.choices.header is header
    require_rows(open_data(path), ("高さ", "b") if header else ())


def test_what_was_chosen_is_done_whatever_the_beginning_shows(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("1,5;2;9\n2,5;3;8\n")
    assert open_data(path).points.tolist() == [[1.5, 2], [2.5, 3]]
    assert open_data(path, Choices(decimal=",", labels=("1",))).labels.tolist() == [[1.5], [2.5]]
    assert open_data(path, Choices(labels=())).points.tolist() == [[1.5, 2, 9], [2.5, 3, 8]]
    assert open_data(path, Choices(without=("2",))).points.tolist() == [[1.5], [2.5]]
    assert open_data(path, Choices(header=True)).points.tolist() == [[2.5, 3]]
    with pytest.raises(Refused, match="expected a separator: comma, semicolon, tab, bar, spaces or another single"):
        open_data(path, Choices(separator="two"))


def test_rows_with_empty_cells_are_named_and_left_out_if_that_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("a,b,label\n1,,0\n2,3,1\n4,NA,1\n5,6,\n7,8,0\n")
    with pytest.raises(Refused, match="row 1 has no b; rows 1, 3, 4 have empty cells: fill them in, or leave rows"):
        open_data(path)
    found = open_data(path, Choices(leave_out=True))
    assert (found.points.tolist(), found.labels.tolist()) == ([[2, 3], [7, 8]], [[1], [0]])
    assert "Rows 1, 3, 4 left out: empty cells; in brackets are the file's own row numbers." in found.in_words()
    assert [found.row_in_words(row) for row in range(2)] == ["row 1 (2 in the file)", "row 2 (5 in the file)"]
    assert "empty cells in rows 1, 3, 4 (of 5 that were looked at)" in understood(path).problems
    changed = without_rows(with_row_added(found, 0, {}).after, [0]).after
    assert [changed.row_number(row) for row in range(2)] == ["1 (5)", "2"]
    path.write_text("id,a,b,label\n0,1,2,0\n1,2,3,1\n2,4,,1\n")
    found = open_data(path, Choices(leave_out=True))
    assert "Column id left out: an index; row 3 left out: empty cells." in found.in_words()
    assert (found.row_in_words(1), found.file_rows) == ("row 2", None)


ABOVE = {
    "# made by a machine\n#, with no care\n\na,b,y\n": 3,
    "# a,b,y\n": 0,
    "# of the 3rd of May\n#a,b,y\n": 1,
    "Measured in May\na,b,y\n": 1,
    "Measured in May,,\nby hand,,\n,,\na,b,y\n": 3,
    "Report, 2024\n\na,b,y\n": 2,
    "a,b,y\n": 0,
}
"""What stands above rows -> how many lines of it are not of the table."""


@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_comments_and_titles_above_a_table_are_none_of_it(tmp_path: Path, above: str, separator: str) -> None:
    path = tmp_path / "mine.csv"
    head = above if "Report" in above else above.replace(",", separator)
    if "Report" in above:
        head = head.replace("a,b,y", separator.join("aby"))
    path.write_text(head + written(ROWS, separator, "."))
    assert understood(path).choices.skip == ABOVE[above]
    require_rows(open_data(path), ("a", "b"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (",x,y\n7,1,0\n8,2,1\n", ("x",)),
        ("x,y\n7,1,0\n8,2,1\n", ("x",)),
        ("x,y\nfirst,1,0\nsecond,2,1\n", ("x",)),
        ("#,x,y\n1,1,0\n2,2,1\n", ("x",)),
        ("x\n1\n2\n", ()),
    ],
)
def test_a_narrower_line_of_names_is_no_title(tmp_path: Path, text: str, names: tuple[str, ...]) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text)
    found = understood(path)
    assert found.choices.skip == 0
    assert tuple(found.columns[place].name for place in found.of_role(Role.INPUT)) == names
    if names:
        assert open_data(path).labels[:, 0].tolist() == [0, 1]


def test_first_lines_are_left_out_as_it_was_chosen(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("1,2\n3,4\na,b,y\n" + written(ROWS, ",", "."))
    require_rows(open_data(path, Choices(skip=2)), ("a", "b"))
    assert "2 lines above the table left out" in open_data(path, Choices(skip=2)).in_words()
    path.write_text("cat,,,\n" + "dog,1,2,3\n" * 4)
    assert understood(path).choices.skip == 1
    path.write_text("a,b\n1,2,3,0\n2,3,4,1\n")
    assert understood(path).choices.skip == 0


@pytest.mark.parametrize(
    ("text", "inputs", "advice", "choices"),
    [
        ("id,a,b,label\n0,1,2,0\n1,2,3,1\n", 3, r"take id as an input \(--without none", Choices(without=())),
        ("a,b,c\n1,2,3\n2,3,1\n", 3, r"take all of them as inputs \(--labels none", Choices(labels=())),
        ("a,b,p,q\n1,2,0,1\n2,3,1,0\n", 2, r"name all label columns \(--labels;", Choices(labels=("p", "q"))),
        ("a,b,p,q\n1,2,0,1\n2,3,1,0\n", 2, r"those that are no inputs \(--without;", Choices(without=("a",))),
    ],
)
def test_what_is_advised_for_a_model_of_other_inputs_makes_the_data_fit_it(
    tmp_path: Path, text: str, inputs: int, advice: str, choices: Choices
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text)
    with pytest.raises(Refused, match=advice):
        require_inputs(open_data(path), inputs)
    require_inputs(open_data(path, choices), inputs)


# Parquet and Excel


def parquet(path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as writer

    columns = dict(zip("aby", map(list, zip(*ROWS, strict=True)), strict=True))
    columns["y"] = [int(label) for label in columns["y"]]
    writer.write_table(pyarrow.table(columns), path)


def excel(path: Path) -> None:
    book = pytest.importorskip("openpyxl").Workbook()
    for row in (["Measured", None, "in May"], [], ["a", "b", "y", None], *ROWS):
        book.active.append(row)
    book.save(path)


SHEETS: dict[str, tuple[Any, str]] = {"mine.parquet": (parquet, "pyarrow"), "mine.xlsx": (excel, "openpyxl")}


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_read_as_a_table_of_text_is(tmp_path: Path, name: str) -> None:
    write, _ = SHEETS[name]
    write(tmp_path / name)
    require_rows(open_data(tmp_path / name), ("a", "b"))
    assert open_data(tmp_path / name, Choices(labels=("a",))).labels[:, 0].tolist() == pytest.approx(
        [row[0] for row in ROWS]
    )
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-40])
    with pytest.raises(Refused, match=f"{name} is damaged and could not be read"):
        open_data(tmp_path / name)


@pytest.mark.parametrize("name", SHEETS)
def test_without_its_reader_the_extra_to_install_is_named(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = SHEETS[name][1]
    for module in [module for module in sys.modules if module.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(Refused, match=rf"{name}: expected the package {package}, .* pip install 'byhand\[tables\]'"):
        open_data(tmp_path / name)


# Arrays

IMAGES = np.arange(6 * 2 * 3 * 2, dtype=np.uint8).reshape(6, 2, 3, 2)
DIGITS = np.array([0, 1, 2, 0, 1, 2], np.uint8)


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
@pytest.mark.parametrize("labels", ["y", "labels", "Y"])
def test_points_of_any_rank_are_rows_of_numbers_with_their_shape(tmp_path: Path, rank: int, labels: str) -> None:
    points = IMAGES.reshape(6, *IMAGES.shape[1:rank], -1)[..., 0] if rank < 4 else IMAGES
    points = points.reshape(6) if rank == 1 else points
    arrays: dict[str, Any] = {"x": points, labels: DIGITS[:, np.newaxis]}
    np.savez(tmp_path / "mine.npz", **arrays)
    found = open_data(tmp_path / "mine.npz")
    np.testing.assert_array_equal(found.points, points.reshape(6, -1).astype(np.float32))
    assert found.shape == (points.shape[1:] if points.ndim > 2 else ())
    assert found.labels[:, 0].tolist() == DIGITS.tolist()


def test_train_and_test_of_keras_mnist_are_joined_and_the_split_between_them_is_named(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {"x_train": IMAGES[:4], "y_train": DIGITS[:4], "x_test": IMAGES[4:], "y_test": DIGITS[4:]}
    np.savez(tmp_path / "mnist.npz", **arrays)
    found = open_data(tmp_path / "mnist.npz")
    np.testing.assert_array_equal(found.points, IMAGES.reshape(6, -1))
    assert (found.shape, found.labels[:, 0].tolist()) == ((2, 3, 2), DIGITS.tolist())
    assert "4 rows of x_train, then 2 of x_test; a validation split of 0.33 keeps the latter" in found.in_words()


def test_one_part_of_an_archive_is_taken_alone_where_both_are_more_than_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mnist.npz"
    arrays: dict[str, Any] = {"x_train": IMAGES[:4], "y_train": DIGITS[:4], "x_test": IMAGES[4:], "y_test": DIGITS[4:]}
    np.savez(path, **arrays)
    found = open_data(path, Choices(part="test"))
    np.testing.assert_array_equal(found.points, IMAGES[4:].reshape(2, -1))
    assert found.labels[:, 0].tolist() == DIGITS[4:].tolist()
    assert "mnist.npz: 2 rows of 12 inputs. The test part alone." in found.in_words()
    for module in ("limits", "checks"):
        monkeypatch.setattr(f"core.data.{module}.MAX_NUMBERS", 30)
    with pytest.raises(Refused, match=r"x_train and x_test: .* got 6 rows .*: test alone can be taken \(--part test"):
        open_data(path)
    assert "test alone can be taken" in understood(path).problems[0]
    monkeypatch.setattr("core.data.arrays.Archive.load", lambda held, name: arrays[name] if "test" in name else 1 / 0)
    assert len(open_data(path, Choices(part="test"))) == 2
    np.savez(tmp_path / "other.npz", x=IMAGES, y=DIGITS)
    with pytest.raises(Refused, match="expected an array x_test, of which the test part is taken alone, got x, y"):
        open_data(tmp_path / "other.npz", Choices(part="test"))
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    with pytest.raises(Refused, match=r"mine.csv: expected an .npz file, whose test part is taken alone"):
        open_data(tmp_path / "mine.csv", Choices(part="test"))


@pytest.mark.parametrize(
    ("points", "labels", "choices"),
    [
        ("x.npy", "y.npy", AS_UNDERSTOOD),
        ("X_train.npy", "Y_train.npy", AS_UNDERSTOOD),
        ("digits-images.npy", "digits-labels.npy", AS_UNDERSTOOD),
        ("mine.npy", "others.npy", Choices(labels=("others.npy",))),
        ("x.npy", "y.npy", Choices(labels=())),
    ],
)
def test_a_pair_of_npy_files_is_read_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, points: str, labels: str, choices: Choices
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save(points, IMAGES)
    np.save(labels, DIGITS)
    found = open_data(Path(points), choices)
    assert found.shape == (2, 3, 2)
    assert found.labels.T.tolist() == ([] if choices.labels == () else [DIGITS.tolist()])


def test_labels_of_an_archive_may_be_names(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", x=np.zeros((3, 2)), y=np.array(["b", "a", "b"]))
    found = open_data(tmp_path / "mine.npz")
    assert (found.classes, found.labels[:, 0].tolist()) == (("a", "b"), [1, 0, 1])


# Numbers, many at once

CELL = st.from_regex(r"[+-]?[0-9]{1,4}([.,][0-9]{1,3}){0,3}(e[+-]?[0-9])?|[ .,]*[0-9., +-]{0,9}", fullmatch=True)


@settings(max_examples=300)
@given(st.lists(CELL, min_size=1, max_size=4), st.sampled_from([".", ",", ""]))
def test_cells_read_at_once_are_those_read_one_by_one(cells: list[str], decimal: str) -> None:
    numbers = Numbers(decimal)
    at_once = numbers._at_once(cells)
    if at_once is not None:
        np.testing.assert_array_equal(at_once, [numbers._one(place, cell) for place, cell in enumerate(cells)])


QUOTED = st.sampled_from(
    ["1", '"1"', '"1', '1"', '"1"2', '1"2"', '""', '"1""2"', ' "3"', '"3" ', "-.5", '"-.5"', "-,5", '"0,5"', "1.5"]
)
GROUPED = st.sampled_from(
    ["-1,234.5", '"1,234.5"', '"1.234,5"', "1.234.567,5", "0.123,5", "12345.678,5", '"1,234', "234,567.25", ",5.123"]
)


@settings(max_examples=400)
@given(
    st.lists(st.lists(QUOTED | GROUPED, min_size=2, max_size=2), min_size=1, max_size=3),
    st.sampled_from(",;\t "),
    st.sampled_from([".", ",", ""]),
    st.sampled_from(["\n", "\r\n", ""]),
)
def test_what_numpy_reads_at_once_is_what_csv_reads(
    rows: list[list[str]], separator: str, decimal: str, end: str
) -> None:
    lines = [separator.join(row) + end for row in rows]
    held = plain_numbers(lines, separator, decimal)
    if held is not None:
        cells = list(cells_of(lines, separator))
        np.testing.assert_array_equal(held, [[Numbers(decimal)._one(0, cell) for cell in row] for row in cells])


def test_of_many_columns_each_is_found_by_what_it_is_called_however_many_are_alike(tmp_path: Path) -> None:
    many = 1_200
    names = [f"in{place}" for place in range(many)] + ["same", "same"] + [f"label_{place}" for place in range(many)]
    path = tmp_path / "wide.csv"
    rows = [",".join(str(row + place % 3) for place in range(len(names))) for row in range(4)]
    path.write_text("\n".join([",".join(names), *rows]))
    told = understood(path)
    data = take(path, told)
    assert (data.inputs, data.labels.shape) == (many + 2, (4, many))
    assert data.labels[1, :5].tolist() == [1 + (many + 2 + place) % 3 for place in range(5)]
    chosen = msgspec.structs.replace(told.choices, without=("same", "in0", "in1"))
    with pytest.raises(Refused, match="expected one column called 'same', got several; name it by its number"):
        understood(path, chosen)
    chosen = msgspec.structs.replace(told.choices, without=(str(many + 1), "IN0", "in1"))
    again = understood(path, chosen)
    assert again.choices.without == ("in0", "in1", str(many + 1)), "what is not one column's name is its number"
    assert understood(path, again.choices) == again
    assert take(path, again).inputs == many - 1
