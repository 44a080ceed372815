"""A calculation as Markdown: for each call a heading, formulas and tables, then the line that made each number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.printed import MARK
from core.export.calculation.checked import drift_words
from core.export.calculation.text import (
    MOST_BESIDE,
    conclusion,
    formulas,
    given,
    headline,
    legend,
    rows,
    section_lines,
)
from core.export.markdown import escaped, table_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.export.calculation.explanation import Explanation, Section


def markdown_page(explanation: Explanation) -> str:
    """Return the whole calculation as Markdown, as GitHub shows it."""
    lines = [f"# {escaped(explanation.title)}", "", explanation.rule.replace("   ", ", ")]
    lines += ["", escaped(changed)] if (changed := explanation.not_by_hand) else []
    body = [line for section in explanation.sections for line in _section(explanation, section)]
    if any(f" {MARK}" in line.replace("\\", "") for line in body):
        lines += ["", escaped(legend(explanation))]
    lines += ["", *fenced(given(explanation)), *body, "", "## Prediction", "", *fenced(conclusion(explanation))]
    return "\n".join(lines) + "\n"


def fenced(lines: list[str]) -> list[str]:
    """Return lines as a block in which nothing means anything: no line of a name's can end it."""
    longest = max((len(run) for line in lines for run in _ticks(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *lines, fence]


def _ticks(line: str) -> list[str]:
    return "".join(character if character == "`" else " " for character in line).split()


def _section(explanation: Explanation, section: Section) -> Iterator[str]:
    yield from ("", f"## {escaped(section.title)}", "")
    head = [line for line in (headline(explanation, section), drift_words(explanation, section)) if line]
    yield from fenced([*head, *formulas(explanation, section)])
    for group in section.groups:
        for start in range(0, len(group), MOST_BESIDE):
            values = group[start : start + MOST_BESIDE]
            names = [escaped(str(explanation.symbols.whole(value, value.call))) for value in values]
            body = [[where, *map(_cell, texts)] for where, texts in rows(explanation, values)]
            yield from ("", *table_rows([["", *names], *body]))
    lines = list(section_lines(explanation, section))
    yield from ("", *fenced(lines)) if lines else ()


def _cell(text: str) -> str:
    return text.replace(MARK, rf"\{MARK}")
