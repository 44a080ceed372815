"""Files of weights alone: their arrays with names, read in the limited process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.model.archive.protocol import HeldWeights, ReadWeights
from core.model.keras_file import ask, read_file
from core.saving import stamp_at

if TYPE_CHECKING:
    from pathlib import Path

    from core.model.alone import WeightsAlone
    from core.model.archive.held_array import HeldArray
    from core.model.between import Content, Progress
    from core.saving import Stamp

SUFFIXES = (".h5", ".hdf5", ".npz", ".safetensors")


@dataclass(frozen=True, eq=False)
class WeightsFile:
    """The arrays of a file in its order, which format it has, what it says that saved it, and what was left out.

    There may be a model beside them, that they are ``of_model``.
    """

    format: str
    saved_by: str
    arrays: tuple[HeldArray, ...]
    left_out: tuple[str, ...]
    path: Path | None = None
    stamp: Stamp | None = None
    """Where it was opened, and by what it is known whether somebody else has changed it since."""
    of_model: bool = False
    content: Content = b""
    """The file itself."""
    of_class: str = ""
    """The class of that model, if its author's code alone says of which layers it is."""

    @property
    def in_words(self) -> str:
        """What is known of it: of which model it is, which format it has, what saved it."""
        what = "The arrays of a model" if self.of_model else "Weights alone, no model"
        what = f"The arrays of a {self.of_class}, whose code is not in the file" if self.of_class else what
        return f"{what}: {self.format}{f', saved by {shorten(self.saved_by)}' if self.saved_by else ''}"

    @property
    def parameters(self) -> int:
        """How many numbers there are but for those that an optimizer remembers."""
        return sum(array.values.size for array in self.arrays if not array.of_optimizer)

    @property
    def remembered(self) -> int:
        """How many numbers an optimizer remembers."""
        return sum(array.values.size for array in self.arrays if array.of_optimizer)


def open_weights(path: Path, progress: Progress = lambda _share: None) -> WeightsFile:
    """Return the arrays of the file at ``path``; of a model, those that it has.

    ``progress`` is told the share of the file that was read, from 0 to 1.

    Raises:
        Refused: there is no such file, it can't be read, is damaged, or holds no arrays of numbers.
    """
    name, stamp = shorten(path.name), stamp_at(path)
    file = read_file(path, progress)
    held = ask(ReadWeights(), name, file)
    if not isinstance(held, HeldWeights):
        raise Refused(f"{name} could not be opened: its reader answered something else; try again")
    return _file(held, file.content, path, stamp)


def open_alone(path: Path, alone: WeightsAlone) -> WeightsFile:
    """Return the arrays of the file at ``path``, which were found when it was opened as a model.

    Raises:
        Refused: there are none.
    """
    return open_weights(path) if alone.held is None else _file(alone.held, alone.content, path, alone.stamp)


def _file(held: HeldWeights, content: Content, path: Path, stamp: Stamp | None) -> WeightsFile:
    if not held.arrays:
        raise Refused(
            f"{shorten(path.name)}: expected weights, got a file without any array of numbers; choose another"
        )
    arrays, said = tuple(tensor.array(content) for tensor in held.arrays), (held.format, held.saved_by)
    return WeightsFile(*said, arrays, held.left_out, path, stamp, held.of_model, content, held.of_class)
