"""Followed: a model's calls on the left; the page of the one in hand, and one of its numbers opened and followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message

from core.calculation.writing import ABOUT
from core.cells import wrap
from core.export.opened import opened, opened_briefly, symbol_beside
from core.formatting import Notation
from tui.commands import IF_ROOM, NEVER, Command, bindings
from tui.pages.page import Page
from tui.widgets.graph_list import GraphList
from tui.widgets.lines import Lines
from tui.widgets.text import fit_ends, plain
from tui.widgets.unfolded import ROUNDED
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from textual.app import ComposeResult

    from core.calculation.calculated import Calculated, Spot, Value
    from core.model.outline import Line, Outline
    from core.operations.operation import At

SCROLL = "scroll what the number is made of, where it is longer than its room"

COMMANDS = (
    Command("backspace", "back", "Back", "back to the number that was followed from"),
    Command("greater_than_sign", "scroll_formula(1)", "Scroll", SCROLL, IF_ROOM),
    Command("less_than_sign", "scroll_formula(-1)", "", SCROLL, NEVER),
)


LEAST = 4
"""Lines of a page at least."""

ROOMS = {False: (4, 3), True: (9, 8)}
"""Lines for what made the number in hand, and for what it is made of, at least: in a low window, in a tall one."""


class Sources(Lines):
    """What the number in hand is made of: enter follows one."""

    BINDINGS: ClassVar = [Binding("enter", "take", "Follow")]


class Followed(Horizontal):
    """Shows a calculation; the number in hand can be any, and is opened into what it is made of."""

    BINDINGS: ClassVar = bindings(COMMANDS)

    class Moved(Message):
        """Another number is in hand, or none."""

        def __init__(self, spot: Spot | None) -> None:
            self.spot = spot
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._made: Calculated | None = None
        self._values: dict[tuple[tuple[str, ...], str], Value] = {}
        self._facts: Callable[[Spot], list[str]] = lambda _spot: []
        self._changed: Collection[Spot] = ()
        self._notation = Notation()
        self._outline: Outline | None = None
        self._before: list[Spot] = []
        self._sources: list[tuple[Value, At]] = []
        self.spot: Spot | None = None
        """The number in hand."""

    def compose(self) -> ComposeResult:
        yield GraphList(id="values")
        with Vertical():
            yield Page(id="page")
            with VerticalScroll(id="formula", can_focus=False):
                yield Words(id="opened")
            yield Words("made of (enter goes there, and follows one):", id="made-of")
            yield Sources(id="sources")

    def focus_main(self) -> None:
        """Put the focus where walking begins."""
        self.query_one(GraphList).lines.focus()

    def show(
        self,
        made: Calculated,
        outline: Outline,
        notation: Notation,
        facts: Callable[[Spot], list[str]] = lambda _spot: [],
        changed: Collection[Spot] = (),
    ) -> None:
        """Show a calculation, as far as it goes with the number in hand that was; ``facts`` are said about it.

        Those that were ``changed`` stand for what was calculated, and are made of nothing.
        """
        self._made, self._notation, self._facts, self._changed = made, notation, facts, changed
        self._values = {(value.call, value.name): value for value in (*made.weights, *made.values)}
        graph = self.query_one(GraphList)
        if self._outline is not outline:
            self._outline = outline
            graph.show(outline)
        value = None if self.spot is None else self._values.get((self.spot.call, self.spot.value))
        if self.spot is None or value is None or 0 in value.shape or len(self.spot.index) != len(value.shape):
            self._look_at(graph.line)
            return
        # The point may have fewer steps than the one before.
        inside = zip(self.spot.index, value.shape, strict=True)
        self._open_at(value.spot(tuple(min(at, size - 1) for at, size in inside)))

    # Looking at a value, and opening a number of it

    def on_graph_list_moved(self, event: GraphList.Moved) -> None:
        line, spot = event.line, self.spot
        if spot is None or (line.call, line.value) != (spot.call, spot.value):
            self._look_at(line)

    def _look_at(self, line: Line | None) -> None:
        """Show the numbers of a line of the list, if they were calculated."""
        if line is None or self._made is None:
            return
        value = self._values.get((line.call, line.value))
        if value is None or 0 in value.shape:
            self._look_at_nothing(line)
        else:
            self._open_at(value.spot((0,) * len(value.shape)))

    def _look_at_nothing(self, line: Line) -> None:
        """Show no numbers: the calculation stops before the line."""
        self.spot, self._sources = None, []
        if self._made is not None:
            self.query_one(Page).show(self._made, line.call, None, self._notation)
        words = [f"{line.name} was not calculated", *([f"sealed: {line.sealed}"] if line.sealed else [])]
        words += [f"settings: {line.settings}"] if line.settings else []
        self._share_room()
        self._write(words)
        self.query_one("#sources", Lines).show(0, str)
        self.query_one("#made-of").visible = False
        self.post_message(self.Moved(None))

    def _open_at(self, spot: Spot) -> None:
        """Show the page of the call that the number at ``spot`` is of, with that in hand."""
        if self._made is not None:
            self.query_one(Page).show(self._made, spot.call, spot, self._notation)
            self._open(spot)

    def on_page_moved(self, event: Page.Moved) -> None:
        if not self._is_here(event.spot):
            # It was on its way when another calculation came.
            return
        self.spot = event.spot
        self._mark_in_list(event.spot)
        self._open(event.spot)

    def _open(self, spot: Spot) -> None:
        """Open the number in hand, and list what it is made of."""
        assert self._made is not None
        made, self.spot = self._made, spot
        self._share_room()
        value = made.value_of(spot)
        lines = opened(made, value, spot.index, self._notation)
        if not self._has_room(lines):
            lines = opened_briefly(made, value, spot.index, self._notation)
        if not self._has_room(lines) and len(lines) > 3:
            lines = [*lines[:2], lines[-1]]
        lines = [f"{lines[0]} *"] if spot in self._changed else lines
        listed = None if self._outline is None else self._outline.of_call.get(spot.call)
        lines += [f"settings: {listed.settings}"] if listed is not None and made.is_from_keras(value) else []
        lines += self._facts(spot)
        lines += [ROUNDED] if any(ABOUT in line for line in lines[1:]) else []
        if (legends := self._legends) and self._has_room([*lines, legends]):
            lines.append(legends)
        self._write(lines)
        self._sources = [] if spot in self._changed else made.origins(spot)

        def line(at: int) -> str:
            source = self._source(at)
            found = made.value_of(source)
            number = made.notation(found, self._notation)(made.number(source))
            told = f"{symbol_beside(value, found, source.index)} = {number}"
            return fit_ends(told, sources.scrollable_content_region.width).rstrip()

        sources = self.query_one("#sources", Lines)
        sources.show(sum(len(at) for _, at in self._sources), line)
        self.query_one("#made-of").visible = bool(self._sources)
        self.post_message(self.Moved(spot))

    def _share_room(self) -> None:
        """Give the page as many lines as it takes; those left are for what stands below it."""
        page, rooms = self.query_one(Page), ROOMS[self.screen.has_class("-tall")]
        if self.size.height:
            most = max(self.size.height - sum(rooms) - 1, LEAST)
            page.styles.height = max(page.height_within(most), LEAST)

    @property
    def _legends(self) -> str:
        """What the signs of the pictures on the page stand for, as far as that is not said there."""
        page = self.query_one(Page)
        height = page.styles.height
        return page.legends_within(page.size.height if height is None or height.cells is None else height.cells)

    def _has_room(self, lines: list[str]) -> bool:
        """Return whether lines are seen without scrolling."""
        width, height = self._pane
        return not width or len(_in_lines(lines, width)) <= height

    @property
    def _pane(self) -> tuple[int, int]:
        """The room for what made the number, as it will be: the page may have become higher or lower just now."""
        pane, page = self.query_one("#formula"), self.query_one(Page).styles.height
        height = pane.scrollable_content_region.height
        if page is not None and page.cells is not None and not self.screen.has_class("-tall"):
            height = self.size.height - page.cells - 1 - ROOMS[False][1]
        return pane.content_region.width, height

    def _write(self, lines: list[str]) -> None:
        """Write what made the number, beside a scroll bar if it is too long for its room."""
        width, height = self._pane
        if width:
            whole = _in_lines(lines, width)
            is_longer = len(whole) > height
            # One that was there before would stay, as lines are longer beside it.
            self.query_one("#formula").styles.overflow_y = "scroll" if is_longer else "hidden"
            lines = _in_lines(lines, width - 1) if is_longer else whole
        self.query_one("#opened", Words).show("\n".join(map(plain, lines)))

    def on_resize(self) -> None:
        if self.spot is not None:
            self._open(self.spot)

    def action_scroll_formula(self, lines: int) -> None:
        self.query_one("#formula", VerticalScroll).scroll_relative(y=lines, animate=False, force=True)

    def _source(self, line: int) -> Spot:
        """Return which number stands on a line of the list of what the one in hand is made of."""
        for value, at in self._sources:
            if line < len(at):
                return value.spot(tuple(at[line].tolist()))
            line -= len(at)
        raise IndexError(line)

    # Following

    def on_page_chosen(self) -> None:
        if self._sources:
            self.query_one("#sources").focus()

    def on_graph_list_taken(self) -> None:
        self.query_one(Page).focus()

    def on_lines_taken(self, event: Lines.Taken) -> None:
        if event.lines.id == "sources" and self.spot is not None:
            self._before.append(self.spot)
            self.go_to(self._source(event.line))

    def go_to(self, spot: Spot) -> None:
        """Take a number of the calculation in hand, and put the focus on its page."""
        self.bring_into_sight(spot)
        self.query_one(Page).focus()

    def bring_into_sight(self, spot: Spot) -> None:
        """Take a number of the calculation in hand."""
        self._open_at(spot)
        self._mark_in_list(spot)

    def next_call(self, places: int) -> None:
        """Look at a call further on in the list or back, round the ends."""
        line = self.query_one(GraphList).next_call(places)
        if line is not None:
            self._look_at(line)

    def _mark_in_list(self, spot: Spot) -> None:
        """Let the list say which value the number in hand is of."""
        self.query_one(GraphList).go_to(spot.call, spot.value)

    def _is_here(self, spot: Spot) -> bool:
        """Return whether the calculation has such a number: one may be of another model that was here before."""
        value = self._values.get((spot.call, spot.value))
        return (
            value is not None
            and len(spot.index) == len(value.shape)
            and all(at < size for at, size in zip(spot.index, value.shape, strict=True))
        )

    def action_back(self) -> None:
        while self._before and not self._is_here(self._before[-1]):
            self._before.pop()
        if self._before:
            self.go_to(self._before.pop())
        else:
            self.notify("No number was followed to this one: enter goes to what it is made of.", markup=False)


def _in_lines(lines: list[str], width: int) -> list[str]:
    """Return lines broken where they are too long."""
    return [part for line in lines for part in wrap(plain(line), width)]
