"""A pasted array: a table from a spreadsheet, CSV, or a Python or NumPy literal; taken whole or refused whole."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import numpy as np

from core.editing.held import FLOAT32_MAX, place_name
from core.errors import Refused, shorten
from core.formatting import count
from core.half_width import half_width, with_semicolons
from core.model.literal import MAX_TEXT, parse_array, parse_number

if TYPE_CHECKING:
    from core.arrays import Array

_LITERAL = re.compile(r"\s*+(?:[\[(]|(?:np\.|numpy\.)?array\s*+\()")

_WORD = re.compile(r"(?<![\w.])[^\W\d]\w*+")
"""A word that is no part of a number and follows no dot."""

_OF_LITERALS = frozenset({"array", "np", "numpy", "dtype", "float32"})

_EITHER_WAY = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
"""A number that is 1.234 in one country and 1234 in another."""

_ONLY_SPACES_BETWEEN = re.compile(r"[0-9.] ++[-+.0-9]")
"""Two numbers that nothing but spaces separates, so that a comma elsewhere is a decimal one."""

_PLAIN = re.compile(r"[+-]?(?:[0-9]{1,50}(?:[.,][0-9]{0,50})?|[.,][0-9]{1,50})(?:[eE][+-]?[0-9]{1,3})?")
"""A decimal number of usual length, with a point or a comma."""

Table = list[list[str]]


def parse_pasted(text: str, shape: tuple[int, ...]) -> Array:
    """Return the pasted numbers as an array of ``shape``, in float64.

    Columns of a table are separated by tabs, else semicolons (``、`` is one), else commas, else spaces; where no comma
    separates them it may be the decimal sign. A vector may be pasted as one row or as one column.

    Raises:
        Refused: the text is too long, ragged, of another shape, or a cell is no number that float32 holds; the
            sentence names the first bad cell (row, column) and what it held.
    """
    if len(text) > MAX_TEXT:
        raise Refused(f"expected at most {MAX_TEXT:,} characters, got {len(text):,}; a large array can come from .npy")
    if not text.strip():
        raise Refused("expected a table or an array such as [[1.0], [1.0]], got nothing")
    if _LITERAL.match(half_width(text)):
        _refuse_words(half_width(text))
        values = parse_array(text)
    else:
        values = _numbers(_table(with_semicolons(text), shape))
    return _fitted(values, shape)


def _refuse_words(text: str) -> None:
    """Refuse a literal that holds a word, such as nan, by the cell that it stands in."""
    for match in _WORD.finditer(text):
        if match.group() not in _OF_LITERALS:
            before = text[: match.start()].rstrip("+-")
            row = max(len(re.findall(r"[\[(](?=\s*+[^\[(\s])", before + "0")), 1)
            column = len(re.split(r"[\[(]", before)[-1].replace(",", " ").split()) + 1
            raise Refused(f"row {row:,}, column {column:,}: expected a number, got {shorten(match.group())!r}")


def _table(text: str, shape: tuple[int, ...]) -> Table:
    """Return the cells in the reading that has the wanted shape, or in the first one."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    tables = [_split(lines, separator) for separator in _separators(text)]
    fitting = (table for table in tables if _fits((len(table), len(table[0])), shape))
    return next(fitting, tables[0])


def _separators(text: str) -> tuple[str, ...]:
    for separator in "\t;":
        if separator in text:
            return (separator,)
    return (" ",) if "," not in text or _ONLY_SPACES_BETWEEN.search(text) else (",", " ")


def _split(lines: list[str], separator: str) -> Table:
    if separator == " ":
        return [line.split() for line in lines]
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator, strict=True)]
    except csv.Error as error:
        raise Refused(f"expected a table of numbers, got one that cannot be read ({error})") from None


def _numbers(table: Table) -> Array:
    _refuse_two_meanings(table)
    values = np.empty((len(table), len(table[0])))
    for row, cells in enumerate(table):
        if len(cells) != len(table[0]):
            wanted = count(len(table[0]), "number")
            raise Refused(f"row {row + 1:,}: expected {wanted} as in the first row, got {len(cells):,}")
        try:
            for column, text in enumerate(cells):
                values[row, column] = _number(text)
        except Refused as refusal:
            raise Refused(f"{place_name((row, column))}: {refusal}") from None
    return values


def _number(text: str) -> float:
    """Return the number in a cell; a usual decimal one ten times sooner than ``parse_number`` does."""
    if not _PLAIN.fullmatch(text):
        return parse_number(text)
    text = text.replace(",", ".")
    value = float(text)
    return value if abs(value) <= FLOAT32_MAX else parse_number(text)


def _refuse_two_meanings(table: Table) -> None:
    """Refuse decimal commas beside decimal points, and commas that may as well separate thousands."""
    cells = [(row, column, text) for row, texts in enumerate(table) for column, text in enumerate(texts)]
    commas = [(row, column, text) for row, column, text in cells if "," in text]
    if not commas:
        return
    row, column, text = commas[0]
    if any("." in text for _, _, text in cells):
        why = "a decimal comma in a table with decimal points"
    elif all(_EITHER_WAY.fullmatch(text) for _, _, text in commas):
        why = "which may be a decimal comma or one between thousands"
    else:
        return
    raise Refused(f"{place_name((row, column))}: got {shorten(text)!r}, {why}; write it with a decimal point")


def _fits(got: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether the shapes are the same; a vector is one row, or one column, too."""
    if got == wanted:
        return True
    one_is_a_vector = min(len(got), len(wanted)) <= 1
    return one_is_a_vector and [size for size in got if size != 1] == [size for size in wanted if size != 1]


def _fitted(values: Array, shape: tuple[int, ...]) -> Array:
    if not _fits(values.shape, shape):
        raise Refused(f"expected {_size(shape)}, got {_size(values.shape)}")
    return values.reshape(shape)


def _size(shape: tuple[int, ...]) -> str:
    match shape:
        case ():
            return "one number"
        case (numbers,):
            return count(numbers, "number")
        case (rows, columns):
            return f"{count(rows, 'row')} of {count(columns, 'number')}"
        case _:
            return f"an array of shape {shape}"
