"""An exercise as a spreadsheet: a row for each blank, with a cell to type in and one that says right or wrong."""

from __future__ import annotations

import io
from math import ceil
from typing import TYPE_CHECKING

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell

from core.export.worksheet import TOLERANCE, blanked, task
from core.formatting import count
from core.practice.telling import key_answer, question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from core.practice.sheet import Sheet

    Looks = dict[str, Format]

FIRST = 6
"""The row of the first blank; above it stand title, name, task, model and headings."""

WIDE = 90
"""Characters in a line of the column of words, about."""

ROOM = 2
"""Empty lines below each question, to write on where the sheet is printed."""

LINE_HEIGHT, HIGHEST = 15, 400
"""Points of a line, and of the highest row that spreadsheets have, about."""

RIGHT, WRONG = "right", "not right"

COLUMNS = (("number", 9), ("how it is made", WIDE), ("your number", 14), ("", 10))
KEY_COLUMNS = (("number", 9), ("worked out", WIDE), ("answer", 14), ("+-", 12), ("a learner's", 14), ("", 10))
"""Headings and widths; the last two are those of a box to type in and of what is said of the number in it."""


def _looks(book: Workbook, digits: int) -> Looks:
    """Return how cells look: ``typed`` may be changed in a protected sheet, ``said`` doesn't show its formula."""
    top = {"valign": "top"}
    made = {
        "title": {"bold": True, "font_size": 13},
        "heading": {"bold": True, "bottom": 1},
        "words": {**top, "text_wrap": True},
        "number": top,
        "answer": {**top, "num_format": f"0.{'0' * digits}"},
        "typed": {**top, "border": 1, "locked": False},
        "said": {**top, "bold": True, "hidden": True},
    }
    return {name: book.add_format(look) for name, look in made.items()}


def table(exercise: Sheet, is_key: bool) -> bytes:
    """Return the worksheet, whose formulas hide the answers from a glance, or the key, which has them in cells."""
    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    looks, sheet = _looks(book, exercise.work.digits), book.add_worksheet("Key" if is_key else "Worksheet")
    columns = KEY_COLUMNS if is_key else COLUMNS
    _head(exercise, sheet, looks, sheet.get_name(), TOLERANCE if is_key else f"{task(exercise)}; type it in the box.")
    for column, (heading, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(FIRST - 1, column, heading, looks["heading"])
    for row, spot in enumerate(exercise.blanks, start=FIRST):
        answer = key_answer(exercise, spot)
        _words(sheet, row, (answer.symbol, answer.line if is_key else question(exercise, spot, {})), looks)
        value, tolerance = answer.text, answer.tolerance
        if is_key:
            sheet.write_number(row, 2, float(value), looks["answer"])
            sheet.write_number(row, 3, float(tolerance), looks["number"])
            value, tolerance = (xl_rowcol_to_cell(row, column) for column in (2, 3))
        _verdict(sheet, row, len(columns) - 2, value, tolerance, looks)
    _total(sheet, FIRST + len(exercise.blanks), len(columns) - 1, looks)
    if not is_key:
        # Without a password: nothing is typed over by mistake, and the answers are not seen in the formulas.
        sheet.protect("", {"format_columns": True, "format_rows": True})
    book.close()
    return buffer.getvalue()


def _head(exercise: Sheet, sheet: Worksheet, looks: Looks, title: str, words: str) -> None:
    sheet.write_string(0, 0, f"{title}: {count(len(exercise.blanks), 'number')}", looks["title"])
    for row, (name, text) in enumerate((("model", blanked(exercise).title), ("task", words)), start=1):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text)
    for column, name in ((0, "name"), (2, "date")):
        sheet.write_string(3, column, name)
        sheet.write_blank(3, column + 1, None, looks["typed"])
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.freeze_panes(FIRST, 0)


def _words(sheet: Worksheet, row: int, texts: Sequence[str], looks: Looks) -> None:
    lines = max(ceil(len(text) / WIDE) for text in texts) + ROOM
    sheet.set_row(row, min(lines * LINE_HEIGHT, HIGHEST))
    for column, text in enumerate(texts):
        sheet.write_string(row, column, text, looks["words"])


def _verdict(sheet: Worksheet, row: int, column: int, value: str, tolerance: str, looks: Looks) -> None:
    """Write a box to type in, and beside it what is said of the number in it; nothing while there is none."""
    typed = xl_rowcol_to_cell(row, column)
    sheet.write_blank(row, column, None, looks["typed"])
    # What the spreadsheet's own subtraction is off by makes nothing wrong.
    said = f'IF(ABS({typed}-({value}))<={tolerance}*1.000001,"{RIGHT}","{WRONG}")'
    sheet.write_formula(row, column + 1, f'=IF(ISNUMBER({typed}),{said},"")', looks["said"], "")


def _total(sheet: Worksheet, row: int, column: int, looks: Looks) -> None:
    first, last = (xl_rowcol_to_cell(at, column) for at in (FIRST, row - 1))
    sheet.write_string(row + 1, column - 1, "right in all", looks["number"])
    sheet.write_formula(row + 1, column, f'=COUNTIF({first}:{last},"{RIGHT}")', looks["number"], 0)
