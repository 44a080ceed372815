"""What a journal has of a session: parts that name each other by their places, each value once.

Arrays stand as they are, as what of an earlier one was changed, or as a place in the file that a model was opened from.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from core.data.dataset import DataFile
from core.data.makers import Maker, Nothing
from core.model.network import Network
from core.training.recipe import Recipe

Place = Annotated[int, msgspec.Meta(ge=0)]
"""Where a part stands among those of its journal, from 0."""

Type = Literal["<f4", "<f8", "<i8"]

TYPES: dict[str, Type] = {"<f4": "<f4", "<f8": "<f8", "<i8": "<i8", ">f4": "<f4", ">f8": "<f8", ">i8": "<i8"}
"""The types of arrays as this machine has them, and as they are written."""

Size = Annotated[int, msgspec.Meta(ge=0)]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=lambda name: name.removesuffix("Part")):
    """What all parts are."""


class ArrayPart(Part, frozen=True):
    """An array, whose numbers are the bulk in C order."""

    dtype: Type
    shape: tuple[Size, ...]


class ChangedPart(Part, frozen=True):
    """The array ``of`` with ``count`` numbers changed: the bulk is their places in C order, then the numbers."""

    of: Place
    count: Size


class WithinPart(Part, frozen=True):
    """A float32 array that stands in a file which was opened, from byte ``start`` on."""

    file: Place
    start: Size
    shape: tuple[Size, ...]


class OpenedFilePart(Part, frozen=True):
    """A file that a model was opened from: the bulk is what is in it."""


class FileElsewherePart(Part, frozen=True):
    """A large file that a model was opened from, which is still there; ``digest`` is the BLAKE2b of its bytes."""

    path: str
    digest: bytes


class WeightsPart(Part, frozen=True):
    """The arrays of every layer."""

    layers: tuple[tuple[Place, ...], ...]


class DescriptionPart(Part, frozen=True):
    """A network as Keras describes it."""

    network: Network


class MadePart(Part, frozen=True):
    """Data as what makes them."""

    origin: Maker | Nothing


class DataPart(Part, frozen=True):
    """Data as they are."""

    file: DataFile
    points: Place
    labels: Place
    weights: Place | None
    classes: tuple[str, ...]
    shape: tuple[Size, ...]
    file_rows: Place | None


class StandingPart(Part, frozen=True):
    """Where a training stood beside its weights, as the bulk."""


class TrainingPart(Part, frozen=True):
    """A training, or what it came to since ``after`` was written: columns of epochs, and the weights that are kept."""

    after: Place | None
    recipe: Recipe
    data: Place | None
    columns: dict[str, Place]
    epochs: Place
    stacked: tuple[tuple[Place, ...], ...]
    budget: Size
    seconds: float
    running: bool
    stopped: bool
    method: str
    reason: str
    compiling: float
    standing: Place | None = None
    since: Size = 0


class ModelPart(Part, frozen=True):
    """A network with its weights, and the training between them."""

    network: Place
    initial: Place
    weights: Place
    training: Place | None
    epoch: Size | None
    file: Place | None


class RowsPart(Part, frozen=True):
    """Where the rows of data went in a step that moved them; None if they stayed."""

    places: Place | None


class StepPart(Part, frozen=True):
    """What one step replaced."""

    name: str
    data: Place
    model: Place
    x: Place
    recipe: Recipe | None
    path: str | None
    opened: bool
    moved: Place | None


class StepsPart(Part, frozen=True):
    """The steps of a session, back and forth."""

    undo: tuple[Place, ...]
    redo: tuple[Place, ...]
    beginning: str
    saved_as: str


class InFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a model a file had when it was opened or saved: inode, size and time by which it was known, settings."""

    path: str
    network: Place
    weights: Place
    stamp: tuple[int, int, int] | None
    recipe: Recipe | None = None


class PinnedTraining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A training that was pinned."""

    name: str
    data: Place
    model: Place
    training: Place


class NowPart(Part, frozen=True, kw_only=True):
    """Where a session stood at ``time`` (seconds since 1970), and what no file had then, in words; "" if nothing."""

    time: float
    unsaved: str
    model: Place
    data: Place
    recipe: Recipe
    x: Place
    row: Size | None
    given: bool
    path: str | None
    files: tuple[InFile, ...]
    previous: Place | None
    saved_data: Place | None
    pinned: tuple[PinnedTraining, ...]
    steps: Place
    beside: dict[str, bytes]


class BegunPart(Part, frozen=True):
    """Who writes a journal: the first part of each."""

    host: str
    process: int
    time: float


class AtPart(Part, frozen=True):
    """Which file the session has open from here on, by its whole path; None if none."""

    path: str | None


AnyPart = (
    BegunPart
    | AtPart
    | ArrayPart
    | ChangedPart
    | WithinPart
    | OpenedFilePart
    | FileElsewherePart
    | WeightsPart
    | DescriptionPart
    | MadePart
    | DataPart
    | StandingPart
    | TrainingPart
    | ModelPart
    | RowsPart
    | StepPart
    | StepsPart
    | NowPart
)
