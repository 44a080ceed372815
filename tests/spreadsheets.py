"""Spreadsheet files read back, and their formulas calculated by a second hand: a small evaluator of what byhand writes.

It knows the operators, functions and references that stand in byhand's files and refuses all others, so that a file
that needs more than a spreadsheet was seen to do fails here.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class Cell:
    """What a file holds for a cell: its formula without the equals sign, if it has one, and the value kept with it."""

    formula: str | None
    value: float | str


Sheets = dict[str, dict[str, Cell]]
"""The cells of each sheet by their addresses, such as C5."""


def read(data: bytes) -> Sheets:
    """Return the cells of the file's sheets, in their order."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        tree = {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist() if ".xml" in name}
    texts = ["".join(part.itertext()) for part in tree.get("xl/sharedStrings.xml", [])]
    targets = {part.attrib["Id"]: part.attrib["Target"] for part in tree["xl/_rels/workbook.xml.rels"]}
    return {
        sheet.attrib["name"]: dict(_cells(tree["xl/" + targets[sheet.attrib[RELATION]].removeprefix("/xl/")], texts))
        for sheet in tree["xl/workbook.xml"].iter(f"{MAIN}sheet")
    }


def _cells(sheet: ElementTree.Element, texts: list[str]) -> Any:
    for cell in sheet.iter(f"{MAIN}c"):
        value, formula = cell.findtext(f"{MAIN}v"), cell.findtext(f"{MAIN}f")
        if value is not None:
            kind = cell.attrib.get("t", "n")
            known: float | str = float(value) if kind == "n" and value else texts[int(value)] if kind == "s" else value
            yield cell.attrib["r"], Cell(formula, known)


def change(data: bytes, sheet: int, address: str, value: float) -> bytes:
    """Return the file with another number in one cell; the values that are kept with formulas stay as they were."""
    made = io.BytesIO()
    name = f"xl/worksheets/sheet{sheet}.xml"
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            content = old.read(item)
            if item == name:
                pattern = rf'(<c r="{address}"[^>]*><v>)[^<]*(</v>)'
                text, count = re.subn(pattern, rf"\g<1>{value!r}\g<2>", content.decode())
                assert count == 1, f"expected one number at {address}"
                content = text.encode()
            new.writestr(item, content)
    return made.getvalue()


class Evaluator:
    """Calculates every formula anew from the numbers that are given; what is kept with a formula is never looked at."""

    def __init__(self, sheets: Sheets) -> None:
        self._sheets = sheets
        self._known: dict[tuple[str, str], Any] = {}

    def value(self, sheet: str, address: str) -> Any:
        """Return the value of a cell."""
        place = (sheet, address)
        if place not in self._known:
            cell = self._sheets[sheet][address]
            self._known[place] = cell.value if cell.formula is None else _Parser(self, sheet, cell.formula).result()
        return self._known[place]

    def block(self, sheet: str, first: str, last: str) -> Any:
        """Return the values from one corner to the other as an array."""
        (left, top), (right, bottom) = _place(first), _place(last)
        return np.array(
            [
                [self._number(sheet, f"{_letters(column)}{row}") for column in range(left, right + 1)]
                for row in range(top, bottom + 1)
            ]
        )

    def _number(self, sheet: str, address: str) -> Any:
        """Return the value of a cell of a range; an empty one is 0 to those who multiply or add."""
        return self.value(sheet, address) if address in self._sheets[sheet] else 0.0


def _place(address: str) -> tuple[int, int]:
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", address).groups()  # type: ignore[union-attr]
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return column, int(digits)


def _letters(column: int) -> str:
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _round(values: Any, digits: float) -> Any:
    """Round as a spreadsheet does: the 15 digits that it has of a number, half away from zero."""
    places = Decimal(1).scaleb(-int(digits))
    rounded = [float(Decimal(f"{value:.15g}").quantize(places, ROUND_HALF_UP)) for value in np.ravel(values).tolist()]
    return np.reshape(rounded, np.shape(values))[()]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ABS": np.abs,
    "ERF": math.erf,
    "EXP": np.exp,
    "INDEX": lambda values, at: float(np.ravel(values)[int(at) - 1]),
    "POWER": lambda value, power: value**power,
    "TRUNC": np.trunc,
    "IF": lambda condition, yes, no: yes if condition else no,
    "LARGE": lambda values, k: np.sort(np.ravel(values))[-int(k)],
    "LN": np.log,
    "MAX": lambda *values: max(float(np.max(value)) for value in values),
    "MIN": lambda *values: min(float(np.min(value)) for value in values),
    "ROUND": _round,
    "SQRT": np.sqrt,
    "SUM": lambda *values: sum(float(np.sum(value)) for value in values),
    "SUMPRODUCT": lambda *values: np.sum(np.prod(values, axis=0)),
    "TANH": np.tanh,
}

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}

LEVELS = (("<=", ">=", "<>", "<", ">", "="), ("+", "-"), ("*", "/"), ("^",))
"""Operators, those that bind least first; as in every spreadsheet, a sign binds more than a power."""

TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?(?:E[+-]?\d+)?)|(?P<name>[A-Z]+(?=\())"
    r"|(?P<cell>(?:'[^']+'!)?\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)|(?P<sign><=|>=|<>|[-+*/^(),<>=])"
)


class _Parser:
    def __init__(self, cells: Evaluator, sheet: str, formula: str) -> None:
        self._cells, self._sheet = cells, sheet
        self._tokens, at = [], 0
        while at < len(formula):
            match = TOKEN.match(formula, at)
            assert match, f"a formula that the evaluator does not know: {formula!r} at {formula[at:]!r}"
            self._tokens.append((match.lastgroup, match.group()))
            at = match.end()

    def result(self) -> Any:
        with np.errstate(all="ignore"):
            value = self._level(0)
        assert not self._tokens, f"left over: {self._tokens}"
        return value

    def _level(self, level: int) -> Any:
        if level == len(LEVELS):
            return self._signed()
        value = self._level(level + 1)
        while self._tokens and self._tokens[0][1] in LEVELS[level]:
            value = OPERATORS[self._take()](value, self._level(level + 1))
        return value

    def _signed(self) -> Any:
        if self._tokens[0][1] == "-":
            self._take()
            return -self._signed()
        kind, text = self._tokens.pop(0)
        if kind == "number":
            return float(text)
        if kind == "cell":
            return self._reference(text)
        arguments = self._arguments(opened=text == "(")
        return FUNCTIONS[text](*arguments) if kind == "name" else arguments[0]

    def _arguments(self, opened: bool) -> list[Any]:
        assert opened or self._take() == "("
        found = [self._level(0)]
        while (sign := self._take()) == ",":
            found.append(self._level(0))
        assert sign == ")"
        return found

    def _reference(self, text: str) -> Any:
        sheet, _, address = text.rpartition("!")
        sheet = sheet.strip("'") or self._sheet
        first, _, last = address.replace("$", "").partition(":")
        return self._cells.block(sheet, first, last) if last else self._cells.value(sheet, first)

    def _take(self) -> str:
        return self._tokens.pop(0)[1]
