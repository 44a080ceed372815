"""An exercise to be done on paper: the calculation with blanks where numbers are to be found, and the key to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.calculation.spot import symbol
from core.errors import Refused, shorten
from core.export.explanation import BLANK, explain_trace
from core.export.latex import document, in_math, latex_body
from core.export.latex_text import number_in_math, tex
from core.export.markdown import escaped, markdown_page
from core.export.text import text_page
from core.formatting import Notation, count
from core.operations.rounding import Rounding
from core.practice.key import key_answer
from core.practice.sources import source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from core.calculation.spot import Spot
    from core.export.explanation import Explanation
    from core.practice.exercise import Exercise
    from core.practice.key import KeyAnswer

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
    whole: Callable[[Explanation, str], str]


def worksheet(exercise: Exercise, paper: Paper) -> Worksheet:
    """Return the worksheet and its key; a blank number is blank wherever it stands.

    Raises:
        Refused: there are no blanks, or none of them is on the page, which leaves out the middle of wide layers.
    """
    page = plain_page(exercise)
    wanted = {source(page.network, spot): spot for spot in exercise.blanks}
    seen: set[Spot] = set()

    def written(spot: Spot) -> str:
        made_at = source(page.network, spot)
        if made_at not in wanted:
            return page.written(spot)
        seen.add(made_at)
        return BLANK

    body = paper.body(replace(page, written=written, task=task(exercise)))
    asked = [spot for made_at, spot in wanted.items() if made_at in seen]
    if not asked:
        why = "; it leaves out the middle of wide layers: choose others" if wanted else ""
        raise Refused(f"expected blanks on the page, got none{why}")
    rooms = ((spot.step, paper.room(symbol(page.network, spot))) for spot in asked)
    answers = ((spot.step, paper.answer(key_answer(exercise, spot))) for spot in asked)
    sheet = [
        paper.opening("Worksheet", f"{count(len(asked), 'number')} to find, at {BLANK}."),
        paper.name,
        body,
        paper.opening(ROOM, ""),
        *_by_layer(page, rooms, paper),
    ]
    opening = paper.opening("Key", f"{count(len(asked), 'answer')}. {TOLERANCE}")
    key = [opening, *_by_layer(page, answers, paper)]
    return Worksheet(*(paper.whole(page, "\n".join(part)) for part in (sheet, key)))


def plain_page(exercise: Exercise) -> Explanation:
    """Return the page that is practised on, with nothing blank; Keras's prediction, the answer, is not on it."""
    work = exercise.calculation
    return explain_trace(work.network, work.page, work.rounding, Notation(work.digits))


def task(exercise: Exercise) -> str:
    """Return what a learner is to do about digits."""
    places = count(exercise.calculation.digits, "digit") + " after the point"
    if exercise.calculation.rounding is Rounding.CARRIED:
        return f"round each result to {places}, half away from zero, and go on with the rounded one"
    return f"calculate with all the digits that you have, and write down {places}"


def _by_layer(page: Explanation, parts: Iterable[tuple[int, str]], paper: Paper) -> Iterator[str]:
    """Give what belongs to each layer under its name."""
    by_layer: dict[int, list[str]] = {}
    for place, text in parts:
        by_layer.setdefault(place, []).append(text)
    for place, texts in by_layer.items():
        yield paper.part(shorten(page.network.layers[place].name), texts)


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
    made = rf"\texttt{{{tex(answer.line)}}} ${in_math(answer.sign)}$ " if answer.line else ""
    number, tolerance = number_in_math(answer.text), number_in_math(answer.tolerance)
    return rf"${_typeset(answer.symbol)} =$ {made}$\mathbf{{{number}}} \pm {tolerance}$"


def _latex_part(name: str, texts: Sequence[str]) -> str:
    return "\n\n".join([rf"\section*{{{tex(name)}}}", *texts])


def _typeset(symbol: str) -> str:
    """Return z12 with its numbers as an index; the letter of a late layer, as in h9_2, has one already."""
    letter, places, unit = re.fullmatch(r"([a-zA-Z])(\d+_)?([\d,]*)", symbol).groups()  # type: ignore[union-attr]
    index = ",".join(filter(None, [(places or "").removesuffix("_"), unit]))
    return f"{letter}_{{{index}}}" if index else letter


_NAME = f"Name {'.' * 40}  Date {'.' * 20}\n"

PAPERS = {
    "text": Paper(
        _text_opening,
        _NAME,
        text_page,
        _text_room,
        lambda answer: f"  {answer.in_words}",
        _text_part,
        lambda _page, text: text,
    ),
    "markdown": Paper(
        _markdown_opening,
        _NAME,
        markdown_page,
        _markdown_room,
        lambda answer: f"- `{answer.in_words}`",
        _markdown_part,
        lambda _page, text: text,
    ),
    "latex": Paper(
        _latex_opening,
        r"Name \hrulefill\quad Date \makebox[4cm]{\hrulefill}" + "\n",
        latex_body,
        _latex_room,
        _latex_answer,
        _latex_part,
        document,
    ),
}
"""How a worksheet can be written."""
