"""A sheet on paper: the calculation with blanks where numbers are to be found, and the key to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.export.calculation.explanation import Explanation
from core.export.calculation.latex import SIGNS, latex_body, latex_document
from core.export.calculation.markdown import markdown_page
from core.export.calculation.text import text_page
from core.export.latex_text import BLANK, number_in_math, tex
from core.export.markdown import escaped
from core.formatting import Notation, count
from core.operations.rounding import Rounding
from core.practice.key import key_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from core.calculation.calculated import Spot
    from core.practice.key import KeyAnswer
    from core.practice.sheet import Sheet

TOLERANCE = "Behind each answer stands how far a right one may be from it: so much can rounding on the way do."
ROOM = "Room to write"


@dataclass(frozen=True)
class Worksheet:
    """What the learner gets, and what the teacher keeps."""

    exercise: str
    key: str


@dataclass(frozen=True)
class Paper:
    """How a worksheet is written in one format.

    ``opening`` is a title with a sentence, ``name`` a line for name and date, ``body`` a calculation, ``room`` where a
    number with this symbol is worked out, ``answer`` a line of the key, ``part`` what belongs to a layer under its
    name, and ``whole`` all of it as a file.
    """

    opening: Callable[[str, str], str]
    name: str
    body: Callable[[Explanation], str]
    room: Callable[[str], str]
    answer: Callable[[KeyAnswer], str]
    part: Callable[[str, list[str]], str]
    whole: Callable[[str], str] = str


def worksheet(sheet: Sheet, paper: Paper) -> Worksheet:
    """Return the worksheet and its key; a blank number is blank wherever it stands.

    Raises:
        Refused: there are no blanks, or none of them is on the page, which leaves out the end of wide values.
    """
    page = blanked(sheet)
    body = paper.body(page)
    asked = [spot for spot in sheet.blanks if _is_written(sheet, page, spot)]
    if not asked:
        why = "; it leaves out the end of wide layers: choose others" if sheet.blanks else ""
        raise Refused(f"expected blanks on the page, got none{why}")
    answers = [key_answer(sheet, spot) for spot in asked]
    exercise = [
        paper.opening("Worksheet", f"{count(len(asked), 'number')} to find, at {BLANK}."),
        paper.name,
        body,
        paper.opening(ROOM, ""),
        *_by_layer(sheet, ((one.spot, paper.room(one.symbol)) for one in answers), paper),
    ]
    opening = paper.opening("Key", f"{count(len(asked), 'answer')}. {TOLERANCE}")
    key = [opening, *_by_layer(sheet, ((one.spot, paper.answer(one)) for one in answers), paper)]
    return Worksheet(*(paper.whole("\n".join(part)) for part in (exercise, key)))


def blanked(sheet: Sheet) -> Explanation:
    """Return the page that is practised on, blank where a number is to be found; Keras's, the answer, is not on it."""
    work = sheet.work
    page = Explanation(work.page, work.rounding, Notation(work.digits), work.afresh[0])
    return replace(page, hides=lambda place: sheet.blank(place) is not None, task=task(sheet))


def _is_written(sheet: Sheet, page: Explanation, spot: Spot) -> bool:
    """Return whether a blank is on the page: in its own value, or in the line that a missing weight is found by."""
    shown = sheet.results.get(spot, spot)
    return shown.index in page.shown(sheet.work.page.value_of(shown))


def task(sheet: Sheet) -> str:
    """Return what a learner is to do about digits."""
    places = count(sheet.work.digits, "digit") + " after the point"
    if sheet.work.rounding is Rounding.CARRIED:
        return f"round each result to {places}, half away from zero, and go on with the rounded one"
    return f"calculate with all the digits that you have, and write down {places}"


def _by_layer(sheet: Sheet, parts: Iterable[tuple[Spot, str]], paper: Paper) -> Iterator[str]:
    """Give what belongs to each layer under its name; of a missing input, to that by which it is found."""
    by_layer: dict[tuple[str, ...], list[str]] = {}
    for spot, text in parts:
        by_layer.setdefault(sheet.results.get(spot, spot).call, []).append(text)
    for call, texts in by_layer.items():
        yield paper.part(shorten("/".join(call)), texts)


# Plain text

LINE_TO_WRITE = 72
"""Dots of a line to write on."""


def _text_opening(title: str, words: str) -> str:
    return f"{title}. {words}".strip() + "\n"


def _text_room(symbol: str) -> str:
    lines = (f"  {lead:>6} {'.' * LINE_TO_WRITE}" for lead in (f"{symbol} =", "=", "="))
    return "\n\n".join(lines) + "\n"


def _text_part(name: str, texts: Sequence[str]) -> str:
    return "\n".join([name, *texts, ""])


# Markdown


def _markdown_opening(title: str, words: str) -> str:
    return f"**{title}.** {escaped(words)}".strip() + "\n"


def _markdown_room(symbol: str) -> str:
    return f"`{symbol} =`\n" + "\n&nbsp;\n" * 3


def _markdown_part(name: str, texts: Sequence[str]) -> str:
    return "\n".join([f"## {escaped(name)}", "", *texts, ""])


# LaTeX


def _latex_opening(title: str, words: str) -> str:
    return f"\\textbf{{{title}.}} {tex(words)}".strip() + "\n"


def _latex_room(symbol: str) -> str:
    return rf"${_typeset(symbol)} =$ \dotfill\\[2ex]\mbox{{}}\dotfill\\[2ex]\mbox{{}}\dotfill\vspace{{2ex}}"


def _latex_answer(answer: KeyAnswer) -> str:
    # A long line of numbers breaks as text does.
    made = rf"\texttt{{{tex(answer.line)}}} ${SIGNS.get(answer.sign, answer.sign)}$ "
    number, tolerance = number_in_math(answer.text), number_in_math(answer.tolerance)
    return rf"${_typeset(answer.symbol)} =$ {made}$\mathbf{{{number}}} \pm {tolerance}$"


def _latex_part(name: str, texts: Sequence[str]) -> str:
    return "\n\n".join([rf"\section*{{{tex(name)}}}", *texts])


def _typeset(symbol: str) -> str:
    """Return z12 with its numbers as an index, as the letter of a late layer, h9_2, has one already; a name as text."""
    letter = re.fullmatch(r"([a-zA-Z])(\d+_)?([\d,]*)", symbol)
    if letter is None:
        return rf"\text{{{tex(symbol)}}}"
    index = ",".join(filter(None, [(letter[2] or "").removesuffix("_"), letter[3]]))
    return f"{letter[1]}_{{{index}}}" if index else letter[1]


_NAME = f"Name {'.' * 40}  Date {'.' * 20}\n"

PAPERS = {
    "text": Paper(_text_opening, _NAME, text_page, _text_room, lambda answer: f"  {answer.in_words}", _text_part),
    "markdown": Paper(
        _markdown_opening, _NAME, markdown_page, _markdown_room, lambda answer: f"- `{answer.in_words}`", _markdown_part
    ),
    "latex": Paper(
        _latex_opening,
        r"Name \hrulefill\quad Date \makebox[4cm]{\hrulefill}" + "\n",
        latex_body,
        _latex_room,
        _latex_answer,
        _latex_part,
        latex_document,
    ),
}
"""How a worksheet can be written."""
