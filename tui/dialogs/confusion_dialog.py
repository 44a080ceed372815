"""ConfusionDialog: how often each label was answered by each class, whole, however many classes there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from core.cells import cell_width
from core.errors import Refused, shorten
from core.formatting import count
from core.model.table import Table
from core.tasks import Answers, OfOutputs
from core.tasks.words import head_of_none
from tui.tabs.words import class_heads
from tui.widgets.key_bar import KeyBar
from tui.widgets.matrix import Grid, Matrix
from tui.widgets.words import Words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.calculation.effect import Effect

BESIDE = 20
"""Columns of a class's name beside the table."""

ACROSS, MOST_ABOVE = 54, 16
"""Columns for the names of all classes above the table, within which they stand there, and for one of them at most."""


def counted(effect: Effect | None) -> Answers:
    """Return the answers that can be counted, of all rows of the data.

    Raises:
        Refused: none can, or their count is not known by now.
    """
    if effect is None:
        raise Refused("the answers are still being counted: press C again in a moment")
    if isinstance(effect.data, OfOutputs):
        raise Refused("several outputs have labels of their own: byhand evaluate writes the confusion of each")
    if not isinstance(effect.data, Answers):
        raise Refused("expected labels that are classes and outputs that answer them; there is nothing to confuse here")
    return effect.data


class ConfusionDialog(ModalScreen[None]):
    """Shows ``answers`` as a table to go about in: a row for each label's class, a column for each answer."""

    BINDINGS: ClassVar = [Binding("escape,C,q", "leave", "Back")]

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self._answers = answers

    def compose(self) -> ComposeResult:
        answers = self._answers
        with Vertical(classes="dialog"):
            yield Words("Confusion: a row for each label, a column for each answer", classes="title")
            yield Words(answers.in_words(), classes="words")
            yield Matrix()
            yield Words(id="confused", classes="words")
        yield KeyBar()

    def on_mount(self) -> None:
        matrix = self.query_one(Matrix)
        # Counts have no decimals.
        matrix.digits = 0
        matrix.show(self._grid())
        matrix.focus()
        self._say(0, 0)

    def _grid(self) -> Grid:
        names, size = self._answers.classes, len(self._answers.classes)
        table = self._answers.confusion[:, : size + int(self._answers.confusion[:, size].any())]
        beside, above = class_heads(names, BESIDE, min(ACROSS // size - 1, MOST_ABOVE))
        above = (*above, head_of_none(self._answers))
        labels = dict.fromkeys(range(table.shape[1]), "{:,.0f}".format)
        widest = max(map(cell_width, above))
        return Grid(Table(table), beside.__getitem__, lambda _row, column: above[column], labels=labels, widest=widest)

    @on(Matrix.Moved)
    def _follow(self, event: Matrix.Moved) -> None:
        self._say(event.row, event.column)

    def _say(self, label: int, answer: int) -> None:
        """Say what the number under the cursor counts, and what becomes of that label."""
        answers, names = self._answers, self._answers.classes
        nothing = "neither (a sign of 0)" if head_of_none(answers) == "0" else "nothing"
        said = shorten(names[answer], 24) if answer < len(names) else nothing
        held, of = int(answers.confusion[label, answer]), int(answers.confusion[label].sum())
        right = "right" if label == answer else "wrong"
        what = "row" if answers.counted == "point" else answers.counted
        self.query_one("#confused", Words).show(
            f"{held:,} of {count(of, what)} with label {shorten(names[label], 24)}: answered {said}, {right}"
        )

    def action_leave(self) -> None:
        self.dismiss()
