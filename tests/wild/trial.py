"""One random model in a file, as Keras has it and as it is opened here, and how two answers are compared."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from core.calculation.running import in_a_row
from core.model.files.opening import OpenedModel, open_any
from tests.wild.models import drawn
from tests.wild.numbers import LENGTH, points_for

import keras  # isort: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from core.arrays import KerasArray
    from core.model.network import Network

CLOSE, CLOSER = 1e-5, 1e-6
"""How far apart numbers may be, as a share of the largest: from Keras's in float32, and from its in float64, in which
the constants are still float32's.
"""

WIDEST = 90
"""How much is said of what Keras raises."""

ROWS = (6, 6, 6, 40)
"""How many points there are: so few that all is fast, or more than Keras evaluates at a time."""


class Differs(Exception):
    """A number here is not Keras's."""


class NotTried(Exception):
    """Keras or byhand refuses what was drawn, and says why."""


@dataclass(frozen=True, eq=False)
class Trial:
    """The model of ``seed`` in a file, opened, and points for it, an array for every input."""

    seed: int
    path: Path
    model: Any
    opened: OpenedModel
    points: Sequence[Any]

    @classmethod
    def of(cls, seed: int, folder: Path) -> Trial:
        """Draw the model, save it by Keras, and open the file.

        Raises:
            NotTried: Keras can't save it.
            Differs: it is not followed.
        """
        model, path = by_keras(lambda: drawn(seed)), folder / f"{seed}.keras"
        points = points_for(model, seed, ROWS[seed % len(ROWS)])
        try:
            model.save(path)
            made = keras.tree.flatten(model(points if len(points) > 1 else points[0], training=False))
        except Exception as problem:
            raise NotTried(f"Keras does not run it: {_said(problem)}") from None
        if any(one.dtype.is_integer or one.dtype.is_bool for one in made):
            raise NotTried("whole numbers come out")
        opened = open_any(path)
        if not isinstance(opened, OpenedModel):
            raise NotTried(f"it is not followed: {opened.stops[:60]}")
        return cls(seed, path, model, as_long(opened), points)

    def random(self, what: int) -> np.random.Generator:
        """Return what draws for one of the checks."""
        return np.random.default_rng([self.seed, what])

    @property
    def network(self) -> Network:
        return self.opened.network

    @cached_property
    def rows(self) -> KerasArray:
        """The points as rows of numbers."""
        return np.stack([in_a_row([one[at] for one in self.points]) for at in range(len(self.points[0]))]).astype("f4")

    @cached_property
    def in_float64(self) -> Any:
        """The same model in float64."""
        with _float64():
            model = drawn(self.seed)
        model.set_weights(self.model.get_weights())
        return model

    def given(self, rows: slice = slice(None)) -> Any:
        """Return the points as Keras takes them."""
        parts = [one[rows] for one in self.points]
        return parts if len(parts) > 1 else parts[0]

    def predicted(self, model: Any, wide: bool = False) -> list[npt.NDArray[np.float64]]:
        """Return what a model of Keras's makes of the points."""
        points = [one.astype("f8") if wide and one.dtype.kind == "f" else one for one in self.points]
        made = model(points if len(points) > 1 else points[0], training=False)
        return [np.asarray(one, dtype=np.float64) for one in keras.tree.flatten(made)]


def as_long(opened: OpenedModel) -> OpenedModel:
    """Return a model whose axes of no fixed length are as long as those of the points."""
    network = opened.network
    return replace(opened, network=msgspec.structs.replace(network, lengths=(LENGTH,) * len(network.lengths)))


@contextmanager
def _float64() -> Iterator[None]:
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        yield
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")


def apart(ours: Any, theirs: Any) -> float:
    """Return how far two arrays are apart, as a share of the largest number; infinite where one has none."""
    one, other = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    finite = np.isfinite(other)
    if one.shape != other.shape or not np.array_equal(one[~finite], other[~finite], equal_nan=True):
        return float("inf")
    if not np.isfinite(one[finite]).all():
        return float("inf")
    return float(np.abs(one - other)[finite].max(initial=0.0) / max(np.abs(other[finite]).max(initial=0.0), 1e-30))


def require_close(what: str, ours: Any, theirs: Any, wide: Callable[[], Any], close: float = CLOSE) -> None:
    """Require that numbers are Keras's, or where float32 is far off those that it has in float64.

    Raises:
        Differs: they are not.
    """
    if (far := apart(ours, theirs)) > close and (wider := apart(ours, wide())) > CLOSER:
        raise Differs(f"{what}: {far:.2g} from Keras's, {wider:.2g} from those in float64")


def by_keras(call: Callable[[], Any]) -> Any:
    """Return what Keras makes.

    Raises:
        NotTried: it can't.
    """
    try:
        return call()
    except Exception as problem:
        raise NotTried(f"Keras can't: {_said(problem)}") from None


def _said(problem: Exception) -> str:
    """Return the class of what Keras says, and the longest line of it."""
    lines = str(problem).partition("Arguments received")[0].split("\n")
    return f"{type(problem).__name__} {max(lines, key=len)[:WIDEST]}"


def layer_at(model: Any, path: Sequence[str]) -> Any:
    """Return a layer of a Keras model by the names that lead to it."""
    for name in path:
        model = next(one for one in getattr(model, "operations", model.layers) if one.name == name)
    return model
