"""What a session has that no file has, and what a journal would bring back, in words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from core.data.dataset import DataFile
from core.errors import Refused, shorten
from core.findings.comparison import compare
from core.formatting import count
from core.model.weights_kept import changed_in_words
from core.names import listed_within
from core.session.state import only_data_changed
from core.training.recipe import Recipe
from core.training.schedules import Schedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.journal.shelf import Recovered, Session
    from core.journal.sign import Elsewhere
    from core.session.state import Saved, State
    from core.session.trail import Steps

CHANGED_ARRAYS = "arrays of a file"
"""What the changed numbers of a file's arrays are kept as, beside a session."""

MOST_STEPS = 12
"""Steps that are listed; of more the last ones are."""


def lost_in_words(state: State, begun_with: Recipe, beside: Sequence[str] = ()) -> str:
    """Return what an end of a session would lose, "" if nothing; what is ``beside`` it has names such as "practice".

    Settings are lost that are others than those of the file in hand or, without one, those that were ``begun_with``.
    """
    weights = state.unsaved and not only_data_changed(state)
    held = None if state.path is None else state.files.get(state.path)
    settings = begun_with if held is None or held.recipe is None else held.recipe
    parts = [
        *(["weights"] if weights else []),
        *(["data"] if state.unsaved_data else []),
        *(["settings"] if state.recipe != settings and not weights else []),
        *beside,
    ]
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def when(seconds: float) -> str:
    """Return a time of this machine's clock, such as "2026-11-30 10:31"."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def of_file(session: Session | Elsewhere) -> str:
    """Return which file a session had open, in little room."""
    return "no file" if session.file is None else shorten(session.file.name)


def in_words(session: Session) -> str:
    """Return what of a session was not saved, and from when."""
    steps = f"{count(len(session.steps), 'step')}, " if session.steps else ""
    return f"{of_file(session)}: {steps}{session.unsaved} not saved, last changed {when(session.changed)}"


def elsewhere_in_words(session: Session | Elsewhere) -> str:
    """Return who else has a file open, or goes on without one, as a sentence without its end."""
    what = "a session without a file goes on" if session.file is None else f"{of_file(session)} is open"
    return (
        f"{what} in another byhand, on {shorten(session.host)} (process {session.process}) since {when(session.begun)}"
    )


def changes_in_words(recovered: Recovered) -> tuple[str, ...]:
    """Return what a session that is gone on with has changed, a line each."""
    state = recovered.state
    names = state.done[-MOST_STEPS:]
    more = [f"... {count(len(state.done) - len(names), 'step')} before these"] if len(state.done) > len(names) else []
    origin = state.dataset.origin
    data = [f"data: {shorten(origin.named, 70)}"] if isinstance(origin, DataFile) and state.unsaved_data else []
    beside = [_beside_in_words(name, kept) for name, kept in recovered.beside.items()]
    steps = (*(f"step: {shorten(name, 70)}" for name in names), *_undone_in_words(recovered.steps))
    return (*_weights_in_words(state), *data, *_settings_in_words(state), *beside, *more, *steps)


def _beside_in_words(name: str, kept: bytes) -> str:
    if name != CHANGED_ARRAYS:
        return f"{name} under way"
    try:
        return changed_in_words(kept) or f"{name}, as the file has them"
    except Refused as refusal:
        return f"{name}: {refusal}"


def _undone_in_words(steps: Steps) -> list[str]:
    last = [shorten(step.name, 50) for step in steps.redo[-1:]]
    return [f"{count(len(steps.redo), 'step')} taken back, which can be done again: {name}" for name in last]


def _settings_in_words(state: State) -> list[str]:
    """Return which settings are others than those of the file or, without one, than a session begins with."""
    held = None if state.path is None else state.files.get(state.path)
    old, new = Recipe() if held is None or held.recipe is None else held.recipe, state.recipe
    pairs = [(name, getattr(old, name), getattr(new, name)) for name in new.__struct_fields__]
    return [
        f"setting: {name.replace('_', ' ')} {_setting(now)}, {_setting(before)} before"
        for name, before, now in pairs
        if now != before
    ]


def _setting(value: object) -> str:
    if isinstance(value, Schedule):
        return value.in_words()
    if isinstance(value, tuple):
        return listed_within(map(_setting, value), 40) or "none"
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else shorten(str(value), 40)


def _weights_in_words(state: State) -> tuple[str, ...]:
    """Return how the weights differ from those of the file that the model is of, or that it began with."""
    model, own = state.model, state.own_file
    held: Saved | None = None if own is None else state.files[own]
    old = model.initial if held is None else held.weights
    name = "what the model began with" if own is None else shorten(own.name)
    try:
        found = compare(model.network, old, model.weights, largest=1)
    except Refused:
        return (f"the model has other layers than {name}",)
    differing = sum(array.differing for layer in found.layers for array in layer.arrays)
    if not differing:
        return ()
    largest = found.largest(1)[0]
    index = ", ".join(str(place + 1) for place in largest.index)
    where = f"{shorten(largest.layer)} {shorten(largest.array)}[{index}]"
    return (
        f"{differing:,} of {count(model.weights.count, 'number')} differ from {name}",
        f"the largest change: {where}, {largest.old:.6g} before, {largest.new:.6g} now",
    )
