"""The Training tab: the recipe, the curves as they grow, the boundary, and what the accuracy is worth."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical
from textual.message import Message

from core.calculation.boundary import field
from core.calculation.fit import Look
from core.calculation.two_losses import as_a_sum, why_they_differ
from core.errors import Refused
from core.model.layers_text import shape_text
from core.model.network import require_loss, why_no_loss
from core.session.dials import DIALS, Settings
from core.session.history import History
from core.tasks import Answers, Classes, Numbers, Signs
from core.tasks.fitting import scored
from core.tasks.words import how_it_is_read, unanswered_words
from core.typed import whole
from tui.commands import TRAINING, bindings
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.runs_dialog import RunsDialog
from tui.dialogs.training_form import of_each_output, read_training, training_fields, training_values
from tui.tabs.effect_words import why_no_worth
from tui.tabs.looking import TURNS, Looking, can_turn
from tui.tabs.page import TabPage
from tui.tabs.pictures import picture
from tui.tabs.words import counted, has_mistakes, kept_line, more_numbers, progress_line, scores_table, share
from tui.trainer import Wanted
from tui.widgets.curves import Curve, Curves
from tui.widgets.dials import DialRow
from tui.widgets.fit_picture import FitPicture
from tui.widgets.form import Field
from tui.widgets.plane import Plane
from tui.widgets.scrubber import Scrubber
from tui.widgets.words import Words

if TYPE_CHECKING:
    from typing import Any

    from textual.app import ComposeResult

    from core.session.dials import Dial
    from core.session.state import State
    from core.training.recipe import Recipe

FIRST_CELLS = (48, 24)
"""Columns and rows that the boundary is calculated for before it is known how large its picture is."""

MOST_CELLS = (96, 48)
"""And at most: a larger picture shows each of them more than once."""


ROOMY = 30
"""Lines of the tab from which on there is room for all below a picture."""

TITLES = {"sign_accuracy": "sign acc.", "mean_absolute_error": "mean abs. error"}
"""What a curve is called, where that is shorter than Keras's name for it."""

NO_DATA = "there is nothing to train on: o or s on Data"


class TrainingTab(TabPage):
    """Trains the model in Keras: space starts and stops, the arrow keys turn settings, the brackets move in time."""

    BINDINGS: ClassVar = bindings(TRAINING)
    WORDS = "Keras moves the weights to lower the loss. Line: training; dots: validation."

    can_focus = True

    class Asked(Message):
        """Something is wanted of the training."""

        def __init__(self, wanted: Wanted) -> None:
            self.wanted = wanted
            super().__init__()

    class Turned(Message):
        """A setting was turned a notch."""

        def __init__(self, dial: Dial, notch: int) -> None:
            self.dial, self.notch = dial, notch
            super().__init__()

    class Changed(Message):
        """Settings were changed; what was trained with the old ones is out of date."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._points_shown = True
        self._looking = Looking()
        self._drawn: dict[str, tuple[object, ...]] = {}

    def watch_answer(self) -> None:
        """Keras's prediction for one point is not shown here."""

    def watch_waits(self) -> None:
        self._changed()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Have each key only where it does something: one stops what is under way, another takes a wish back."""
        if action in TURNS:
            state = self.session.state
            return state.fits and can_turn(action, state.task)
        run = self.session.state.model.run
        under_way = run is not None and run.running and run.paused is None
        there = {Wanted.START.name: not under_way, Wanted.STOP.name: under_way, Wanted.NOT_NOW.name: self.waits}
        return there.get(str(parameters[0]), True) if action == "want" else True

    def compose_body(self) -> ComposeResult:
        yield DialRow()
        with Horizontal():
            with Vertical(id="curves"):
                yield Words("loss", id="loss-title", classes="heading")
                yield Curves(id="loss")
                yield Words("sign acc.", id="accuracy-title", classes="heading")
                yield Curves(id="accuracy")
            with Vertical(id="results"):
                yield Words(id="fit-title", classes="heading")
                yield Plane(id="boundary")
                yield FitPicture(id="fit")
                yield Words(id="numbers")
        with Horizontal(id="progress"):
            yield Scrubber()
            yield Words(id="time")
        yield Words(id="kept")

    def in_hand(self) -> DialRow:
        """Return where the chosen setting is seen."""
        return self.query_one(DialRow)

    def focus_main(self) -> None:
        self.focus()

    def show(self, state: State) -> None:
        why = why_no_loss(state.model.network)
        self.set_class(bool(why), "-untrained")
        settings = Settings(state.recipe, state.model.network, state.dataset)
        self.query_one(DialRow).show([(dial.name, dial.text(settings)) for dial in DIALS])
        if why:
            for picture in ("#boundary", "#fit-title", "#fit", "#kept"):
                self.query_one(picture).display = False
            self.query_one("#numbers", Words).show(f"Nothing is trained: {why}.")
            return
        self._show_progress(state)
        run = state.model.run
        if run is not None and run.running and not run.epochs and run.paused is None and state.previous is not None:
            # The pictures of the training before stand until there is something newer to see.
            return
        column = counted(state)
        for name, title, told in (("loss", "loss", "loss"), ("accuracy", TITLES.get(column, column), column)):
            self._show_curves(state, name, title, told)
        self._show_boundary(state)
        self.query_one("#numbers", Words).show(self._numbers(state))

    def _is_drawn(self, what: str, *made_of: object) -> bool:
        """Return whether ``what`` was last drawn from these very things, and remember them."""
        old, self._drawn[what] = self._drawn.get(what, ()), made_of
        return len(old) == len(made_of) and all(new is was for new, was in zip(made_of, old, strict=True))

    def _show_curves(self, state: State, name: str, title: str, column: str) -> None:
        run = state.model.run
        history = run.history if run else None
        if self._is_drawn(name, history, state.pinned, state.previous, state.recipe, column, state.model.epoch):
            return
        history = history or History()
        total = run.recipe.epochs if run else state.recipe.epochs
        others = [pinned.run for pinned in state.pinned] + ([state.previous] if state.previous else [])
        loss = run.recipe.loss if run else state.recipe.loss
        # The solid line last: where several run through one character, it stays whole.
        curves = [
            Curve(other.history[column], "faint", foreign=column == "loss" and other.recipe.loss != loss)
            for other in others
            if other is not run
        ]
        curves.append(Curve(history[f"val_{column}"], "validation", dotted=True))
        curves.append(Curve(history[column], "training"))
        self.query_one(f"#{name}", Curves).show(curves, total, state.model.epoch)
        epoch = state.model.epoch if state.model.epoch is not None else len(history)
        for label, values in (("", history[column]), (", validation", history[f"val_{column}"])):
            if 0 < epoch <= len(values):
                title += f"{label} {values[epoch - 1]:.4g}"
        self.query_one(f"#{name}-title", Words).show(title)

    def _show_boundary(self, state: State) -> None:
        plane = self.query_one("#boundary", Plane)
        task, network = state.task, state.model.network
        on_plane = not isinstance(task, Numbers) or self._looking.look(network.inputs) is Look.PLANE
        plane.display = network.inputs == 2 and state.fits and scored(state) and on_plane
        self._show_fit(state)
        cells = min(plane.cells, MOST_CELLS) if all(plane.cells) else FIRST_CELLS
        output = self._looking.output(task) if isinstance(task, Numbers) else 0
        made_of = (state.model.weights, state.dataset, state.recipe, self._points_shown, cells, output)
        if plane.display and not self._is_drawn("boundary", *made_of):
            shown = len(state.dataset) if self._points_shown else 0
            data = state.dataset
            prediction = field(network, state.model.weights, *cells, task, data.extent, output)
            plane.show(picture(data, task, prediction, shown, output=output))

    def _show_fit(self, state: State) -> None:
        """Draw labels that are numbers beside their predictions, where it is not the plane that shows both."""
        task, network = state.task, state.model.network
        title, picture = self.query_one("#fit-title", Words), self.query_one("#fit", FitPicture)
        title.display = isinstance(task, Numbers) and state.fits and scored(state)
        picture.display = title.display and self._looking.look(network.inputs) is not Look.PLANE
        if not isinstance(task, Numbers) or not title.display:
            return
        words, weights = self._looking.title(task, network.inputs), state.model.weights
        title.show(words)
        if picture.display and not self._is_drawn("fit", weights, self.effect, task, words):
            picture.show(self._looking.fit(network, weights, self.effect, task))

    def _numbers(self, state: State) -> str:
        scores = self.effect.data if self.effect else None
        if scores is None or self.effect is None:
            why = why_no_worth(state)
            return f"nothing to draw or to count: {why}" if why else ""
        task = self.effect.task
        right = []
        if isinstance(scores, Answers):
            title = "sign acc., all" if isinstance(task, Signs) else "accuracy, all"
            title = "places right" if scores.counted == "place" else title
            right = [f"{title:<15} {share(scores.accuracy)}   {scores.correct:,} of {scores.points:,}"]
        # Where a recipe asks for more numbers, or classes are many, these take the place of the sentence; and the
        # picture does in a low terminal. Data has it too.
        low = self.query_one("#boundary", Plane).display and self.size.height < ROOMY
        narrow = low and isinstance(task, Classes) and len(task.classes) > 2
        more = more_numbers(state) or has_mistakes(scores) or narrow
        sentence = [] if more else [how_it_is_read(task, state.recipe.losses(len(state.model.network.graph.outputs)))]
        lines = [*right, *scores_table(scores), *more_numbers(state), *sentence]
        return "\n".join([*lines, unanswered_words((scores,))]).rstrip()

    def _show_progress(self, state: State) -> None:
        run, epoch = state.model.run, state.model.epoch
        total = run.recipe.epochs if run else state.recipe.epochs
        done = run.epochs if run else 0
        self.query_one(Scrubber).update(total=total, progress=done if epoch is None else epoch)
        told = progress_line(state.model, total, self.keras, self.waits)
        is_something = run is not None or len(state.dataset) > 0
        self.query_one("#time", Words).show(told if is_something else NO_DATA)
        kept = self.query_one("#kept", Words)
        kept.display = run is not None
        if run is not None and run.epochs:
            lines = (kept_line(run), as_a_sum(self.effect), why_they_differ(state, self.effect))
            kept.show("\n".join(line for line in lines if line))

    def on_plane_resized(self) -> None:
        """Calculate the boundary for the cells that there are now."""
        self._changed()

    # Actions

    def action_want(self, wanted: str) -> None:
        self.post_message(self.Asked(Wanted[wanted]))

    def action_choose(self, places: int) -> None:
        self.query_one(DialRow).choose(places)

    def action_turn(self, notch: int) -> None:
        self.post_message(self.Turned(DIALS[self.query_one(DialRow).chosen], notch))

    def on_scrubber_chosen(self, chosen: Scrubber.Chosen) -> None:
        """Show the epoch at the place of the bar that was clicked."""
        run = self.session.state.model.run
        self._go_near(round(chosen.share * (run.recipe.epochs if run else 0)))

    def action_first_epoch(self) -> None:
        self._go_near(0)

    def action_last_epoch(self) -> None:
        run = self.session.state.model.run
        self._go_near(run.epochs if run else 0)

    def action_go_to_epoch(self) -> None:
        run, epoch = self.session.state.model.run, self.session.state.model.epoch
        if run is None:
            self._go_near(0)
            return
        last = run.kept.last
        fields = (Field("epoch", "epoch", whole("an epoch", 0, last), f"0 to {last:,}; the nearest one kept"),)
        here, go = {"epoch": str(last if epoch is None else epoch)}, self.session.runs.go_near_epoch
        self.app.push_screen(FormDialog("Go to an epoch", fields, here, lambda values: values["epoch"], go))

    def _go_near(self, epoch: int) -> None:
        try:
            self.session.runs.go_near_epoch(epoch)
        except Refused as refusal:
            self.refuse(str(refusal))

    def action_pin(self) -> None:
        run = self.session.state.model.run
        name = run.recipe.in_words() if run else ""
        fields = (Field("name", "name", str, "of this training"),)
        self.app.push_screen(
            FormDialog(
                "Pin this training", fields, {"name": name}, lambda values: values["name"], self.session.runs.pin
            )
        )

    def action_runs(self) -> None:
        if self.session.state.pinned:
            self.app.push_screen(RunsDialog(self.session))
        else:
            self.refuse("no training is pinned yet: c pins the present one")

    def action_reset(self) -> None:
        try:
            self.session.reset()
        except Refused as refusal:
            self.refuse(str(refusal))

    def action_points(self) -> None:
        if not self.query_one("#boundary", Plane).display:
            self.refuse("points stand on the boundary over two inputs, and none is drawn here")
            return
        self._points_shown = not self._points_shown
        self._changed()

    def action_look(self) -> None:
        self._looking.turn()
        self._changed()

    def action_output(self) -> None:
        self._looking.turn_output()
        self._changed()

    def action_settings(self) -> None:
        state = self.session.state
        try:
            require_loss(state.model.network)
        except Refused as refusal:
            self.refuse(str(refusal))
            return
        values = training_values(state.recipe, state.model.network)
        fields = training_fields(state.model.network)
        read = partial(read_training, state)
        words = of_each_output(state.recipe, state.model.network)
        self.app.push_screen(FormDialog("Training settings", fields, values, read, self._set, words))

    def _set(self, wanted: tuple[Recipe, str | None]) -> None:
        recipe, shape = wanted
        unchanged = shape is None or shape == shape_text(self.session.state.model.network)
        trained = self.session.state.model.run is not None
        self.session.set_recipe(recipe, None if unchanged else shape)
        if trained:
            self.post_message(self.Changed())
