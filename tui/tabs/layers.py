"""LayerTab: a tab that shows one layer at a time beside the list of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on

from core.editing.layer_view import ArrayPlace, LayerView, whole_layer
from core.editing.plane import plane
from core.errors import Refused
from core.findings.search import extreme, next_match, parse_condition
from core.model.array_axes import axes_of_arrays
from core.typed import whole
from tui.beside import beside
from tui.commands import PARTS, bindings
from tui.dialogs.form_dialog import FormDialog
from tui.tabs.looks import Look, slice_words, whole_words
from tui.tabs.page import TabPage
from tui.widgets.form import Field
from tui.widgets.graph_list import GraphList
from tui.widgets.layer_list import LayerList
from tui.widgets.layer_table import kernel_axes, layer_table, slice_table
from tui.widgets.matrix import Matrix
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.chunks import Pause
    from core.editing.plane import Plane
    from core.findings.search import Condition
    from core.model.array_axes import ArrayAxes
    from core.model.network import Network
    from core.model.table import Table
    from core.model.weights import LayerArrays
    from core.session.session import Session
    from core.session.state import State
    from tui.widgets.matrix import Grid

    Cell = tuple[int, int]

NOTHING = "this layer has no numbers to go to"

NO_SLICES = "expected a convolution, whose kernel has more axes than a table, got a layer that is seen whole already"

NO_SLICE = "expected a slice of a convolution's kernel to step through: S shows one"

CONDITIONS = "> 0.5, == 0, |w| < 1e-3, nan, inf"


WINDOW = (0, 1)
"""The axes of a kernel that a slice begins with: the rows and columns of its window, or its places and channels."""


class Seen(NamedTuple):
    """Which layer a tab shows and how, and the number under its cursor, if the layer has any."""

    place: int
    number: ArrayPlace | None
    look: Look
    plane: Plane | None


class LayerTab(TabPage):
    """Keeps which layer is shown, and how; a subclass draws it in :meth:`show_layer`."""

    BINDINGS: ClassVar = bindings(PARTS)
    LOOKS: ClassVar[tuple[Look, ...]] = (Look.WHOLE, Look.SLICE)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.place = 0
        self.arrays: LayerArrays = ()
        self._listed: Network | None = None
        self._condition: Condition | None = None
        self._look = Look.WHOLE
        self._plane: Plane | None = None
        self._handed_over: Seen | None = None

    @property
    def matrix(self) -> Matrix:
        """The table of the layer's numbers."""
        return self.query_one(Matrix)

    def show_layer(self, state: State, place: int) -> None:
        """Draw the layer at ``place``."""

    def show(self, state: State) -> None:
        network, seen = state.model.network, self._handed_over
        self._handed_over = None
        if seen is not None:
            self.place, self._look, self._plane = seen.place, seen.look, seen.plane
        self.place = min(self.place, len(network.layers) - 1)
        self.set_class(not network.on_one_page, "-graph")
        if self._listed != network:
            self._listed = network
            self.query_one(LayerList).show(network, self.place)
        elif seen is not None:
            self.query_one(LayerList).choose(self.place)
        self.draw_layer(state)
        if seen is not None and seen.number is not None and self._has(seen.number):
            self.go_to_number(seen.number)

    def draw_layer(self, state: State) -> None:
        """Draw the layer that is shown."""
        self.arrays = state.model.weights.layers[self.place]
        self.show_layer(state, self.place)

    @on(LayerList.Chosen)
    def follow_list(self, event: LayerList.Chosen) -> None:
        if event.place != self.place and self.state is not None:
            self.place = event.place
            self._changed()

    @on(GraphList.Taken)
    def go_to_numbers(self) -> None:
        """Put the focus on the layer's numbers."""
        self.focus_main()

    def action_layer(self, places: int) -> None:
        """Go to a layer further on or back, round the ends."""
        layers = len(self.session.state.model.network.layers)
        place = (self.place + places) % layers
        self.query_one(LayerList).choose(place)
        if place != self.place:
            self.place = place
            self._changed()

    # From one tab to the other

    def close_page(self) -> None:
        """Leave the screen, and have the other tab of layers show what was shown here."""
        if self._open:
            for other in self.app.query(LayerTab):
                if other is not self:
                    other.take_over(self.seen)
        super().close_page()

    @property
    def seen(self) -> Seen:
        """What is shown now, for the other tab to show."""
        number = self.here if self.matrix.grid.table.size else None
        return Seen(self.place, number, self._look, self._plane)

    def take_over(self, seen: Seen) -> None:
        """Show what is ``seen`` on the other tab, once this is on the screen."""
        self._handed_over, self._stale = seen, True

    def _has(self, place: ArrayPlace) -> bool:
        """Return whether the layer has such a number: it may be another model by now."""
        shape = self.arrays[place.array].shape if place.array < len(self.arrays) else ()
        return len(shape) == len(place.at) and all(at < size for at, size in zip(place.at, shape, strict=True))

    def action_next_part(self, by: int) -> None:
        """Put the focus on the next part of this tab, or the one before: there its keys work."""
        parts = [part for part in self.screen.focus_chain if self in part.ancestors]
        here = parts.index(self.screen.focused) if self.screen.focused in parts else -by
        if parts:
            parts[(here + by) % len(parts)].focus()

    # Looking at it in several ways

    @property
    def has_looks(self) -> bool:
        """Whether the layer's first array is a kernel of more axes than one table has."""
        names = self.session.state.model.network.weight_names[self.place]
        return bool(self.arrays) and names[0] == "kernel" and self.arrays[0].ndim > 2

    @property
    def look(self) -> Look:
        """How the layer is shown: only the kernel of a convolution has more to it than one table."""
        return self._look if self.has_looks and self._look in self.LOOKS else Look.WHOLE

    @property
    def plane(self) -> Plane:
        """The slice of the layer's kernel that was looked at last."""
        shape = self.arrays[0].shape
        if self._plane is None or self._plane.of != shape:
            self._plane = plane(shape, WINDOW)
        return self._plane

    @property
    def axes(self) -> tuple[ArrayAxes, ...]:
        """What the axes of the layer's arrays are called."""
        return axes_of_arrays(self.session.state.model.network)[self.place]

    @property
    def kernel_axes(self) -> tuple[str, ...]:
        """What the axes of the kernel are called on its tables and pictures."""
        return kernel_axes(self.axes[0])

    @property
    def view(self) -> LayerView:
        """Which number of the layer each cell of the table is."""
        return LayerView((self.plane,)) if self.look is Look.SLICE else whole_layer(self.arrays)

    @property
    def here(self) -> ArrayPlace:
        """The number under the cursor; there must be one."""
        return self.view.place(*self.matrix.cursor)

    def grid(self, state: State, before: LayerArrays | None) -> Grid:
        """Return the table of the layer as it is looked at; numbers that differ from ``before`` are marked."""
        if self.look is Look.SLICE:
            return slice_table(self.plane, self.kernel_axes, self.arrays, before)
        return layer_table(state.model.network, self.place, self.arrays, before)

    def show_look(self) -> None:
        """Say what is seen of a kernel, and what its keys do."""
        words = self.query_one("#look", Words)
        words.display = self.has_looks
        if words.display:
            words.show(self.look_words(self.LOOKS[(self.LOOKS.index(self.look) + 1) % len(self.LOOKS)]))

    def look_words(self, following: Look) -> str:
        """Return that line; ``following`` is the look that comes next."""
        if self.look is Look.SLICE:
            return slice_words(self.plane, self.kernel_axes, following)
        return whole_words(self.arrays[0].shape, self.kernel_axes, following)

    def action_look(self) -> None:
        """Look at the number under the cursor in the next way."""
        if not self.has_looks:
            self.refuse(NO_SLICES)
            return
        here = self.here
        self._look = self.LOOKS[(self.LOOKS.index(self.look) + 1) % len(self.LOOKS)]
        self.show_number(ArrayPlace(0, (*(0,) * (self.arrays[0].ndim - 1), *here.at)) if here.array else here)

    def open_slice(self, place: ArrayPlace) -> None:
        """Show the window that a weight of a kernel is in."""
        self._look = Look.SLICE
        self._plane = plane(self.arrays[0].shape, WINDOW, place.at)
        self.show_number(place)

    def action_axes(self) -> None:
        """Take the next two axes as the table, with the number under the cursor still in it."""
        if self.look is not Look.SLICE:
            self.refuse(NO_SLICE)
            return
        here = self.here
        self._plane = self.plane.through(here.at).turned()
        self.show_number(here)

    def action_step(self, which: int, by: int) -> None:
        """Step along one of the axes that are no table, round its ends."""
        if self.look is not Look.SLICE:
            self.refuse(NO_SLICE)
            return
        try:
            self._plane = self.plane.stepped(which, by)
        except Refused as refusal:
            self.refuse(str(refusal))
        else:
            self.draw_layer(self.session.state)

    def go_to_number(self, place: ArrayPlace) -> None:
        """Put the cursor on a number of the layer; a bias is seen in the whole table only."""
        if self.look is Look.WHOLE:
            self.matrix.cursor = self.view.cell(place)
            return
        if place.array:
            self._look = Look.WHOLE
        self.show_number(place)

    def show_number(self, place: ArrayPlace) -> None:
        """Draw the layer with the cursor on a number of it, which the present look has."""
        if self.look is Look.SLICE:
            self._plane = self.plane.through(place.at)
        self.draw_layer(self.session.state)
        self.matrix.cursor = self.view.cell(place)

    # Going to a number

    def action_go_to(self) -> None:
        """Ask for a row and a column, of pictures for an input channel and a filter."""
        if not self.arrays:
            self.refuse(NOTHING)
            return
        seen = self._seen_as_pictures() if self.look is Look.PICTURES else self._seen_as_table()
        (rows, columns), (row, column), (row_name, column_name) = seen
        last = "; the last may be the bias" if self.look is Look.WHOLE else ""
        fields = (
            Field("row", row_name, whole("a row", 1, rows), f"1 to {rows:,}{last}"),
            Field("column", column_name, whole("a column", 1, columns), f"1 to {columns:,}"),
        )
        values = {"row": str(row + 1), "column": str(column + 1)}
        self.app.push_screen(FormDialog("Go to", fields, values, lambda typed: typed, self._go_to))

    def _seen_as_table(self) -> tuple[Cell, Cell, tuple[str, str]]:
        """Return how many rows and columns there are, where the cursor is, and what they are called."""
        table = self.matrix.grid.table
        return (table.rows, table.columns), self.matrix.cursor, ("row", "column")

    def _seen_as_pictures(self) -> tuple[Cell, Cell, tuple[str, str]]:
        """Return the same of pictures, whose rows are input channels."""
        channels, filters = self.arrays[0].shape[-2:]
        channel, filter_ = self.here.at[-2:]
        return (channels, filters), (channel, filter_), ("in", "filter")

    def _go_to(self, typed: dict[str, int]) -> None:
        row, column = typed["row"] - 1, typed["column"] - 1
        if self.look is Look.PICTURES:
            self.show_number(ArrayPlace(0, (*self.here.at[:-2], row, column)))
        else:
            self.matrix.cursor = (row, column)

    def action_find(self) -> None:
        """Ask for a condition, and go to the next number for which it holds."""
        fields = (Field("condition", "find", parse_condition, CONDITIONS),)
        typed = {"condition": self._condition.text if self._condition else "> 0.5"}
        self.app.push_screen(FormDialog("Find", fields, typed, lambda found: found["condition"], self._find))

    def _find(self, condition: Condition) -> None:
        self._condition = condition
        self.action_find_next()

    def action_find_next(self) -> None:
        """Go to the next number for which the last condition holds, round the end."""
        if self._condition is None:
            self.action_find()
            return
        condition = self._condition
        self._jump(
            lambda table, here: next_match(table, condition, here), f"no number of this layer is {condition.text}"
        )

    def action_extreme(self, largest: bool) -> None:
        """Go to the number with the largest or the smallest absolute value."""
        self._jump(lambda table, _here: extreme(table, largest=largest), NOTHING)

    def _jump(self, search: Callable[[Table, Cell], Cell | None], nothing: str) -> None:
        """Search the whole layer beside the screen, and go there unless other numbers are shown by then."""
        arrays, whole = self.arrays, whole_layer(self.arrays)
        table, here = whole.table(arrays), whole.cell(self.here) if arrays else (0, 0)

        def work(_: Pause) -> Cell | None:
            return search(table, here) if table.size else None

        def arrive(found: Cell | None) -> None:
            if found is None:
                self.refuse(nothing)
            elif self.arrays is arrays:
                self.go_to_number(whole.place(*found))

        beside(self, "search", work, arrive, self.refuse)
