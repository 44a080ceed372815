"""Collections: measured data that byhand brings along, each in a file of NumPy's beside this one."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float

    from core.arrays import KerasArray


@cache
def _read(name: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return the whole numbers and the classes of the collection of that name, in the order of their source."""
    with (
        resources.files(__package__).joinpath("files", f"{name}.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as found,
    ):
        return found["points"], found["labels"]


def drawn(
    name: str, points: int, seed: int, unit: float
) -> tuple[Float[KerasArray, "points inputs"], Float[KerasArray, "points 1"]]:
    """Return ``points`` of a collection in the order of ``seed``, whole numbers divided by ``unit``, and their classes.

    The order is a drawn one because sources are often sorted by class, and Keras validates with the last rows.
    """
    numbers, labels = _read(name)
    rows = np.random.default_rng(seed).permutation(len(numbers))[:points]
    return (numbers[rows] / unit).astype(np.float32), labels[rows].astype(np.float32)[:, np.newaxis]
