"""Whatever a file calls its layers, columns and classes: what is taken away has it as text, and does nothing."""

from __future__ import annotations

import ast
import csv
import io
import re
import zipfile
from html import unescape
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.dataset import DataFile, Dataset
from core.data.files import open_data
from core.data.saved import save_data
from core.export.array_tables import csv as csv_of_arrays
from core.export.arrays import named_arrays
from core.export.formats import ARRAY_FORMATS, FORMATS, PAPER_FORMATS, Format
from core.export.latex_text import ACCENTS, SPECIAL
from core.export.predicted import predicted_file
from core.formatting import Notation
from core.layers.dense import Dense
from core.model.network import Network
from core.no_formula import BEGINS, in_a_cell, is_formula
from core.operations.rounding import Rounding
from core.practice.sheet import Level, by_level, work
from tests.explanations import X, explain_row, random_weights
from tests.nasty_names import NASTY

if TYPE_CHECKING:
    from pathlib import Path

FORMULAS = (
    '=HYPERLINK("http://example.org/?"&A1,"here")',
    "@SUM(1+1)",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\uff1d1+1",
    "\\input{/etc/passwd}",
    "\\write18{id}",
    "a}\\end{document}\\input{x",
    "a\n=1+1",
    "'=1",
    "$(id)",
)

NAMES = st.one_of(
    st.sampled_from([*FORMULAS, *NASTY.values()]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
    st.tuples(st.sampled_from(BEGINS), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)).map("".join),
)

COMMANDS = re.compile(r"\\[a-zA-Z]+")
SHEETS = re.compile(r"'(?:[^']|'')*'!")


def called(first: str, last: str) -> Network:
    """Return a network of two layers with these names, without a slash and not too long, as Keras wants them."""
    first, last = (f"{name[:190]}{end}".replace("/", "|") for name, end in ((first, "a"), (last, "b")))
    return Network.chain(2, (Dense(first, 3, "tanh"), Dense(last, 1)))


PLAIN = called("first", "last")


def made(network: Network) -> dict[Format, bytes]:
    """Return a calculation, an exercise and its key in every format."""
    weights = random_weights(network)
    page = explain_row(network, weights, X, Rounding.SHOWN, Notation(4))
    exercise = by_level(work(network.graph, weights.by_name(network), [X], Rounding.SHOWN, 4), Level.EASY, 0)
    return {one: one.data(page) for one in FORMATS.values()} | {one: one.data(exercise) for one in PAPER_FORMATS}


def require_plain(text: str, ends: str = "\n") -> None:
    odd = {one for one in text if one not in ends and not one.isprintable()}
    assert not odd, odd


def formulas_and_texts(book: bytes) -> tuple[list[str], str]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
        texts = archive.read("xl/sharedStrings.xml").decode()
    formulas = [SHEETS.sub("", unescape(found)) for sheet in sheets for found in re.findall("<f>(.*?)</f>", sheet)]
    return formulas, texts


PLAINLY = made(PLAIN)
LATEX_SIGNS = {*COMMANDS.findall("".join(SPECIAL.values())), *(f"\\{accent}" for accent in ACCENTS.values())}


@settings(max_examples=8)
@given(NAMES)
def test_a_layers_name_is_text_in_every_format(name: str) -> None:
    for one, data in made(called(name, name)).items():
        plainly = PLAINLY[one]
        if not one.is_text:
            formulas, texts = formulas_and_texts(data)
            assert formulas == formulas_and_texts(plainly)[0]
            require_plain(texts)
            continue
        require_plain(data.decode())
        if one.suffix == ".tex":
            assert set(COMMANDS.findall(data.decode())) <= set(COMMANDS.findall(plainly.decode())) | LATEX_SIGNS
        if one.suffix == ".py":
            ours, usual = (
                {node.id for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Name)}
                for script in (data, plainly)
            )
            assert "__import__" not in ours
            assert len(ours) == len(usual)


@settings(max_examples=100)
@given(NAMES)
def test_a_layers_name_is_text_in_every_table_of_arrays(name: str) -> None:
    arrays = named_arrays(called(name, name), random_weights(PLAIN))
    for which in ("markdown", "latex", "literal"):
        require_plain(ARRAY_FORMATS[which].data(arrays).decode())
    text = csv_of_arrays(arrays).decode()
    require_plain(text, "\n\r\t")
    _, *rows = csv.reader(io.StringIO(text, newline=""))
    plainly = list(csv.reader(io.StringIO(csv_of_arrays(named_arrays(PLAIN, random_weights(PLAIN))).decode())))[1:]
    assert [row[2:] for row in rows] == [row[2:] for row in plainly]
    assert not any(cell.startswith(BEGINS) for row in rows for cell in row[:2])
    predicted = predicted_file(".csv", [f"{name}a", name], [np.ones((2, 1)), np.ones((2, 2))]).decode()
    require_plain(predicted)
    assert not any(map(is_formula, next(csv.reader(io.StringIO(predicted)))))


@settings(max_examples=150)
@given(st.lists(NAMES.filter(str.strip), min_size=1, max_size=5, unique=True), st.data())
def test_classes_and_columns_are_text_in_a_file_of_data_that_opens_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], draw: st.DataObject
) -> None:
    labels = draw.draw(st.lists(st.integers(0, len(names) - 1), min_size=1, max_size=6))
    inputs = tuple("".join(one if one.isprintable() else "?" for one in name)[:40] for name in names)
    points = np.arange(len(labels) * len(inputs), dtype=np.float32).reshape(len(labels), -1) + np.float32(0.5)
    data = Dataset(
        points, np.array(labels, np.float32)[:, np.newaxis], DataFile("x.csv", inputs, (inputs[0],)), None, tuple(names)
    )
    path: Path = tmp_path_factory.mktemp("saved") / "saved.csv"
    save_data(path, data)
    text = path.read_text(encoding="utf-8")
    require_plain(text)
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not any(map(is_formula, row)), row
    found = open_data(path)
    assert (found.classes, found.labels.tolist()) == (data.classes, data.labels.tolist())
    np.testing.assert_array_equal(found.points, points)


@given(st.lists(NAMES, unique=True, max_size=20))
def test_no_two_names_are_one_cell(names: list[str]) -> None:
    cells = list(map(in_a_cell, names))
    assert len(set(cells)) == len(names)
    assert not any(map(is_formula, cells))


@pytest.mark.parametrize("name", ["a", "-1", "+2.5", "-1e-3", "-", "+", "setosa", "\u6f22\u5b57", "a-b", "1=2", "x, y"])
def test_ordinary_names_and_numbers_stay_as_they_are(name: str) -> None:
    assert in_a_cell(name) == name
