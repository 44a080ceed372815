"""GraphList: the calls of a model in order, their lanes beside them; models and calls fold and unfold."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.containers import Vertical
from textual.message import Message

from core.model.outline import Outline, Sign
from tui.commands import AT_120, IF_ROOM, Command, bindings
from tui.widgets.graph_columns import GAP, Columns, Widest, numbers_in_words, shape_in_words
from tui.widgets.lines import MOVES, Lines
from tui.widgets.text import fit, plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual.app import ComposeResult

    from core.model.outline import Drawn, Line

    Path = tuple[str, ...]

MOST_LANES = 8

SHARE = 4
"""Of the list's columns lanes may take one in so many, though names are cut for it."""


COMMANDS = (
    Command("space", "fold", "Open/fold", "open or fold the layer or model under the cursor", AT_120),
    Command("+,equals_sign", "open_all", "Open all", "open every layer and model", IF_ROOM),
    Command("-", "fold_all", "Fold all", "fold every layer and model", IF_ROOM),
)

TAKE = Command("enter", "take", "Numbers", "go to the numbers of what is under the cursor")


class GraphLines(Lines, inherit_bindings=False):
    """The lines, with lanes paler than names; j and k are for whatever goes from layer to layer around it."""

    BINDINGS: ClassVar = [*MOVES, *bindings((TAKE,))]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--lanes"}

    def __init__(self) -> None:
        super().__init__()
        self.drawn: Sequence[Drawn] = ()
        self._widest = Widest.of(())
        self._columns: tuple[int, Columns] | None = None

    def put(self, drawn: Sequence[Drawn], widest: Widest) -> None:
        """Show the lines that are ``drawn``."""
        self.drawn, self._widest, self._columns = drawn, widest, None
        self.show(len(drawn), str)

    def segments(self, place: int, width: int, style: Style) -> list[Segment]:
        """Return a line: its lanes, its name, and what there is room for."""
        if self._columns is None or self._columns[0] != width:
            self._columns = width, Columns.within(width, self.drawn, self._widest)
        drawn, columns = self.drawn[place], self._columns[1]
        pale = style if place == self.cursor else style + self.get_component_rich_style("lines--lanes", partial=True)
        text = fit(columns.text(drawn), max(width - columns.lanes, 0))
        return [Segment(fit(drawn.lanes, columns.lanes), pale), Segment(text, style)]


class GraphList(Vertical):
    """Shows an outline in whatever width there is; below it, all about the line under the cursor."""

    BINDINGS: ClassVar = bindings(COMMANDS)

    class Moved(Message):
        """The cursor has come to another line."""

        def __init__(self, graph: GraphList, line: Line) -> None:
            self.graph, self.line = graph, line
            super().__init__()

    class Taken(Moved):
        """Enter was pressed on a line, or the chosen one was clicked."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._outline: Outline | None = None
        self._open: frozenset[Path] = frozenset()

    def compose(self) -> ComposeResult:
        yield GraphLines()
        yield Words(classes="about-line")

    @property
    def lines(self) -> GraphLines:
        """The lines, which have the focus."""
        return self.query_one(GraphLines)

    @property
    def line(self) -> Line | None:
        """The line under the cursor."""
        drawn = self.lines.drawn
        return drawn[self.lines.cursor].line if drawn else None

    def show(self, outline: Outline) -> None:
        """List a model, open as it was if it was listed before, the cursor where it was."""
        before = self.line
        self._outline = outline
        self._open &= outline.foldable
        self._draw()
        if before is not None and before != self.line:
            self.go_to(before.call, before.value)

    def go_to(self, call: Path, value: str) -> None:
        """Move the cursor to the line of that address, if there is one, and open what that is in; nothing is told."""
        if self._outline is None:
            return
        around = self._outline.around(call, value)
        if self._at(call, value) is None and around is not None:
            self._set_open(self._open | {around[:depth] for depth in range(1, len(around) + 1)})
        at = self._at(call, value)
        if at is not None:
            self.lines.put_cursor(at)
            self._tell()

    def next_call(self, places: int) -> Line | None:
        """Move the cursor to a call further on or back, round the ends, and return its line; nothing is told."""
        drawn = self.lines.drawn
        calls = [at for at, one in enumerate(drawn) if one.line.sign is not Sign.VALUE]
        if not calls:
            return None
        here = max((place for place, at in enumerate(calls) if at <= self.lines.cursor), default=0)
        self.lines.put_cursor(calls[(here + places) % len(calls)])
        self._tell()
        return self.line

    def _at(self, call: Path, value: str) -> int | None:
        places = (at for at, one in enumerate(self.lines.drawn) if (one.line.call, one.line.value) == (call, value))
        return next(places, None)

    def _set_open(self, is_open: frozenset[Path]) -> None:
        self._open = is_open
        self._draw()

    def _draw(self) -> None:
        """Draw the lines anew: something else is open, or there is another width."""
        if self._outline is None:
            return
        opened, width = self._outline.opened(self._open), self.content_size.width
        widest = Widest.of(opened.lines)
        most = max(width // SHARE, width - widest.name - widest.shape - 2 * GAP, 4) // 2
        self.lines.put(opened.drawn(min(most, MOST_LANES)), widest)
        self._tell()

    def on_resize(self) -> None:
        """Draw as many lanes as there is room for now."""
        self._draw()

    def _tell(self) -> None:
        """Say all about the line under the cursor."""
        drawn = self.lines.drawn
        self.query_one(Words).show(plain(told(drawn[self.lines.cursor])) if drawn else "")

    # What the keys do

    def on_lines_moved(self, event: Lines.Moved) -> None:
        """Say it of the line."""
        event.stop()
        self._tell()
        if self.line is not None:
            self.post_message(self.Moved(self, self.line))

    def on_lines_taken(self, event: Lines.Taken) -> None:
        """Say it of the line."""
        event.stop()
        if self.line is not None:
            self.post_message(self.Taken(self, self.line))

    def action_fold(self) -> None:
        """Open or fold the call under the cursor; of a value the call that it is in."""
        call = self._call_at_cursor()
        if call is None or not call.folds:
            return
        self._set_open(self._open ^ {call.call})
        self.go_to(call.call, call.value)

    def _call_at_cursor(self) -> Line | None:
        above = (one.line for one in reversed(self.lines.drawn[: self.lines.cursor + 1]))
        return next((line for line in above if line.sign is not Sign.VALUE), None)

    def action_open_all(self) -> None:
        """Open every call."""
        if self._outline is not None:
            self._keep_line(self._outline.foldable)

    def action_fold_all(self) -> None:
        """Fold every call."""
        self._keep_line(frozenset())

    def _keep_line(self, is_open: frozenset[Path]) -> None:
        """Open what is to be open, the cursor on the line that it is on, or on the outermost call that is around it."""
        line = self._call_at_cursor() if not is_open else self.line
        self._set_open(is_open)
        if line is not None and not is_open and len(line.call) > 1:
            self.go_to(line.call[:1], "output")
        elif line is not None:
            self.go_to(line.call, line.value)


def told(drawn: Drawn) -> str:
    """Return all that is known of a line, in words."""
    line = drawn.line
    parts = [shape_in_words(line), *([f"{numbers_in_words(line)} numbers"] if line.numbers else [])]
    parts += ["frozen"] if line.sign is Sign.FROZEN else []
    name = "/".join([*line.call, line.value]) if line.sign is Sign.VALUE else line.name
    words = f"{name}: {', '.join([*([line.keras_class] if line.keras_class else []), *parts])}"
    of = f"; of {', '.join(line.sources)}" if line.sources else ""
    return f"{words}{of}" + (f"; sealed: {line.sealed}" if line.sealed else "")
