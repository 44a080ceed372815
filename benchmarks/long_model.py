"""A model of 1,000 layers against one of 10: how long keys take in the list of calls, and enter that opens a number."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.row import Row
from benchmarks.terminal import ROOT, Terminal
from benchmarks.unfold import BACKSPACE, DOWN, ENTER, PAGE_DOWN, UP

if TYPE_CHECKING:
    from collections.abc import Sequence

LONG, SHORT = 1000, 10
FOLLOW = (ENTER, BACKSPACE)
PAGE_UP, HOME = "\x1b[5~", "\x1b[H"
ROUNDS = 15
QUIET = 0.15
"""Seconds without output after which the app is idle."""

STARTING = 12.0
"""Seconds that Keras's own process may take to start; keys are measured after that."""

SCROLLING, UNFOLDING = 1.5, 2.0
HEADING = re.compile(r"layer_\d+/[a-z][a-z -]*[a-z]")
"""Whose numbers are shown: a call and the name of a value."""

MODEL = """
import sys
import keras
layers, path = int(sys.argv[1]), sys.argv[2]
x = before = keras.Input((4,), name="x")
for at in range(1, layers + 1):
    name = f"layer_{at:04d}"
    if at % 2:
        before, x = x, keras.layers.Dense(4, "tanh", name=name)(x)
    else:
        x = keras.layers.Add(name=name)([before, x])
keras.Model(keras.utils.get_source_inputs(x), x, name="long").save(path)
"""


class Opened:
    """The app on a model in whose list the cursor stands in the middle; and what its keys took, in milliseconds."""

    def __init__(self, terminal: Terminal, layers: int) -> None:
        self.terminal, self.layers = terminal, layers
        self.down: list[float] = []
        self.page: list[float] = []
        self.enter: list[float] = []
        self.shown: dict[tuple[str, str], list[str]] = {}
        """What keys that undo each other show."""

    def begin(self) -> None:
        """Go to the middle of the list."""
        self.terminal.wait_for_screen("layer_0001")
        self.terminal.read_for(STARTING)
        for key in (HOME, *[DOWN] * min(self.layers // 2, 20), *[PAGE_DOWN] * (self.layers // 40)):
            self.terminal.press(key)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing more comes."""
        while self.terminal.read(QUIET):
            pass

    def heading(self) -> str:
        """Return whose numbers are shown."""
        found = HEADING.findall("\n".join(line[34:] for line in self.terminal.screen()))
        return str(found[0])

    def there_and_back(self, keys: tuple[str, str], taken: list[float]) -> None:
        """Press a key and one that undoes it, see what they show, and time how long it takes to be seen again."""
        if keys not in self.shown:
            self.shown[keys] = [self.after(key) for key in keys]
        for key, text in zip(keys, self.shown[keys], strict=True):
            taken.append(self.milliseconds(key, text))
            self.settle()

    def after(self, key: str) -> str:
        """Press a key, and return whose numbers are shown then."""
        self.terminal.press(key)
        self.settle()
        return self.heading()

    def milliseconds(self, key: str, text: str) -> float:
        """Return how long it takes from a key until ``text`` stands on the screen."""
        self.terminal.screen()
        pressed = time.perf_counter()
        self.terminal.press(key)
        return (self.terminal.wait_until_shown(text) - pressed) * 1000

    def follow(self) -> None:
        """Time enter on the first number that the one under the cursor is made of, until that is opened."""
        if FOLLOW not in self.shown:
            self.shown[FOLLOW] = [self.after(key) for key in (ENTER, ENTER, ENTER, BACKSPACE)]
        self.after(ENTER)
        self.enter.append(self.milliseconds(ENTER, self.shown[FOLLOW][2]))
        self.settle()
        self.after(BACKSPACE)


def run() -> list[Row]:
    """Press the same keys in both models in turn."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [_saved(Path(folder), layers) for layers in (LONG, SHORT)]
        with Terminal("tui", [paths[0]]) as one, Terminal("tui", [paths[1]]) as other:
            both = Opened(one, LONG), Opened(other, SHORT)
            for opened in both:
                opened.begin()
            for _ in range(ROUNDS):
                for opened in both:
                    opened.there_and_back((DOWN, UP), opened.down)
                    opened.there_and_back((PAGE_DOWN, PAGE_UP), opened.page)
            for opened in both:
                for _ in range(ROUNDS // 3):
                    opened.follow()
    return _rows(*both)


def _saved(folder: Path, layers: int) -> str:
    path = str(folder / f"{layers}.keras")
    subprocess.run([sys.executable, "-c", MODEL, str(layers), path], cwd=ROOT, capture_output=True, check=True)
    return path


def _rows(long: Opened, short: Opened) -> list[Row]:
    many = f"{LONG:,} layers"

    def row(what: str, ours: Sequence[float], peer: Sequence[float], target: float) -> Row:
        return Row(what, median(ours), median(peer), "ms", target)

    return [
        row(f"down in the list of calls, {many}, against {SHORT}: median", long.down, short.down, SCROLLING),
        row(f"page down there, {many}, against {SHORT}: median", long.page, short.page, SCROLLING),
        row(f"enter that opens a number, {many}, against down there: median", long.enter, long.down, UNFOLDING),
    ]
