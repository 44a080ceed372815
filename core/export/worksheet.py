"""An exercise to be done on paper: the calculation with blanks where numbers are to be found, and the key to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.calculation.rounding import Rounding
from core.calculation.spot import symbol
from core.errors import Refused, shorten
from core.export.explanation import BLANK
from core.export.latex import document, latex_body, number_in_math
from core.export.latex_text import tex
from core.export.markdown import escaped, markdown_page
from core.export.text import text_page
from core.formatting import count
from core.practice.sources import source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.calculation.spot import Spot
    from core.export.explanation import Explanation


@dataclass(frozen=True)
class Worksheet:
    """What the learner gets, and what the teacher keeps."""

    exercise: str
    key: str


@dataclass(frozen=True)
class Paper:
    """How a worksheet is written in one format: a calculation's body, an opening sentence, an answer, a whole page."""

    body: Callable[[Explanation], str]
    opening: Callable[[str, str], str]
    layer: Callable[[str, list[tuple[str, str]]], str]
    whole: Callable[[Explanation, str], str]


def worksheet(explanation: Explanation, blanks: Iterable[Spot], paper: Paper) -> Worksheet:
    """Return the worksheet and its key; a blank number is blank wherever it stands.

    Raises:
        Refused: there are no blanks, or none of them is on the page, which leaves out the middle of wide layers.
    """
    wanted = {source(explanation.network, spot): spot for spot in blanks}
    seen: set[Spot] = set()

    def written(spot: Spot) -> str:
        made_at = source(explanation.network, spot)
        if made_at not in wanted:
            return explanation.written(spot)
        seen.add(made_at)
        return BLANK

    # Keras's prediction is the answer.
    body = paper.body(replace(explanation, written=written, keras=None))
    answers = [spot for made_at, spot in wanted.items() if made_at in seen]
    if not answers:
        why = "; it leaves out the middle of wide layers: choose others" if wanted else ""
        raise Refused(f"expected blanks on the page, got none{why}")
    exercise = paper.opening("Worksheet", _task(explanation, len(answers))) + body
    key = paper.opening("Key", f"{count(len(answers), 'answer')}.") + _answers(explanation, answers, paper)
    return Worksheet(paper.whole(explanation, exercise), paper.whole(explanation, key))


def _task(explanation: Explanation, blanks: int) -> str:
    places = f"{explanation.digits} decimal places"
    how = f"calculate with all digits that you have, and write {places}"
    if explanation.rounding is Rounding.CARRIED:
        how = f"round every number to {places} as you write it down, and go on with the rounded one"
    return f"{count(blanks, 'number')} to find, at {BLANK}: {how}."


def _answers(explanation: Explanation, answers: list[Spot], paper: Paper) -> str:
    by_layer: dict[int, list[tuple[str, str]]] = {}
    for spot in answers:
        answer = (symbol(explanation.network, spot), explanation.written(spot))
        by_layer.setdefault(spot.step, []).append(answer)
    return "\n".join(
        paper.layer(shorten(explanation.network.layers[place].name), found) for place, found in by_layer.items()
    )


def _text_layer(name: str, answers: list[tuple[str, str]]) -> str:
    return "\n".join([name, *(f"  {symbol} = {text}" for symbol, text in answers), ""])


def _markdown_layer(name: str, answers: list[tuple[str, str]]) -> str:
    return "\n".join([f"## {escaped(name)}", "", *(f"- `{symbol} = {text}`" for symbol, text in answers), ""])


def _latex_layer(name: str, answers: list[tuple[str, str]]) -> str:
    lines = [f"${_typeset(symbol)} = {number_in_math(text)}$" for symbol, text in answers]
    return "\n\n".join([rf"\section*{{{tex(name)}}}", *lines])


def _typeset(symbol: str) -> str:
    """Return z12 with its numbers as an index; the letter of a late layer, as in h9_2, has one already."""
    letter, places, unit = re.fullmatch(r"([a-zA-Z])(\d+_)?([\d,]*)", symbol).groups()  # type: ignore[union-attr]
    index = ",".join(filter(None, [(places or "").removesuffix("_"), unit]))
    return f"{letter}_{{{index}}}" if index else letter


def _as_it_is(_explanation: Explanation, text: str) -> str:
    return text


PAPERS = {
    "text": Paper(text_page, "{}. {}\n\n".format, _text_layer, _as_it_is),
    "markdown": Paper(
        markdown_page, lambda title, words: f"**{title}.** {escaped(words)}\n\n", _markdown_layer, _as_it_is
    ),
    "latex": Paper(latex_body, lambda title, words: f"\\textbf{{{title}.}} {tex(words)}\n\n", _latex_layer, document),
}
"""How a worksheet can be written."""
