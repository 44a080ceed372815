"""The formats in which a calculation or an exercise can be taken away; what makes one is imported once it is needed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from core.export.format import Format

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.practice.sheet import Sheet


def _later(module: str, name: str) -> Callable[..., str | bytes]:
    """Return the function of a writer of calculations that is called so, which is imported when it is first called."""

    def made(*given: object) -> str | bytes:
        written: str | bytes = getattr(import_module(f"core.export.calculation.{module}"), name)(*given)
        return written

    return made


FORMATS = {
    one.name: one
    for one in (
        Format("text", "t", "plain text, as on the page", ".txt", _later("text", "text_page")),
        Format("markdown", "m", "Markdown, as GitHub shows it", ".md", _later("markdown", "markdown_page")),
        Format("latex", "l", "LaTeX, a document for pdflatex", ".tex", _later("latex", "latex_page")),
        Format("python", "p", "a NumPy script that prints the same digits", ".py", _later("script", "python_script")),
        Format("json", "j", "JSON, the numbers with all their digits", ".json", _later("as_json", "calculation_file")),
        Format(
            "xlsx",
            "x",
            "a spreadsheet with live formulas",
            ".xlsx",
            _later("spreadsheet", "spreadsheet"),
            is_text=False,
        ),
    )
}
"""How a calculation can be taken away."""


def _paper(name: str, is_key: bool) -> Callable[[Sheet], str | bytes]:
    def made(sheet: Sheet) -> str | bytes:
        if name == "xlsx":
            from core.export.worksheet_table import table

            return table(sheet, is_key)
        from core.export.worksheet import PAPERS, worksheet

        both = worksheet(sheet, PAPERS[name])
        return both.key if is_key else both.exercise

    return made


_PAPERS = (
    ("text", "t", "plain text", ".txt"),
    ("markdown", "m", "Markdown", ".md"),
    ("latex", "l", "LaTeX", ".tex"),
    ("xlsx", "x", "a spreadsheet that says right or wrong", ".xlsx"),
)

PAPER_FORMATS = tuple(
    Format(name, case(letter), f"{what}, {words}", suffix, _paper(name, stem == "key"), stem, name != "xlsx")
    for stem, what, case in (
        ("worksheet", "worksheet with blanks", str.lower),
        ("key", "key with the answers", str.upper),
    )
    for name, letter, words, suffix in _PAPERS
)
"""How an exercise, and the key to it, can be taken away."""
