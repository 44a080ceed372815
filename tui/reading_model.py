"""What the file of a model becomes for the screen; and reading one while the rest of the program is still loaded."""

from __future__ import annotations

from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from core.errors import shorten
from core.model.alone import WeightsAlone
from core.model.files.opening import OpenedGraph, open_any
from core.model.weights_file import open_alone
from tui.headless.how_far import how_far

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.model.between import Progress
    from core.model.files.opening import OpenedModel
    from core.model.weights_file import WeightsFile
    from core.session.trail import Steps

    Other = OpenedGraph | WeightsFile
    Read = tuple[OpenedModel, Path, Steps | None] | tuple[Other, Path]

TOLD = 0.1
"""Seconds after which a terminal may be told again how far the reading is."""


def read_model(path: Path, progress: Progress) -> Read:
    """Return the model at ``path`` and the steps that led to it or, if the tabs don't take it, its graph.

    Of a file that has weights alone, these. ``progress`` is told the share of the file that was read, from 0 to 1.

    Raises:
        Refused: it can be opened in no way; the reason is the first.
    """
    try:
        model = open_any(path, progress)
    except WeightsAlone as alone:
        return open_alone(path, alone), path
    if isinstance(model, OpenedGraph):
        return model, path
    # Loaded while the file is read.
    from core.session.kept_steps import taken_up

    return model, path, taken_up(model.network, model.weights)


class Reading:
    """A model that is read beside what else this program does."""

    def __init__(self, path: Path) -> None:
        self._path, self._share = path, 0.0
        self._read: Read | Exception | None = None
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            self._read = read_model(self._path, partial(setattr, self, "_share"))
        except Exception as problem:
            self._read = problem

    def result(self, meanwhile: Iterator[object]) -> Read:
        """Return it once it is read; until then what is wanted later is got ready, one thing after the other.

        A terminal is told how far that is.

        Raises:
            Refused: it can't be opened.
        """
        while self._thread.is_alive() and next(meanwhile, None) is not None:
            pass
        with how_far(f"reading {shorten(self._path.name)}") as came:
            while self._thread.is_alive():
                self._thread.join(TOLD)
                came(self._share)
        if isinstance(self._read, Exception):
            from tui.threads import unforeseen

            raise unforeseen(self._read)
        assert self._read is not None
        return self._read
