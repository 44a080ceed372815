"""Labels as a file has them: numbers as they are, or names of classes and the place of each among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.arrays import frozen
from core.data.cells import TRUTHS
from core.data.choices import listed
from core.data.dataset import Dataset
from core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Places = npt.NDArray[np.integer]

    from core.arrays import KerasArray

FEW = 10
"""Different labels that a sentence names."""

Labels = tuple["KerasArray", tuple[str, ...]]
"""A column for each number of a label, and the names of classes that the numbers of one column are places of."""


def of_names(where: str, names: Sequence[str], places: Places, *, as_written: bool = False) -> Labels:
    """Return labels that are text: ``places`` are those of each row's name among ``names``, which are all different.

    They are in the order of their names; yes and no are one pair however they are written, unless they are to stay
    ``as_written``.

    Raises:
        Refused: there are too many of them.
    """
    require_few(where, len(names))
    keys = [name.casefold() for name in names]
    if not as_written and any(set(keys) <= set(pair) for pair in TRUTHS):
        return _truths(names, keys, places)
    order = sorted(range(len(names)), key=lambda place: in_order(names[place]))
    moved = np.argsort(order)
    return frozen(moved[places][:, np.newaxis]), tuple(names[place] for place in order)


def _truths(names: Sequence[str], keys: Sequence[str], places: Places) -> Labels:
    """Return labels of yes and no, however they are written; one that no row has keeps its place."""
    pair = next(pair for pair in TRUTHS if set(keys) <= set(pair))
    written = tuple(next((names[place] for place, key in enumerate(keys) if key == word), word) for word in pair)
    of_key = np.array([pair.index(key) for key in keys])
    return frozen(of_key[places][:, np.newaxis]), written


def in_order(name: str) -> tuple[int, float, str]:
    """Return what names are sorted by: numbers as such, before words."""
    try:
        return 0, float(name), name
    except ValueError:
        return 1, 0.0, name


def require_few(where: str, classes: int) -> None:
    """Refuse more classes than are told apart.

    Raises:
        Refused: there are more.
    """
    if classes > Dataset.MOST_DISTINCT:
        raise Refused(
            f"{where}: expected at most {Dataset.MOST_DISTINCT:,} classes, got {classes:,} or more different labels; "
            "choose another label column"
        )


def in_words(targets: Sequence[str], labels: KerasArray, classes: tuple[str, ...]) -> str:
    """Return what labels were taken for."""
    columns = labels.shape[1]
    if not columns:
        return "no labels: for predictions only"
    called = f"labels from {listed(tuple(targets))}" if targets else "labels"
    if classes:
        return f"{called}: {len(classes):,} {'class' if len(classes) == 1 else 'classes'} ({listed(classes)})"
    if columns > 1:
        zeros_and_ones = bool(np.isin(labels, (0.0, 1.0)).all())
        one_hot = zeros_and_ones and bool((labels.sum(axis=1) == 1).all())
        return f"{called}: {'one-hot' if one_hot else 'numbers, of 0 and 1' if zeros_and_ones else 'numbers'}"
    distinct = np.unique(labels)
    few = len(distinct) <= FEW
    shown = listed([str(value).removesuffix(".0") for value in distinct], FEW) if few else "numbers"
    return f"{called}: {shown}"
