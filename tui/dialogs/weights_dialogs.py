"""What is found out about weights: what changed against others, and which units are idle."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual import on
from textual.widgets import Input

from core.cells import cut
from core.errors import Refused, shorten
from core.findings.comparison import compare
from core.findings.units import idle_units
from core.formatting import count, number, percent
from core.model.giving import weights_for
from core.paths import typed_path
from core.typed import whole
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.list_dialog import Found, ListDialog
from tui.widgets.form import Field, FieldRefused, Form
from tui.widgets.text import fit, fit_right, plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from core.chunks import Pause
    from core.findings.comparison import Change, Comparison
    from core.model.network import Network
    from core.model.weights import Weights
    from core.session.state import State

FIRST, BEFORE, EPOCH, FILE = "the initial weights", "before the last step", "an epoch", "a file"

WITH = (
    Field("what", "compare with", str, choices=(FIRST, BEFORE, EPOCH, FILE)),
    Field("where", "epoch or file", str, wide=True),
)

WORDS = "A number is an epoch, a name a file: a model, or weights alone of the same shapes."


class Place(NamedTuple):
    """A number of a model: which layer, which of its arrays, and where; or a whole unit, with its first number."""

    layer: int
    array: int
    at: tuple[int, ...]


class CompareDialog(FormDialog):
    """The form that asks what to compare with: what is typed chooses in the list what it is."""

    @on(Input.Changed, "#line-where Input")
    def _choose(self, event: Input.Changed) -> None:
        form, typed = self.query_one(Form), event.value.strip()
        if typed:
            form.line("what").value = EPOCH if typed.isdecimal() else FILE
        elif form.line("what").value in (EPOCH, FILE):
            form.line("what").value = FIRST


def compare_dialog(state: State, chosen: Callable[[str, Weights], None]) -> FormDialog:
    """Return the form that asks what to compare with; ``chosen`` gets its name and its weights."""

    def find(typed: dict[str, Any]) -> tuple[str, Weights]:
        where = typed["where"].strip()
        if where and typed["what"] in (FIRST, BEFORE):
            raise FieldRefused("where", f"expected nothing for {typed['what']}, got {shorten(where)!r}; empty this")
        match typed["what"]:
            case what if what == BEFORE:
                if state.before is None:
                    raise Refused("expected a step before this, got none: nothing was changed yet")
                return BEFORE, state.before.weights
            case what if what == EPOCH:
                return _epoch(state, where)
            case what if what == FILE:
                if not where:
                    raise FieldRefused("where", "expected the name of a model's or weights' file, got nothing")
                path = typed_path(where)
                return path.name, weights_for(state.model.network, path)
        return FIRST, state.model.initial

    values = {"where": "", "what": FIRST}
    return CompareDialog("Compare the weights", WITH, values, find, lambda found: chosen(*found), WORDS)


def _epoch(state: State, text: str) -> tuple[str, Weights]:
    run = state.model.run
    if run is None:
        raise Refused("expected a training whose epochs could be compared with, got none")
    epoch = whole("an epoch", 0, run.kept.last)(text)
    if epoch not in run.kept:
        raise Refused(f"expected an epoch that is kept, got {epoch:,}")
    return f"epoch {epoch:,}", run.kept.weights(epoch)


def changes_dialog(network: Network, name: str, old: Callable[[], Weights], new: Weights) -> ListDialog[Place]:
    """Return the list of the largest changes from ``old``, made in a thread, to ``new``, with what is bit-equal."""

    def find(pause: Pause) -> Found[Place]:
        comparison = compare(network, old(), new, pause)
        heading = f"{'number':<24}{fit_right(cut(plain(name), 11), 12)}{'now':>12}{'difference':>12}{'relative':>11}"
        lines = [_change(network, change) for change in comparison.largest() if change.size > 0]
        return Found(_in_words(comparison), heading if lines else "", lines)

    return ListDialog(f"Against {plain(name)}: the largest changes first", find)


def _in_words(comparison: Comparison) -> str:
    if comparison.bit_equal:
        return "Every number is the same, bit for bit."
    same = [plain(layer.name) for layer in comparison.layers if layer.bit_equal]
    words = []
    for layer in comparison.layers:
        for array in layer.arrays:
            if not array.bit_equal:
                share = "" if array.relative_norm is None else f", {percent(array.relative_norm)} of its norm"
                differing = count(array.differing, "number")
                words.append(f"{plain(layer.name)} {array.name}: {differing} changed, by {array.norm:.4g}{share}.")
    return "\n".join([*words, *([f"Bit-equal: {', '.join(same)}."] if same else [])])


def _change(network: Network, change: Change) -> tuple[str, Place]:
    place = ", ".join(f"{index + 1:,}" for index in change.index)
    relative = "-" if change.relative is None else percent(change.relative)
    numbers = f"{number(change.old):>12}{number(change.new):>12}{number(change.difference):>12}{relative:>11}"
    layer = network.index(change.layer)
    where = Place(layer, network.weight_names[layer].index(change.array), change.index)
    return f"{fit(f'{change.layer} {change.array}[{place}]', 24)}{numbers}", where


def units_dialog(state: State) -> ListDialog[Place]:
    """Return the list of units that do no work or break numbers, over the points of the data."""
    network, weights, points = state.model.network, state.model.weights, state.dataset.points

    def find(pause: Pause) -> Found[Place]:
        shapes = network.weight_shapes
        lines = []
        for layer in idle_units(network, weights, points, pause):
            word = "filter" if len(network.shapes()[layer.place + 1]) > 1 else "unit"
            first = (0,) * (len(shapes[layer.place][0]) - 1) if shapes[layer.place] else ()
            for finding in layer.findings:
                name = fit(network.layers[layer.place].name, 20)
                unit = f"{word} {finding.unit + 1:,}"
                line = f"{name} {unit:<13}{finding.kind:<12}{percent(finding.share)}"
                lines.append((line, Place(layer.place, 0, (*first, finding.unit))))
        where = f"over the {len(points):,} points of the data"
        told = count(len(lines), "finding") if lines else "No unit is dead, saturated, constant, NaN or infinite"
        heading = f"{'layer':<20} {'unit':<13}{'what':<12}share of the points" if lines else ""
        return Found(f"{told} {where}.", heading, lines)

    return ListDialog("Units that are dead (always 0), saturated (beyond 0.99), constant or NaN", find)
