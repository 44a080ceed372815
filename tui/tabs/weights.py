"""The Weights tab: what ``get_weights()`` gives, layer by layer, with its statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical

from core.chunks import CHUNK
from core.editing.layer_view import ArrayPlace, whole_layer
from core.errors import Refused
from core.findings.statistics import Statistics, statistics
from tui.beside import beside
from tui.commands import WEIGHTS, bindings
from tui.dialogs.form_dialog import FormDialog
from tui.tabs.layers import LayerTab
from tui.tabs.looks import Look, number_words, picture_words
from tui.tabs.statistics_words import statistics_words
from tui.widgets.curves import Curve, Curves
from tui.widgets.form import Field
from tui.widgets.kernel_pictures import KernelPictures
from tui.widgets.layer_list import LayerList
from tui.widgets.layer_table import KERNEL_AND_BIAS
from tui.widgets.matrix import Matrix
from tui.widgets.scale import Scale
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.arrays import KerasArray
    from core.export.arrays import NamedArray
    from core.model.weights import Weights
    from core.session.session import Session
    from core.session.state import State
    from tui.dialogs.weights_dialogs import Place

MOST_COPIED = 100_000
"""A literal of more numbers than this is no longer something to paste."""


ARRAY, LAYER, MODEL = "this array", "this layer", "every layer"
"""What is taken away."""

WATCHED = ("", "weight", "unit")
"""What has its path over the epochs drawn."""

MOST_PATHS = 50
"""Of a unit with more weights than this, the first ones are drawn."""


class WeightsTab(LayerTab):
    """Shows one layer's arrays; j and k go through the layers."""

    BINDINGS: ClassVar = bindings(WEIGHTS)
    LOOKS: ClassVar[tuple[Look, ...]] = tuple(Look)
    WORDS = "Every number of the model. Row: what it multiplies; column: unit or filter."

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._watched = ""
        self._measured: tuple[KerasArray, Statistics] | None = None
        self._measuring: KerasArray | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal():
            with Vertical(classes="side"):
                yield LayerList()
                yield Words(id="statistics")
            with Vertical(classes="main"):
                yield Words(id="layer-title", classes="heading")
                yield Words(id="look")
                yield Matrix()
                yield KernelPictures()
                yield Scale()
                yield Words(id="cell")
                yield Curves(id="path")

    def focus_main(self) -> None:
        (self.pictures if self.look is Look.PICTURES else self.matrix).focus()

    @property
    def pictures(self) -> KernelPictures:
        """The kernel of a convolution as pictures; behind them the table goes on, with the cursor in it."""
        return self.query_one(KernelPictures)

    def show_layer(self, state: State, place: int) -> None:
        layer, matrix = state.model.network.layers[place], self.matrix
        matrix.digits = self.digits
        matrix.show(self.grid(state, None))
        title = f"{plain(layer.name)}.get_weights()"
        title += f"   {layer.in_full}"
        self.query_one("#layer-title", Words).show(title if self.arrays else f"{plain(layer.name)} has no weights")
        self.show_look()
        self.query_one(Scale).scale = matrix.grid.scale
        self._show_pictures()
        self._show_statistics()
        self._show_cell()
        self._show_path()

    def look_words(self, following: Look) -> str:
        return picture_words(following) if self.look is Look.PICTURES else super().look_words(following)

    def _show_pictures(self) -> None:
        """Draw the kernel in place of the table, if it is to be seen so."""
        seen = self.look is Look.PICTURES
        if self.pictures.display != seen:
            focused = self.pictures.has_focus or self.matrix.has_focus
            self.pictures.display, self.matrix.display = seen, not seen
            if focused:
                self.focus_main()
        if seen:
            self.pictures.show(self.arrays[0], self.matrix.grid.scale, self.kernel_axes[-2:])
            self._follow_picture(*self.pictures.cursor)

    def show_number(self, place: ArrayPlace) -> None:
        super().show_number(place)
        if self.look is Look.PICTURES:
            self.pictures.cursor = (place.at[-2], place.at[-1])

    @on(KernelPictures.Moved)
    def follow_pictures(self, event: KernelPictures.Moved) -> None:
        """Have the cursor on a weight of the picture."""
        if self.look is Look.PICTURES:
            self._follow_picture(event.channel, event.filter)

    def _follow_picture(self, channel: int, filter_: int) -> None:
        self.matrix.cursor = self.view.cell(self._in_picture(channel, filter_))

    def _in_picture(self, channel: int, filter_: int) -> ArrayPlace:
        """Return the weight of a picture that is where the one under the cursor is in its own."""
        here = self.here
        window = (0,) * (self.arrays[0].ndim - 2) if here.array else here.at[:-2]
        return ArrayPlace(0, (*window, channel, filter_))

    @on(KernelPictures.Chosen)
    def open_picture(self, event: KernelPictures.Chosen) -> None:
        """Show a picture's kernel as a slice."""
        self.open_slice(self._in_picture(event.channel, event.filter))

    def _show_statistics(self) -> None:
        """Show the statistics of the array under the cursor; of a large one, once they are measured."""
        if not self.arrays:
            self.query_one("#statistics", Words).show("")
            return
        array = self.here.array
        values = self.arrays[array]
        if self._measured is None or self._measured[0] is not values:
            if values.size > CHUNK:
                self._measure(values)
                return
            self._measured = (values, statistics(values))
        names = self.session.state.model.network.weight_names[self.place]
        words = statistics_words(names[array], self._measured[1], self.digits)
        self.query_one("#statistics", Words).show(words)

    def _measure(self, values: KerasArray) -> None:
        """Measure a large array beside the screen; another one in its place ends that."""
        if self._measuring is values:
            return
        self._measuring = values
        self.query_one("#statistics", Words).show("measuring ...")

        def arrive(measured: Statistics) -> None:
            if self._measuring is values:
                self._measuring, self._measured = None, (values, measured)
                self._show_statistics()

        beside(self, "statistics", lambda pause: statistics(values, pause), arrive)

    def on_matrix_moved(self) -> None:
        self._show_statistics()
        self._show_cell()
        self._show_path()

    def action_watch(self) -> None:
        """Go on to the next of: no path, this weight's path, the paths of all weights of unit, filter."""
        if self.session.state.model.run is None:
            self.refuse("expected a training whose weights could be watched, got none: space on the Training tab")
            return
        self._watched = WATCHED[(WATCHED.index(self._watched) + 1) % len(WATCHED)]
        self._show_path()

    def _show_path(self) -> None:
        """Draw the chosen weight, or all of its unit, over the epochs that are kept."""
        curves, run = self.query_one(Curves), self.session.state.model.run
        curves.display = bool(self._watched) and run is not None and bool(self.arrays)
        if run is None or not curves.display:
            return
        whole = whole_layer(self.arrays)
        row, column = whole.cell(self.here)
        rows = [row]
        if self._watched == "unit":
            every = sum(plane.rows for plane in whole.planes)
            rows = [*(other for other in range(min(every, MOST_PATHS)) if other != row), row]
        paths = []
        for one in rows:
            array, index = whole.place(one, column)
            colour = "training" if one == row else "faint"
            paths.append(Curve(run.kept.path(self.place, array, index), colour, at=run.kept.epochs))
        curves.show(paths, run.recipe.epochs, self.session.state.model.epoch)

    def _show_cell(self) -> None:
        matrix = self.matrix
        if not matrix.grid.table.size:
            self.query_one("#cell", Words).show("")
            return
        row, column = matrix.cursor
        place, kernel = self.here, self.arrays[0]
        names, words = self.session.state.model.network.weight_names[self.place], ""
        if names not in KERNEL_AND_BIAS:
            what = f"{names[place.array]}[{', '.join(str(at + 1) for at in place.at)}]"
            words = self.axes[place.array].words(place.at)
        elif kernel.ndim > 2:
            what = number_words(place, kernel.shape, self.kernel_axes)
        else:
            source = "bias" if place.array else f"weight from {matrix.grid.row_name(row)}"
            what = f"{source} to {matrix.grid.column_name(row, column)}"
        self.query_one("#cell", Words).show(f"{what}: {matrix.grid.table.at(row, column):.9g}   {words}".rstrip())

    def action_compare(self) -> None:
        """List the changes against the initial weights, an epoch, a file or what was before the last step."""
        from tui.dialogs.weights_dialogs import changes_dialog, compare_dialog

        state = self.session.state

        def chosen(name: str, old: Weights) -> None:
            dialog = changes_dialog(state.model.network, name, lambda: old, state.model.weights)
            self.call_later(self.app.push_screen, dialog, self._go_to_place)

        self.app.push_screen(compare_dialog(state, chosen))

    def action_units(self) -> None:
        """List the units that are dead, saturated or constant on the data."""
        from tui.dialogs.weights_dialogs import units_dialog

        if not self.session.state.fits:
            self.refuse("expected data that fit the model, to see what its units do: make such data on the Data tab")
            return
        self.app.push_screen(units_dialog(self.session.state), self._go_to_place)

    def _go_to_place(self, place: Place | None) -> None:
        """Show a number of any layer."""
        if place is None:
            return
        self.place = place.layer
        self.query_one(LayerList).choose(self.place)
        self.draw_layer(self.session.state)
        if self.arrays:
            self.go_to_number(ArrayPlace(place.array, place.at))

    def action_copy(self) -> None:
        """Copy the layer's arrays as the Python that Keras's ``set_weights`` takes."""
        from core.export.arrays import literal

        arrays = self._named(self.place)
        size = sum(array.values.size for array in arrays)
        if not arrays or size > MOST_COPIED:
            self.refuse(
                "this layer has no weights"
                if not arrays
                else f"{size:,} numbers are too many to copy as text: t saves them"
            )
            return
        self.app.copy_to_clipboard(literal(arrays))
        name = plain(arrays[0].layer)
        self.notify(f"Sent to the terminal's clipboard: {size:,} numbers for {name}.set_weights().", markup=False)

    def action_export(self) -> None:
        """Ask which arrays to take away, then in which format."""
        fields = (Field("what", "what", str, choices=(ARRAY, LAYER, MODEL)),)
        form = FormDialog("Take weights away", fields, {"what": ARRAY}, lambda typed: typed["what"], self._export)
        self.app.push_screen(form)

    def _export(self, what: str) -> None:
        from tui.dialogs.take_away_dialog import arrays_dialog

        arrays = self._named(None if what == MODEL else self.place)
        if not arrays:
            raise Refused("expected a layer with weights, got one without any")
        if what == ARRAY:
            array = self.here.array
            dialog = arrays_dialog(f"Take away {plain(arrays[array].path)}", arrays[array])
        else:
            dialog = arrays_dialog(f"Take away {what}", arrays)
        self.call_later(self.app.push_screen, dialog)

    def _named(self, place: int | None) -> tuple[NamedArray, ...]:
        """Return the arrays of the layer at ``place``, or of all, with their names."""
        from core.export.arrays import named_arrays

        model = self.session.state.model
        arrays = named_arrays(model.network, model.weights)
        name = None if place is None else model.network.layers[place].name
        return tuple(array for array in arrays if name in (None, array.layer))
