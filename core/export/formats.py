"""Format: one way of taking something away, and all that there are: of a calculation, of an exercise, of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Format:
    """One format: its name, the letter that chooses it, what it is in words, and how its files end.

    ``maker`` is the function of this package that makes it, which is imported when it is first needed. It takes what
    is taken away, then ``told`` and, where it ``has_digits``, how many decimal places are written, None for all. It
    gives text, or bytes where ``is_text`` is false: such a format can be saved, but not copied. Files are called
    ``stem`` unless a person says otherwise.
    """

    name: str
    letter: str
    words: str
    suffix: str
    maker: str
    stem: str = "calculation"
    is_text: bool = True
    has_digits: bool = False
    told: tuple[object, ...] = ()

    def make(self, taken: Any, digits: int | None = None) -> str | bytes:
        """Return what is taken away in this format.

        Raises:
            Refused: it is too much for this format, or of another kind.
        """
        module, _, name = self.maker.rpartition(".")
        maker = getattr(import_module(f"core.export.{module}"), name)
        made: str | bytes = maker(taken, *self.told, *([digits] if self.has_digits else []))
        return made

    def data(self, taken: Any, digits: int | None = None) -> bytes:
        """Return the content of a file; raises what :meth:`make` does."""
        made = self.make(taken, digits)
        return made.encode() if isinstance(made, str) else made


SHEET = "calculation.spreadsheet.spreadsheet"

FORMATS = {
    one.name: one
    for one in (
        Format("text", "t", "plain text, as on the page", ".txt", "calculation.text.text_page"),
        Format("markdown", "m", "Markdown, as GitHub shows it", ".md", "calculation.text.markdown_page"),
        Format("latex", "l", "LaTeX, a document for pdflatex", ".tex", "calculation.latex.latex_page"),
        Format("python", "p", "a NumPy script that prints the same digits", ".py", "calculation.script.python_script"),
        Format("json", "j", "JSON, the numbers with all their digits", ".json", "calculation.as_json.calculation_file"),
        Format("xlsx", "x", "a spreadsheet with live formulas", ".xlsx", SHEET, is_text=False),
    )
}
"""How a calculation can be taken away."""

_PAPERS = (
    ("text", "t", "plain text", ".txt", "worksheet.on_paper", ("text",)),
    ("markdown", "m", "Markdown", ".md", "worksheet.on_paper", ("markdown",)),
    ("latex", "l", "LaTeX", ".tex", "worksheet.on_paper", ("latex",)),
    ("xlsx", "x", "a spreadsheet that says right or wrong", ".xlsx", "worksheet_table.table", ()),
)

PAPER_FORMATS = tuple(
    Format(name, case(letter), f"{what}, {words}", suffix, maker, stem, name != "xlsx", told=(stem == "key", *paper))
    for stem, what, case in (
        ("worksheet", "worksheet with blanks", str.lower),
        ("key", "key with the answers", str.upper),
    )
    for name, letter, words, suffix, maker, paper in _PAPERS
)
"""How an exercise, and the key to it, can be taken away."""

OF_KERAS = "Keras's .weights.h5 of all arrays, for load_weights"

ARRAY_FORMATS = {
    one.name: one
    for one in (
        Format("literal", "p", "Python, for set_weights", ".py", "arrays.literal", "weights", has_digits=True),
        Format("npy", "n", "NumPy's file of one array", ".npy", "arrays.npy", "weights", is_text=False),
        Format("npz", "z", "NumPy's file of several arrays", ".npz", "arrays.npz", "weights", is_text=False),
        Format("weights.h5", "h", OF_KERAS, ".weights.h5", "weight_files.weights_h5", "model", is_text=False),
        Format("safetensors", "t", "safetensors", ".safetensors", "weight_files.safetensors", "weights", is_text=False),
        Format("csv", "c", "CSV, all digits", ".csv", "array_tables.csv", "weights"),
        Format("markdown", "m", "Markdown tables", ".md", "array_tables.markdown", "weights", has_digits=True),
        Format("latex", "l", "LaTeX matrices", ".tex", "array_tables.latex", "weights", has_digits=True),
    )
}
"""How arrays can be taken away."""


def by_ending(formats: Mapping[str, Format], name: str | None, usual: str) -> str:
    """Return which of ``formats`` a file's name asks for by how it ends; the ``usual`` one if it ends otherwise."""
    endings = {one.suffix: one.name for one in formats.values()}
    return next((made for ending, made in endings.items() if name and name.lower().endswith(ending)), usual)
