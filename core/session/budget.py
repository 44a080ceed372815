"""How much memory the past of a session takes, and how many of its steps there is room for: the oldest go first.

What is counted is what the steps, done and undone, hold and nothing else does: not the present, no pinned training. An
array that several of them share counts once. Trainings in it count with their epochs' numbers and weights. What files
had when they were opened or saved, by which it is known what is saved, counts with the steps and takes at most half of
their room, beside those that steps lead back to; the files of longest ago are forgotten above that. Pinned trainings
have a budget of their own: they never go by themselves, and above it none is pinned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Refused
from core.formatting import count
from core.limits import most

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from core.data.dataset import Dataset
    from core.session.state import Model, Run, Saved

BUDGET = 64 << 20
"""Bytes that all steps may take, or as many times the present weights as :data:`AT_LEAST` says, if that is more."""

AT_LEAST = 4

PINNED = 256 << 20
"""Bytes that pinned trainings may take."""

STEP = 2 << 10
"""Bytes of a step beside its arrays: its name, its model, what each array is told by."""

NETWORK = 20
"""How many times as much memory as its description a network takes, with what is worked out of it."""

SAID = 1 << 19
"""Bytes of what files had from which on they are named by themselves."""

UNCOUNTED = 1 / 16
"""The share of what is allowed that may come to it before all is counted again, which takes a while for many steps."""

OF_FILES = 1 / 2
"""The share of what the steps may take that what files had may take."""

LEAST_STEPS = 1
"""The last step can be taken back, whatever it takes."""

Held = dict[int, int]
"""What an object holds: bytes by what tells one array from all others for as long as it is held."""


def held_by(model: Model, dataset: Dataset) -> Held:
    """Return the arrays of a model, its training and data; of an array that is a part of another, the whole."""
    network = model.network
    held = {id(network): NETWORK * len(network.config)}
    held.update(_arrays(array for weights in (model.weights, model.initial) for one in weights.layers for array in one))
    held.update(_of_data(dataset))
    if model.archive is not None:
        held[id(model.archive)] = len(model.archive)
    if model.run is not None:
        held.update(_of_run(model.run))
    return held


def held_by_file(file: Saved) -> Held:
    """Return the arrays that a file had."""
    held = {id(file.network): NETWORK * len(file.network.config)}
    held.update(_arrays(array for layer in file.weights.layers for array in layer))
    return held


def _of_run(run: Run) -> Held:
    held = dict(growing.held for layer in run.kept.arrays for growing in layer)
    held.update(_arrays((run.kept.epochs, *run.history.columns.values())))
    if run.standing is not None:
        held[id(run.standing)] = run.standing.size
    return held if run.dataset is None else {**held, **_of_data(run.dataset)}


def _of_data(dataset: Dataset) -> Held:
    parts = dataset.points, dataset.labels, dataset.weights, dataset.file_rows
    return dict(_arrays(part for part in parts if part is not None))


def _arrays(arrays: Iterable[npt.NDArray[Any]]) -> Iterator[tuple[int, int]]:
    for array in arrays:
        whole = array
        while isinstance(whole.base, np.ndarray):
            whole = whole.base
        yield id(whole), whole.nbytes


@dataclass(frozen=True)
class Room:
    """What the steps take of what they may take, in bytes, and how many ``gone`` ones there was no more room for.

    In what is ``taken`` is what ``files`` had, a part of it; the ``pinned`` trainings, so many, take ``pins``.
    """

    steps: int
    taken: int
    allowed: int
    gone: int = 0
    files: int = 0
    pinned: int = 0
    pins: int = 0

    def in_words(self) -> str:
        """Return it in a line, as in "12 steps take 3.4 of 64 MB; 3 older ones had to go"."""
        verb = "takes" if self.steps == 1 else "take"
        files = f", {_in_mb(self.files)} of that what files have" if self.files >= SAID else ""
        gone = f"; {count(self.gone, 'older one')} had to go" if self.gone else ""
        holds = "takes" if self.pinned == 1 else "take"
        pins = f"; {self.pinned:,} pinned {holds} {taken_in_words(self.pins, most(PINNED))}" if self.pinned else ""
        return f"{count(self.steps, 'step')} {verb} {taken_in_words(self.taken, self.allowed)}{files}{gone}{pins}"


def taken_in_words(taken: int, allowed: int) -> str:
    """Return bytes of those that are allowed, as in "3.4 of 64 MB"."""
    return f"{_in_mb(taken)} of {_in_mb(allowed)} MB"


def _in_mb(size: int) -> str:
    amount = size / (1 << 20)
    return f"{amount:,.0f}" if amount >= 10 else f"{amount:.1f}"


def allowed_beside(present: Model) -> int:
    """Return how many bytes the steps of a session may take that is at the ``present`` model."""
    arrays = (array for layer in present.weights.layers for array in layer)
    return max(most(BUDGET), AT_LEAST * sum(array.nbytes for array in arrays))


def require_room(pinned: Sequence[Held]) -> None:
    """Refuse to pin what makes the pinned trainings larger than they may be.

    Raises:
        Refused: they would be.
    """
    if (taken := taken_by(pinned, {})) > most(PINNED):
        would = taken_in_words(taken, most(PINNED))
        raise Refused(f"expected room for the pinned trainings, which would take {would}: let one go first (v, then -)")


def taken_by(steps: Iterable[Held], elsewhere: Held) -> int:
    """Return how many bytes some hold beside what is held ``elsewhere``."""
    seen = dict(elsewhere)
    return sum(_more(one, seen) for one in steps)


def fitting(undo: Sequence[Held], redo: Iterable[Held], elsewhere: Held, allowed: int) -> int:
    """Return how many of the newest steps of ``undo``, the oldest first, fit beside what is held ``elsewhere``.

    Those to ``redo`` stay in any case, and so does the last one.
    """
    seen = dict(elsewhere)
    taken = sum(_more(one, seen) for one in redo)
    for place, one in enumerate(reversed(undo)):
        taken += _more(one, seen)
        if taken > allowed and place >= LEAST_STEPS:
            return place
    return len(undo)


def files_fitting(files: Sequence[Held], elsewhere: Held, allowed: int) -> int:
    """Return how many of the newest ``files``, the oldest first, fit; the last one does in any case."""
    return fitting(files, (), elsewhere, int(allowed * OF_FILES))


def _more(one: Held, seen: Held) -> int:
    """Return what is held besides what was seen, and see it."""
    more = STEP + sum([size for key, size in one.items() if key not in seen])
    seen.update(one)
    return more
