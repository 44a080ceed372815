"""Whatever byhand saves, saved while each call to the system fails once, and from there on: ``python -m tests.faults``.

After each fault the old file is there as it was or the new one, whole; nothing lies beside it; and where it is the old
one, one sentence says why.
"""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.data.dataset import generate
from core.data.makers import SumRule
from core.data.saved import save_data
from core.errors import Refused
from core.export.weights_saved import save_weights
from core.model import keras_file
from core.model import save_model as save_module
from core.model.files.opening import open_model
from core.model.save_model import save_model as save
from core.model.weights import Weights
from core.model.weights_edited import with_number
from core.model.weights_file import open_weights
from core.saving import stamp_at, write_whole
from core.session import kept_steps
from core.training.recipe import Recipe
from tests.hdf5_files import CHAIN_FILE
from tests.hostile_files import GOOD
from tests.mutants import NETWORK, WEIGHTS, practices, worked
from tests.reading import exchange_here
from tests.system import FAULTS, FOR_EVER, Fault, Faulty, handled
from tests.weight_files import by_place, npz, safetensors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import tzinfo
    from typing import Self

OTHERS = tuple(tuple(array + np.float32(1) for array in arrays) for arrays in WEIGHTS.layers)
"""Other weights than those of the good file."""


@dataclass(frozen=True)
class Kind:
    """Something that is saved: its file's ``name``, an ``old`` one if there is one, and how it is made ready to be."""

    name: str
    old: bytes | None
    ready: Callable[[Path], Callable[[], object]]


def _model(archive: bytes | None) -> Callable[[Path], Callable[[], object]]:
    def ready(path: Path) -> Callable[[], object]:
        weights = Weights.for_network(NETWORK, OTHERS)
        return partial(save, path, NETWORK, weights, None if archive else Recipe(), archive, stamp_at(path))

    return ready


def _hdf5(path: Path) -> Callable[[], object]:
    opened = open_model(path)
    weights = opened.weights.with_number(0, 0, (0, 0), 2.5)
    return partial(save, path, opened.network, weights, None, opened.archive, opened.stamp)


def _weights(path: Path) -> Callable[[], object]:
    opened = open_weights(path)
    return partial(save_weights, path, with_number(opened, 0, (0, 0), "2.5").held, opened, opened.stamp)


def _data(path: Path) -> Callable[[], object]:
    return partial(save_data, path, generate(SumRule(12, 2)))


def _steps(_: Path) -> Callable[[], object]:
    return partial(kept_steps.keep, worked().trail.steps, NETWORK, WEIGHTS, "a.keras")


KERNEL = np.arange(6, dtype="<f4").reshape(2, 3)

KINDS = {
    "a new .keras": Kind("a.keras", None, _model(None)),
    "a .keras over another": Kind("a.keras", GOOD, _model(GOOD)),
    "an .h5": Kind("a.h5", CHAIN_FILE, _hdf5),
    "a .weights.h5": Kind("a.weights.h5", by_place({"layers/dense/vars/0": KERNEL}), _weights),
    "an .npz": Kind("a.npz", npz(kernel=KERNEL), _weights),
    "a .safetensors": Kind(
        "a.safetensors",
        safetensors({"a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}, KERNEL.tobytes()),
        _weights,
    ),
    "data as .csv": Kind("a.csv", b"old", _data),
    "data as .npz": Kind("b.npz", b"old", _data),
    "steps": Kind("byhand/steps", None, _steps),
    "steps over others": Kind("byhand/steps", b"old", _steps),
    "a practice": Kind("a.json", b"old", lambda path: partial(write_whole, path, practices()[0])),
}
"""What is saved, by what a table calls it."""

MADE = ("a new .keras", "a .keras over another")
"""What is saved once more as a process makes it, which takes long."""


def attempt(kind: Kind, folder: Path, system: Faulty, new: bytes | None) -> tuple[bytes | None, str]:
    """Save under faults; return what stands in the file then, and what is wrong with that, "" if nothing.

    ``new`` is what the file has once it is saved, None where that is not known yet.
    """
    path = kept_steps.file_of(NETWORK, WEIGHTS) if kind.name.endswith("steps") else folder / kind.name
    _as_before(path, kind.old)
    save = kind.ready(path)
    said, held = "", len(_open_files())
    with handled(system):
        try:
            save()
        except Refused as refusal:
            said = str(refusal)
        except Exception as problem:
            return None, f"{type(problem).__name__}: {problem}"
    found = path.read_bytes() if path.exists() else None
    wrong = ""
    if found not in (kind.old, new) and new is not None:
        wrong = "damaged"
    elif found != new and new is not None and not said:
        wrong = "silent"
    elif said and not said.isprintable():
        wrong = f"no sentence: {said!r}"
    elif system.lasts == 1 and path.parent.exists() and [one for one in path.parent.iterdir() if one != path]:
        wrong = "something was left beside it"
    elif len(_open_files()) != held:
        wrong = "something was left open"
    return found, wrong


def _open_files() -> list[Path]:
    """Return the descriptors that are open, on systems that say so."""
    place = Path("/proc/self/fd")
    return list(place.iterdir()) if place.exists() else []


def _as_before(path: Path, old: bytes | None) -> None:
    if path.parent.exists():
        for one in path.parent.iterdir():
            one.unlink()
        if path.parent.name == "byhand" and old is None:
            path.parent.rmdir()
    if old is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(old)


class _Then(datetime):
    """The clock of files that say when they were saved."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls(2026, 1, 1, tzinfo=tz)


@contextmanager
def in_a_folder(folder: Path, processes: bool) -> Iterator[None]:
    """Keep state in ``folder``, save at one time, and make files in ``processes`` of their own, or here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder))
        patch.setattr(save_module, "datetime", _Then)
        if not processes:
            patch.setattr(keras_file, "exchange", exchange_here)
        yield


def tried(kind: Kind, folder: Path, faults: Sequence[Fault] = FAULTS) -> Iterator[tuple[Faulty, str]]:
    """Save with each call failing in each way, once and from there on; give what failed and what came out wrong."""
    # Once to have all imported.
    attempt(kind, folder, Faulty(faults[0], FOR_EVER), None)
    whole = Faulty(faults[0], FOR_EVER)
    new, wrong = attempt(kind, folder, whole, None)
    assert new not in (None, kind.old) and not wrong, wrong
    for fault, at, lasts in product(faults, range(1, whole.calls + 1), (1, FOR_EVER)):
        system = Faulty(fault, at, lasts)
        _, wrong = attempt(kind, folder, system, new)
        if system.hit:
            yield system, wrong


def main() -> int:
    """Try all, print a table, and return 1 if anything was wrong."""
    failed = 0
    sys.stdout.write("| saved under faults | calls | tries | failures |\n")
    for processes, name in (*((False, name) for name in KINDS), *((True, name) for name in MADE)):
        kind = KINDS[name]
        with TemporaryDirectory() as folder, in_a_folder(Path(folder), processes):
            wrongs, tries, calls = Counter[str](), 0, 0
            for system, wrong in tried(kind, Path(folder)):
                tries, calls = tries + 1, max(calls, system.at)
                if wrong:
                    wrongs[f"{system.fault.name} at {system.hit[0]} (call {system.at}, {system.lasts}): {wrong}"] += 1
        failed += wrongs.total()
        made = ", made by a process" if processes else ""
        sys.stdout.write(f"| {name}{made} | {calls} | {tries} | {wrongs.total()} |\n")
        for wrong in wrongs:
            sys.stdout.write(f"  {wrong}\n")
        sys.stdout.flush()
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
