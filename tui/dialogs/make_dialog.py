"""MakeDialog: which data to make, their settings, a picture of them, and a model that can learn them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Select, Static

from core.arrays import frozen
from core.calculation.fit import over_input
from core.data.dataset import Dataset, generate, rule_over
from core.data.extent import around
from core.data.images import is_image
from core.data.limits import MAX_INPUTS, MAX_POINTS
from core.data.makers import MAKERS, Maker, usual_threshold
from core.errors import Refused
from core.model.initial import MAX_SEED
from core.model.layers_text import chain_network, shape_text
from core.model.network import why_no_loss
from core.tasks import task_for
from core.tasks.suiting import answers, require_answered
from core.typed import real, whole
from tui.dialogs.form_dialog import DONE_BY, FormDialog
from tui.tabs.pictures import picture
from tui.widgets.fit_picture import FitPicture
from tui.widgets.form import Field, FieldRefused, Form
from tui.widgets.image import Image
from tui.widgets.key_bar import KeyBar
from tui.widgets.plane import Picture, Plane
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from core.data.makers import Suited
    from core.session.session import Session
    from core.tasks import Task

KINDS = {f"{kind}: {maker.title}": kind for kind, maker in MAKERS.items()}
"""What the list of kinds shows, and what each is called."""

SETTINGS = (
    Field("points", "points", whole("points", 1, MAX_POINTS)),
    Field("inputs", "inputs", whole("inputs", 1, MAX_INPUTS), "other inputs begin a new model"),
    Field("threshold", "threshold", real("a threshold", np.isfinite, "that is finite"), "+1 where the sum is above it"),
    Field("classes", "classes", whole("classes", 2, 10), "2 to 10"),
    Field("size", "size", whole("a size", 2, 32), "rows and columns, 2 to 32"),
    Field("seed", "seed", whole("a seed", 0, MAX_SEED), "same seed, same points"),
    Field("noise", "noise", real("noise", np.isfinite, "that is finite")),
)
"""The settings that makers have, not each of them every one."""

KEPT, SUITED = "the present one", "one that suits them"

IMAGES = 3
"""How many of data that are pictures are drawn."""

MOST_SHOWN = 120_000
"""Numbers of data that are made while their settings are typed: a matter of milliseconds."""


@dataclass(frozen=True)
class Made:
    """Data that were made, and the model that is to begin anew for them, if one is."""

    dataset: Dataset
    suited: Suited | None


def _on_plane(data: Dataset, task: Task) -> Picture:
    """Return the picture of the points by their last two inputs."""
    if data.inputs == 2:
        return picture(data, task, None, len(data))
    last = replace(data, points=frozen(data.points[:, -2:]))
    axes = f"x{data.inputs - 1}", f"x{data.inputs}"
    return replace(picture(last, task, None, len(data)), axes=axes, extent=around(last.points))


class MakeDialog(FormDialog):
    """Shows the settings that the chosen kind has, and what is made with them while they are typed."""

    def __init__(self, session: Session, finish: Callable[[Made], None]) -> None:
        self._state = session.state
        kind = getattr(self._state.dataset.origin, "kind", "sum")
        kind = kind if kind in MAKERS else "sum"
        title = next(title for title, named in KINDS.items() if named == kind)
        fields = (
            Field("kind", "kind", KINDS.__getitem__, choices=tuple(KINDS), wide=True),
            *SETTINGS,
            Field("model", "model", str, choices=(KEPT, SUITED)),
        )
        values = {"kind": title, "model": KEPT, **{field.name: "0" for field in SETTINGS}, **self._settings_of(kind)}
        super().__init__("Make data", fields, values, self._make, finish)
        self._kind = kind
        self._usual = f"{usual_threshold(self._state.model.network.inputs)}"
        self._shown: dict[str, Any] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(self._title, classes="title", markup=False)
            yield Form(self._fields, self._values)
            yield Words(id="made")
            yield Plane(id="made-picture")
            yield FitPicture(id="made-fit")
            with Horizontal(id="made-images"):
                for _ in range(IMAGES):
                    yield Image()
            yield Static(DONE_BY, classes="outcome", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._show_settings()
        self._show_made()

    def _maker(self, kind: str) -> Maker:
        """Return the maker of that kind as the form begins: with the present data's settings, if they are of it."""
        present = self._state.dataset.origin
        if kind == "sum":
            return rule_over(self._state.model.network.inputs, self._state.dataset)
        return present if isinstance(present, MAKERS[kind]) else MAKERS[kind]()

    def _settings_of(self, kind: str) -> dict[str, str]:
        maker = self._maker(kind)
        return {name: f"{getattr(maker, name)}" for name in maker.__struct_fields__}

    # What is shown

    @on(Select.Changed)
    @on(Input.Changed)
    def _changed(self) -> None:
        form = self.query_one(Form)
        kind = KINDS[form.line("kind").value]
        if kind != self._kind:
            self._kind = kind
            for name, value in self._settings_of(kind).items():
                form.line(name).value = value
            self._show_settings()
        self._follow_inputs(form)
        self._show_made()

    def _follow_inputs(self, form: Form) -> None:
        """Have the usual threshold of the inputs that stand there, unless another one was typed."""
        inputs, threshold = form.line("inputs"), form.line("threshold")
        if threshold.value != self._usual:
            return
        try:
            number = inputs.field.read(inputs.value)
        except Refused:
            # Something is still being typed.
            return
        self._usual = threshold.value = f"{usual_threshold(number)}"

    def _show_settings(self) -> None:
        """Show the lines of the settings that the kind has, each with what it means there."""
        form, maker = self.query_one(Form), MAKERS[self._kind]
        for field in SETTINGS:
            form.line(field.name).display = field.name in maker.__struct_fields__
        form.line("noise").hint(getattr(maker, "noise_is", ""))
        form.line("seed").hint("in which order they come" if maker.fixed else "same seed, same points")

    def _show_made(self) -> None:
        """Show what is made with the settings as they stand, if they can be and it takes no time."""
        typed = self.query_one(Form).typed()
        if typed is None or typed == self._shown:
            return
        self._shown = typed
        try:
            maker = self._asked(typed)
        except Refused:
            return
        data = generate(maker) if maker.points * maker.inputs <= MOST_SHOWN else None
        self.query_one("#made", Words).show(f"{maker.drawn_in_words()}: {maker.in_words()}")
        self._say_model(self._kept_in_words(data) if typed["model"] == KEPT else "{}; {}".format(*maker.suited))
        self._draw(data, maker)

    def _draw(self, data: Dataset | None, maker: Maker) -> None:
        """Draw what was made: on the plane of its last two inputs, as labels over the only one, or as pictures."""
        plane, fit = self.query_one("#made-picture", Plane), self.query_one("#made-fit", FitPicture)
        drawn = data is not None and is_image(data.shape)
        plane.display = data is not None and data.inputs > 1 and not drawn
        fit.display = data is not None and data.inputs == 1 and not drawn
        self.query_one("#made-images").display = drawn
        if data is None:
            return
        task = task_for(data, chain_network(data.inputs, maker.suited.layers).outputs, maker.suited.loss)
        if plane.display:
            plane.show(_on_plane(data, task))
        elif fit.display:
            fit.show(over_input(data.points[:, 0], data.labels[:, 0]))
        for row, image in enumerate(self.query(Image)):
            image.display = drawn and row < len(data)
            if image.display:
                title = f"row {row + 1:,}: label {task.label_text(data.labels[row])}"
                image.show(data.points[row], data.shape, data.range, title)

    def _kept_in_words(self, data: Dataset | None) -> str:
        network, loss = self._state.model.network, self._state.recipe.loss
        words = shape_text(network) or network.name
        if why_no_loss(network) or len(network.graph.outputs) > 1:
            return f"{words}: held against no labels"
        words = f"{words}; {loss}"
        return words if data is None or answers(data, network, loss) else f"{words}: can't answer them"

    def _say_model(self, words: str) -> None:
        """Say beside the choice of the model which one that is."""
        self.query_one(Form).line("model").hint(words)

    # What is done

    @staticmethod
    def _asked(typed: dict[str, Any]) -> Maker:
        maker = MAKERS[typed["kind"]]
        return maker(**{name: typed[name] for name in maker.__struct_fields__})

    def _make(self, typed: dict[str, Any]) -> Made:
        maker = self._asked(typed)
        dataset = generate(maker)
        if typed["model"] == SUITED:
            return Made(dataset, maker.suited)
        try:
            require_answered(dataset, self._state.model.network, self._state.recipe.loss)
        except Refused as refusal:
            raise FieldRefused("model", f"{refusal}; or choose {SUITED}") from None
        return Made(dataset, None)
