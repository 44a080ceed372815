"""The Training tab: the recipe, the curves as they grow, the boundary, and what the accuracy is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import ProgressBar, Static

from core.calculation.boundary import field
from core.errors import Refused
from core.metrics import WHY_BINARY_ACCURACY_DIFFERS, WHY_SIGN_ZERO
from core.model.initial import MAX_SEED
from core.model.network import describe, shape_text
from core.recipe import LOSSES, MAX_BATCH, MAX_EPOCHS, OPTIMIZERS, Recipe
from core.typed import real, whole
from tui.commands import TRAINING, bindings
from tui.dialogs.form_dialog import FormDialog
from tui.tabs.page import TabPage
from tui.tabs.words import confusion_table, progress_line, share
from tui.widgets.curves import Curve, Curves
from tui.widgets.form import Field
from tui.widgets.plane import Picture, Plane

if TYPE_CHECKING:
    from typing import Any

    from textual.app import ComposeResult

    from core.session import State

FIELDS = (
    Field("layers", "layers", str, "as in 5 tanh, 1 tanh"),
    Field("loss", "loss", str, choices=LOSSES),
    Field("optimizer", "optimizer", str, choices=OPTIMIZERS),
    Field(
        "learning_rate", "learning rate", real("a learning rate", lambda rate: 0 < rate <= 1e6, "above 0, up to 1e6")
    ),
    Field("epochs", "epochs", whole("epochs", 1, MAX_EPOCHS)),
    Field("batch_size", "batch size", whole("a batch size", 1, MAX_BATCH), "larger than data: one batch"),
    Field(
        "validation_split",
        "validation split",
        real("a split", lambda split: 0 <= split < 1, "from 0 up to, not including, 1"),
        "last part of the data; 0: none",
    ),
    Field("seed", "seed", whole("a seed", 0, MAX_SEED), "initial weights and shuffling"),
)

BOUNDARY_CELLS = (48, 24)


class TrainingTab(TabPage):
    """Trains the model in Keras; space starts and stops."""

    BINDINGS: ClassVar = bindings(TRAINING)
    WORDS = "Keras moves the weights to lower the loss. Line: training; dots: validation."

    can_focus = True

    class Toggled(Message):
        """The training is to start, or to stop if one is under way."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._points_shown = True

    def compose_body(self) -> ComposeResult:
        yield Static(id="recipe", markup=False)
        with Horizontal():
            with Vertical(id="curves"):
                yield Static("loss", classes="heading", id="loss-title", markup=False)
                yield Curves(id="loss")
                yield Static("sign acc.", classes="heading", id="accuracy-title", markup=False)
                yield Curves(id="accuracy")
            with Vertical(id="results"):
                yield Plane(id="boundary")
                yield Static(id="numbers", markup=False)
        with Horizontal(id="progress"):
            yield ProgressBar(show_percentage=False, show_eta=False)
            yield Static(id="time", markup=False)

    def focus_main(self) -> None:
        self.focus()

    def show(self, state: State) -> None:
        network = state.model.network
        self.query_one("#recipe", Static).update(f"{describe(network)}; {state.recipe.in_words()}")
        self._show_curves(state)
        self._show_boundary(state)
        self.query_one("#numbers", Static).update(self._numbers(state))
        self._show_progress(state)

    def _show_curves(self, state: State) -> None:
        run = state.model.run
        epochs = run.epochs if run else ()
        total = run.recipe.epochs if run else state.recipe.epochs
        for name, values, validation in (
            ("loss", [e.loss for e in epochs], [e.val_loss for e in epochs]),
            ("accuracy", [e.sign_accuracy for e in epochs], [e.val_sign_accuracy for e in epochs]),
        ):
            known = [value for value in validation if value is not None]
            # The solid line last: where both run through one character, it stays whole.
            curves = [Curve(known, "validation", dotted=True), Curve(values, "training")]
            self.query_one(f"#{name}", Curves).show(curves, total)
            title = "loss" if name == "loss" else "sign acc."
            if values:
                title += f" {values[-1]:.4g}" + (f", validation {known[-1]:.4g}" if known else "")
            self.query_one(f"#{name}-title", Static).update(title)

    def _show_boundary(self, state: State) -> None:
        plane = self.query_one("#boundary", Plane)
        plane.display = state.model.network.inputs == 2 and state.fits
        if plane.display:
            shown = len(state.dataset) if self._points_shown else 0
            prediction = field(state.model.network, state.model.weights, *BOUNDARY_CELLS)
            plane.show(Picture(prediction, state.dataset.points[:shown], state.dataset.labels[:shown]))

    def _numbers(self, state: State) -> str:
        evaluation = self.effect.training if self.effect else None
        if evaluation is None:
            if state.model.network.outputs != 1:
                return f"{state.model.network.outputs} outputs: labels of -1 and +1 fit a model with 1 output."
            return ""
        label = f"always {evaluation.baseline_label:+d}"
        lines = [
            f"sign accuracy   {share(evaluation.sign_accuracy)}   {evaluation.correct:,} of {evaluation.points:,}",
            f"{label:<15} {share(evaluation.baseline)}   majority baseline",
            f"binary_accuracy {share(evaluation.binary_accuracy)}   Keras's own",
            *confusion_table(evaluation),
            WHY_BINARY_ACCURACY_DIFFERS,
        ]
        return "\n".join([*lines, WHY_SIGN_ZERO] if evaluation.sign_zero else lines)

    def _show_progress(self, state: State) -> None:
        run = state.model.run
        total = run.recipe.epochs if run else state.recipe.epochs
        self.query_one(ProgressBar).update(total=total, progress=len(run.epochs) if run else 0)
        self.query_one("#time", Static).update(progress_line(run, total, self.keras))

    # Actions

    def action_start_or_stop(self) -> None:
        self.post_message(self.Toggled())

    def action_reset(self) -> None:
        try:
            self.session.reset()
        except Refused as refusal:
            self.refuse(str(refusal))

    def action_points(self) -> None:
        self._points_shown = not self._points_shown
        self._changed()

    def action_settings(self) -> None:
        state = self.session.state
        recipe = state.recipe
        values = {
            "layers": shape_text(state.model.network),
            "loss": recipe.loss,
            "optimizer": recipe.optimizer,
            "learning_rate": f"{recipe.learning_rate:g}",
            "epochs": str(recipe.epochs),
            "batch_size": str(recipe.batch_size),
            "validation_split": f"{recipe.validation_split:g}",
            "seed": str(recipe.seed),
        }
        self.app.push_screen(FormDialog("Training settings", FIELDS, values, _recipe, self._set))

    def _set(self, wanted: tuple[Recipe, str]) -> None:
        recipe, shape = wanted
        unchanged = shape == shape_text(self.session.state.model.network)
        self.session.set_recipe(recipe, None if unchanged else shape)


def _recipe(values: dict[str, Any]) -> tuple[Recipe, str]:
    settings = dict(values)
    shape = settings.pop("layers")
    return Recipe(**settings), shape
