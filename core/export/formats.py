"""The formats in which a calculation can be taken away; what makes one is imported when it is asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.export.calculation.explanation import Explanation
    from core.practice.sheet import Sheet


@dataclass(frozen=True)
class Format:
    """One format: its name, the letter that chooses it, what it is in words, and how its files end.

    Files are called ``stem`` unless a person says otherwise.
    ``make`` gives text, or bytes where ``is_text`` is false: such a format can be saved, but not copied.
    """

    name: str
    letter: str
    words: str
    suffix: str
    make: Callable[[Explanation], str | bytes]
    is_text: bool = True
    stem: str = "calculation"

    def data(self, explanation: Explanation) -> bytes:
        """Return the content of a file.

        Raises:
            Refused: the calculation is too large for this format.
        """
        made = self.make(explanation)
        return made.encode() if isinstance(made, str) else made


def json_text(value: dict[str, Any]) -> str:
    """Return an object as a JSON file; NaN and the infinities must have been made None before."""
    return json.dumps(value, indent=2, allow_nan=False) + "\n"


def _text(explanation: Explanation) -> str:
    from core.export.calculation.text import text_page

    return text_page(explanation)


def _markdown(explanation: Explanation) -> str:
    from core.export.calculation.markdown import markdown_page

    return markdown_page(explanation)


def _latex(explanation: Explanation) -> str:
    from core.export.calculation.latex import latex_page

    return latex_page(explanation)


def _python(explanation: Explanation) -> str:
    from core.export.calculation.script import python_script

    return python_script(explanation)


def _json(explanation: Explanation) -> str:
    from core.export.calculation.as_json import calculation_json

    return json_text(calculation_json(explanation))


def _xlsx(explanation: Explanation) -> bytes:
    from core.export.calculation.spreadsheet import spreadsheet

    return spreadsheet(explanation)


FORMATS = {
    one.name: one
    for one in (
        Format("text", "t", "plain text, as on the page", ".txt", _text),
        Format("markdown", "m", "Markdown, as GitHub shows it", ".md", _markdown),
        Format("latex", "l", "LaTeX, a document for pdflatex", ".tex", _latex),
        Format("python", "p", "a NumPy script that prints the same digits", ".py", _python),
        Format("json", "j", "JSON, the numbers with all their digits", ".json", _json),
        Format("xlsx", "x", "a spreadsheet with live formulas", ".xlsx", _xlsx, is_text=False),
    )
}
"""How a calculation can be taken away."""


@dataclass(frozen=True)
class PaperFormat:
    """A format of an exercise, or of the key to it: what a :class:`Format` is, made of an exercise."""

    name: str
    letter: str
    words: str
    suffix: str
    stem: str
    is_text: bool = True

    def data(self, sheet: Sheet) -> bytes:
        """Return the content of a file.

        Raises:
            Refused: none of the blanks is on the page.
        """
        is_key = self.stem == "key"
        if not self.is_text:
            from core.export.worksheet_table import table

            return table(sheet, is_key)
        from core.export.worksheet import PAPERS, worksheet

        made = worksheet(sheet, PAPERS[self.name])
        return (made.key if is_key else made.exercise).encode()


_PAPERS = (
    ("text", "t", "plain text", ".txt"),
    ("markdown", "m", "Markdown", ".md"),
    ("latex", "l", "LaTeX", ".tex"),
    ("xlsx", "x", "a spreadsheet that says right or wrong", ".xlsx"),
)

PAPER_FORMATS = (
    *(
        PaperFormat(name, letter, f"worksheet with blanks, {words}", suffix, "worksheet", name != "xlsx")
        for name, letter, words, suffix in _PAPERS
    ),
    *(
        PaperFormat(name, letter.upper(), f"key with the answers, {words}", suffix, "key", name != "xlsx")
        for name, letter, words, suffix in _PAPERS
    ),
)
"""How an exercise, and the key to it, can be taken away."""
