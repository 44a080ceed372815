"""FitsDialog: labels that are numbers beside their predictions, before the last step and now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen

from core.calculation.boundary import field
from core.calculation.fit import Look
from core.errors import Refused
from core.formatting import number
from core.tasks import Errors, Numbers
from tui.beside import beside
from tui.commands import NUMBERS, bindings
from tui.tabs.looking import TURNS, Looking, can_turn
from tui.tabs.pictures import picture
from tui.widgets.fit_picture import FitPicture
from tui.widgets.key_bar import KeyBar
from tui.widgets.plane import Plane
from tui.widgets.words import Words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.calculation.effect import Effect
    from core.chunks import Pause
    from core.session.state import Model, State
    from tui.widgets.plane import Picture


def fits_dialog(state: State, now: Effect | None, before: Effect | None) -> FitsDialog:
    """Return the pictures of predictions now, and beside them those before the last step, if there was one.

    Raises:
        Refused: the effect of the weights is not known by now, or labels are no numbers that the outputs are.
    """
    if now is None or now.dataset is not state.dataset or now.version != state.model.weights.version:
        raise Refused("the effect is still being calculated: press v again in a moment")
    if not isinstance(now.data, Errors) or not isinstance(now.task, Numbers):
        raise Refused("expected labels that are numbers and an output for each; the labels don't fit this model")
    shown = [("now", state.model, now)]
    if state.before is not None and before is not None and before.predicted is not None:
        shown = [("before", state.before, before), *shown]
    return FitsDialog(now.task, shown)


class FitsDialog(ModalScreen[None]):
    """Shows each model's predictions in the same way, which two keys turn."""

    BINDINGS: ClassVar = [Binding("escape,v,q", "leave", "Back"), *bindings(NUMBERS)]

    def __init__(self, task: Numbers, shown: list[tuple[str, Model, Effect]]) -> None:
        super().__init__()
        self._numbers, self._shown = task, shown
        self._looking = Looking()

    @property
    def _inputs(self) -> int:
        return self._shown[0][1].network.inputs

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Have the key of outputs only where there are several."""
        return True if parameters or action not in TURNS else can_turn(action, self._numbers)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(id="fits-title", classes="title")
            with Horizontal():
                for when, _, effect in self._shown:
                    with Vertical():
                        yield Words(f"{when}{_error(effect)}", classes="heading fit-when")
                        yield Plane()
                        yield FitPicture()
        yield KeyBar()

    def on_resize(self) -> None:
        # What is drawn has its new size after the next layout.
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        """Draw what is looked at; a plane's predictions are calculated beside the screen."""
        of_all = "; errors: of all outputs" if len(self._numbers.named) > 1 else ""
        self.query_one("#fits-title", Words).show(self._looking.title(self._numbers, self._inputs) + of_all)
        on_plane = self._looking.look(self._inputs) is Look.PLANE
        for plane, fit, (_, model, effect) in zip(self.query(Plane), self.query(FitPicture), self._shown, strict=True):
            plane.display, fit.display = on_plane, not on_plane
            if not on_plane:
                fit.show(self._looking.fit(model.network, model.weights, effect, self._numbers))
        if on_plane:
            self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        columns, rows = self.query(Plane).first().cells
        if columns and rows:
            work = partial(self._work, columns, rows, self._looking.output(self._numbers))
            beside(self, "pictures", work, self._draw_planes)

    def _work(self, columns: int, rows: int, output: int, _pause: Pause) -> list[Picture]:
        pictures: list[Picture] = []
        for _, model, effect in self._shown:
            data = effect.dataset
            made = field(model.network, model.weights, columns, rows, self._numbers, data.extent, output)
            pictures.append(picture(data, self._numbers, made, len(data), output=output))
        return pictures

    def _draw_planes(self, pictures: list[Picture]) -> None:
        for plane, drawn in zip(self.query(Plane), pictures, strict=False):
            plane.show(drawn)

    # Actions

    def action_look(self) -> None:
        self._looking.turn()
        self._draw()

    def action_output(self) -> None:
        self._looking.turn_output()
        self._draw()

    def action_leave(self) -> None:
        self.dismiss()


def _error(effect: Effect) -> str:
    """Return the mean absolute error of all rows, as it stands beside a picture."""
    if not isinstance(effect.data, Errors):
        return ""
    return f": mean abs. error {number(effect.data.mean_absolute_error)}"
