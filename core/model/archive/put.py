"""Other numbers in the place of some weights', in the HDF5 file that these were read from; in the limited process only.

Arrays are joined, turned and named anew when they are read: Keras 1 had one for every gate, and an axis more in a
kernel along one. Here the same is done with the place of every number in place of the number, which says where each
comes from.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Refused, shorten
from core.model.archive.hdf5 import Hdf5
from core.model.archive.narrow import BFLOAT16, narrowed, widened
from core.model.files.earlier import as_keras_3
from core.model.files.file_arrays import arrays_in, arrays_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from core.layers.writer import Weight
    from core.model.archive.described import Described
    from core.model.archive.hdf5 import Numbers
    from core.model.between import Content
    from core.model.files.whole_graph import WholeGraph


class Places:
    """Gives the places of the numbers of each dataset that it is asked for, among all of those; writes others there."""

    def __init__(self, file: Hdf5) -> None:
        self._file = file
        self._datasets: list[Any] = []
        self._begins = [0]

    def of(self, dataset: Any, what: str) -> npt.NDArray[Any]:
        """Return the places of the numbers of ``dataset``, in its shape."""
        begin, end = self._begins[-1], self._begins[-1] + self._file.stored(dataset, what).size
        self._datasets.append(dataset)
        self._begins.append(end)
        # Of a whole file they are as many as its numbers: four bytes for each do, nearly always.
        kind = np.int32 if end <= np.iinfo(np.int32).max else np.int64
        return np.arange(begin, end, dtype=kind).reshape(dataset.shape)

    def put(self, places: npt.NDArray[Any], values: npt.NDArray[Any], what: str, advice: str) -> None:
        """Write ``values`` over the numbers at ``places``.

        Raises:
            Refused: a dataset's type does not hold them as they are.
        """
        if not places.size:
            return
        flat, given = places.ravel(), values.ravel()
        first, last = (bisect_right(self._begins, int(end)) - 1 for end in (flat.min(), flat.max()))
        for at in range(first, last + 1):
            inside = (flat >= self._begins[at]) & (flat < self._begins[at + 1])
            self._write(self._datasets[at], flat[inside] - self._begins[at], given[inside], what, advice)

    def _write(self, dataset: Any, at: npt.NDArray[Any], given: npt.NDArray[Any], what: str, advice: str) -> None:
        is_bfloat16, dtype = self._file.is_bfloat16(dataset), dataset.dtype

        def as_given(numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
            plain = widened(numbers.view("<u2"), BFLOAT16) if is_bfloat16 else numbers
            return plain.astype(given.dtype)

        numbers = dataset[()].reshape(-1)
        with np.errstate(all="ignore"):
            others = _bits(as_given(numbers[at])) != _bits(given)
            stored = (narrowed(given[others], BFLOAT16) if is_bfloat16 else given[others].astype(dtype)).view(dtype)
            if (_bits(as_given(stored)) != _bits(given[others])).any():
                called = "bfloat16" if is_bfloat16 else dtype
                raise Refused(
                    f"expected {what} as numbers that {called} holds, as the file has it, got others: {advice}"
                )
        if others.any():
            numbers[at[others]] = stored
            dataset[...] = numbers.reshape(dataset.shape)


def _bits(numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return numbers.view(f"u{numbers.itemsize}")


def with_numbers(
    data: Content,
    read: Callable[[Hdf5, Numbers], Described],
    model: WholeGraph,
    changed: Mapping[Weight, npt.NDArray[Any]],
    advice: str,
) -> bytes:
    """Return the HDF5 file ``data`` with other numbers in the place of those of the ``changed`` weights of ``model``.

    No other byte is another. ``read`` takes the arrays of layers out of an open file, each by the function that it is
    given for the numbers of a dataset.

    Raises:
        Refused: the file can't hold them, for which there is some ``advice``.
    """
    layers = {weight.layer[0] for weight in changed}
    needed = {weight: shape for weight, shape in model.needed.items() if weight.layer[0] in layers}
    with Hdf5(data, changes=True) as file:
        places = Places(file)
        held = arrays_of(as_keras_3(read(file, places.of)))
        where = arrays_in(model.graph, needed, held, whole=not model.stops)
        for weight, values in changed.items():
            what = f"the {weight.name} of {shorten('/'.join(weight.layer), 80)}"
            places.put(where[weight], values, what, advice)
    return file.changed()
