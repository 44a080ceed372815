"""A sheet on paper: the calculation with blanks where numbers are to be found, and the key to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.export.calculation.explanation import Explanation
from core.export.calculation.latex import SIGNS, latex_body, latex_document
from core.export.calculation.text import markdown_page, text_page
from core.export.latex_text import BLANK, number_in_math, tex
from core.export.markdown import escaped
from core.formatting import Notation, count
from core.operations.rounding import Rounding
from core.practice.key import key_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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

    ``body`` writes a calculation, ``plain`` words as they are, ``symbol`` a number's symbol, ``answer`` a line of the
    key, and ``whole`` all of it as a file. The others are forms: ``opening`` of a title with a sentence, ``room`` of
    where a number with a symbol is worked out, ``part`` of a layer's name above what belongs to it, with what stands
    between the lines and after them; ``name`` is a line for name and date.
    """

    body: Callable[[Explanation], str]
    opening: str
    room: str
    part: tuple[str, str, str]
    answer: Callable[[KeyAnswer], str]
    name: str = f"Name {'.' * 40}  Date {'.' * 20}\n"
    plain: Callable[[str], str] = str
    symbol: Callable[[str], str] = str
    whole: Callable[[str], str] = str

    def opened(self, title: str, words: str) -> str:
        """Return a title with a sentence."""
        return self.opening.format(title, self.plain(words)).strip() + "\n"

    def roomy(self, answer: KeyAnswer) -> str:
        """Return where a number is worked out."""
        return self.room.format(f"{self.symbol(answer.symbol)} =")

    def parted(self, call: tuple[str, ...], texts: Iterable[str]) -> str:
        """Return what belongs to a layer under its name."""
        head, between, end = self.part
        return between.join([head.format(self.plain(shorten("/".join(call)))), *texts]) + end


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
    by_layer: dict[tuple[str, ...], list[KeyAnswer]] = {}
    for spot in asked:
        # What belongs to a missing input stands with the layer by which it is found.
        by_layer.setdefault(sheet.results.get(spot, spot).call, []).append(key_answer(sheet, spot))
    rooms = [paper.parted(call, map(paper.roomy, answers)) for call, answers in by_layer.items()]
    keys = [paper.parted(call, map(paper.answer, answers)) for call, answers in by_layer.items()]
    numbers = f"{count(len(asked), 'number')} to find, at {BLANK}."
    exercise = [paper.opened("Worksheet", numbers), paper.name, body, paper.opened(ROOM, ""), *rooms]
    key = [paper.opened("Key", f"{count(len(asked), 'answer')}. {TOLERANCE}"), *keys]
    return Worksheet(*(paper.whole("\n".join(part)) for part in (exercise, key)))


def on_paper(sheet: Sheet, is_key: bool, paper: str) -> str:
    """Return the worksheet, or the key to it, on the paper that is called so; raises what :func:`worksheet` does."""
    made = worksheet(sheet, PAPERS[paper])
    return made.key if is_key else made.exercise


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


def _latex_answer(answer: KeyAnswer) -> str:
    # A long line of numbers breaks as text does.
    made = rf"\texttt{{{tex(answer.line)}}} ${SIGNS.get(answer.sign, answer.sign)}$ "
    number, tolerance = number_in_math(answer.text), number_in_math(answer.tolerance)
    return rf"${_typeset(answer.symbol)} =$ {made}$\mathbf{{{number}}} \pm {tolerance}$"


def _typeset(symbol: str) -> str:
    """Return z12 with its numbers as an index, as the letter of a late layer, h9_2, has one already; a name as text."""
    letter = re.fullmatch(r"([a-zA-Z])(\d+_)?([\d,]*)", symbol)
    if letter is None:
        return rf"\text{{{tex(symbol)}}}"
    index = ",".join(filter(None, [(letter[2] or "").removesuffix("_"), letter[3]]))
    return f"{letter[1]}_{{{index}}}" if index else letter[1]


DOTS = "." * 72
"""A line to write on."""

PAPERS = {
    "text": Paper(
        text_page,
        "{}. {}",
        f"  {{:>6}} {DOTS}\n\n       = {DOTS}\n\n       = {DOTS}\n",
        ("{}", "\n", "\n"),
        lambda answer: f"  {answer.in_words}",
    ),
    "markdown": Paper(
        markdown_page,
        "**{}.** {}",
        "`{}`\n" + "\n&nbsp;\n" * 3,
        ("## {}\n", "\n", "\n"),
        lambda answer: f"- `{answer.in_words}`",
        plain=escaped,
    ),
    "latex": Paper(
        latex_body,
        r"\textbf{{{}.}} {}",
        r"${}$ \dotfill\\[2ex]\mbox{{}}\dotfill\\[2ex]\mbox{{}}\dotfill\vspace{{2ex}}",
        (r"\section*{{{}}}", "\n\n", ""),
        _latex_answer,
        r"Name \hrulefill\quad Date \makebox[4cm]{\hrulefill}" + "\n",
        tex,
        _typeset,
        latex_document,
    ),
}
"""How a worksheet can be written."""
