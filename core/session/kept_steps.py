"""The steps of a session in a file of byhand's own, found again by the weights that they led to.

A person's model file is left as Keras writes it: the steps stand beside it in byhand's state folder, under a name
made of the model's shape and weights, so that a file that was moved or renamed has them too. They begin where a file
was opened last, and say under which name they were saved, for whoever opens a copy. What is read is checked;
a file that cannot be used means that there are no steps to go back to, and nothing else.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.errors import Refused, shorten
from core.journal.reading import Reader, find
from core.journal.records import MAGIC
from core.journal.writing import Writer
from core.paths import typed_path
from core.reading import open_file, size_of
from core.saving import reason_of, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.model.network import Network
    from core.model.weights import Weights
    from core.session.trail import Step, Steps

MOST_BYTES = 256_000_000
"""Of what all files of steps may take together, the oldest give way; of one that is larger, its oldest steps do."""

SUFFIX = ".steps"


def file_of(network: Network, weights: Weights, environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the steps that led to these weights are kept."""
    made = blake2b(msgspec.msgpack.encode(network), digest_size=16)
    for arrays in weights.layers:
        for array in arrays:
            made.update(np.ascontiguousarray(array).data)
    return folder(environment) / f"{made.hexdigest()}{SUFFIX}"


def folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return byhand's own folder for steps, as the XDG Base Directory Specification places it.

    Raises:
        Refused: there is neither that nor a home folder.
    """
    base = environment.get("XDG_STATE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else typed_path("~/.local/state")) / "byhand"


def keep(steps: Steps, network: Network, weights: Weights, saved_as: str) -> None:
    """Write the steps that led from the file that was opened to ``weights``, which were saved under a name.

    Older files give way if all are too large together.

    Raises:
        Refused: the file cannot be written.
    """
    path, steps = file_of(network, weights), replace(steps.since_opened(), saved_as=shorten(saved_as))
    data = encode(steps)
    while len(data) > MOST_BYTES and steps.undo:
        steps = replace(steps, undo=steps.undo[len(steps.undo) // 2 + 1 :], redo=(), beginning="")
        data = encode(steps)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise Refused(f"could not make the folder for them: {reason_of(problem)}") from None
    write_whole(path, data)
    # What of the others can't be seen or taken away stays.
    with suppress(OSError):
        _make_room(path)


def _make_room(newest: Path) -> None:
    files = sorted(newest.parent.glob(f"*{SUFFIX}"), key=lambda file: file.stat().st_mtime, reverse=True)
    total = 0
    for file in files:
        total += file.stat().st_size
        if total > MOST_BYTES and file != newest:
            file.unlink(missing_ok=True)


def taken_up(network: Network, weights: Weights) -> Steps | None:
    """Return the steps that once led to ``weights``, or None if there are none that can be used."""
    # To look for a file by all of a model's numbers takes long, and of so many none was kept.
    size = sum(array.nbytes for arrays in weights.layers for array in arrays)
    if size > MOST_BYTES:
        return None
    try:
        if not any(folder().glob(f"*{SUFFIX}")):
            return None
        path = file_of(network, weights)
        with open_file(path, "a file of steps") as file:
            return decode(file.read()) if size_of(file) <= MOST_BYTES else None
    except (OSError, Refused, ValueError, LookupError, ArithmeticError, RuntimeError):
        return None


def encode(steps: Steps) -> bytes:
    """Return ``steps``, none of which opened a file, as bytes; of trainings their last weights are kept, no epochs."""
    undo, redo = tuple(map(_without_training, steps.undo)), tuple(map(_without_training, steps.redo))
    written: list[bytes | memoryview] = [MAGIC]
    Writer(written.extend).steps(replace(steps, undo=undo, redo=redo))
    return b"".join(written)


def _without_training(step: Step) -> Step:
    return replace(step, model=replace(step.model, run=None, epoch=None), path=None)


def decode(data: bytes) -> Steps:
    """Return the steps in ``data``.

    Raises:
        Refused: it is no file of steps, or a part does not fit the others.
        LookupError: it names a part that it does not have.
    """
    found = find(memoryview(data))
    if found.steps is None:
        raise Refused("expected a file of steps, got another or a damaged one; it is of no use")
    return Reader(found).steps(found.steps)
