"""A sheet on paper: the calculation with blanks where numbers are to be found, and the key to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.calculation.writing import TEXT
from core.errors import Refused, shorten
from core.export.calculation.explanation import Explanation
from core.export.calculation.latex import LATEX, latex_body, latex_document
from core.export.calculation.text import markdown_page, text_page
from core.export.latex_text import BLANK, tex
from core.export.markdown import escaped
from core.formatting import Notation, count
from core.operations.rounding import Rounding
from core.practice.telling import key_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from core.calculation.calculated import Spot
    from core.calculation.writing import Way
    from core.export.calculation.symbols import Call
    from core.practice.sheet import Sheet

TOLERANCE = "Behind each answer stands how far a right one may be from it: so much can rounding on the way do."


@dataclass(frozen=True)
class Worksheet:
    """What the learner gets, and what the teacher keeps."""

    exercise: str
    key: str


@dataclass(frozen=True)
class Paper:
    """How a worksheet is written in one format.

    ``body`` writes a calculation, ``plain`` words and ``line`` a line of numbers as they are, ``way`` symbols and
    numbers, and ``whole`` all of it as a file. The others are forms: ``opening`` of a title with a sentence, ``room``
    of where a number with a symbol is worked out, ``answer`` of a line of the key, ``part`` of a layer's name above
    what belongs to it, with what stands between the lines and after them; ``name`` is a line for name and date.
    """

    body: Callable[[Explanation], str]
    opening: str
    room: str
    part: tuple[str, str, str]
    answer: str
    name: str = f"Name {'.' * 40}  Date {'.' * 20}\n"
    plain: Callable[[str], str] = str
    line: Callable[[str], str] = str
    way: Way = TEXT
    whole: Callable[[str], str] = str

    def opened(self, title: str, words: str = "") -> str:
        """Return a title with a sentence."""
        return self.opening.format(title, self.plain(words)).strip() + "\n"


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
    rooms: dict[Call, list[str]] = {}
    keys: dict[Call, list[str]] = {}
    for spot in asked:
        answer, way = key_answer(sheet, spot), paper.way
        symbol = way.symbol(page.symbols.of(page.done.value_of(spot), spot.index, ()))
        numbers = way.signs.get(answer.sign, answer.sign), way.number(answer.text), way.number(answer.tolerance)
        # What belongs to a missing input stands with the layer by which it is found.
        call = sheet.results.get(spot, spot).call
        rooms.setdefault(call, []).append(paper.room.format(f"{symbol} ="))
        keys.setdefault(call, []).append(paper.answer.format(symbol, paper.line(answer.line), *numbers))
    opening = paper.opened("Worksheet", f"{count(len(asked), 'number')} to find, at {BLANK}.")
    exercise = [opening, paper.name, body, paper.opened("Room to write"), *_by_layer(rooms, paper)]
    key = [paper.opened("Key", f"{count(len(asked), 'answer')}. {TOLERANCE}"), *_by_layer(keys, paper)]
    return Worksheet(*(paper.whole("\n".join(part)) for part in (exercise, key)))


def _by_layer(texts: Mapping[Call, Sequence[str]], paper: Paper) -> Iterator[str]:
    """Give what belongs to each layer under its name."""
    head, between, end = paper.part
    for call, belonging in texts.items():
        yield between.join([head.format(paper.plain(shorten("/".join(call)))), *belonging]) + end


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


DOTS = "." * 72
"""A line to write on."""

ANSWER = "{} = {} {} {} +- {}"

PAPERS = {
    "text": Paper(
        text_page,
        "{}. {}",
        f"  {{:>6}} {DOTS}\n\n       = {DOTS}\n\n       = {DOTS}\n",
        ("{}", "\n", "\n"),
        f"  {ANSWER}",
    ),
    "markdown": Paper(
        markdown_page,
        "**{}.** {}",
        "`{}`\n" + "\n&nbsp;\n" * 3,
        ("## {}\n", "\n", "\n"),
        f"- `{ANSWER}`",
        plain=escaped,
    ),
    "latex": Paper(
        latex_body,
        r"\textbf{{{}.}} {}",
        r"${}$ \dotfill\\[2ex]\mbox{{}}\dotfill\\[2ex]\mbox{{}}\dotfill\vspace{{2ex}}",
        (r"\section*{{{}}}", "\n\n", ""),
        # A long line of numbers breaks as text does.
        r"${} =$ \texttt{{{}}} ${}$ $\mathbf{{{}}} \pm {}$",
        r"Name \hrulefill\quad Date \makebox[4cm]{\hrulefill}" + "\n",
        tex,
        tex,
        LATEX,
        latex_document,
    ),
}
"""How a worksheet can be written."""
