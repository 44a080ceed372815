"""A model of 1,000 layers against one of 10: how long keys take in the list of calls, and enter that opens a number."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.row import Row
from benchmarks.terminal import Terminal
from benchmarks.unfold import BACKSPACE, DOWN, ENTER, PAGE_DOWN, UP
from core.arrays import frozen
from core.layers.dense import Dense
from core.layers.merging import Add
from core.layers.writer import Writer
from core.model.files.opening import OpenedGraph
from core.model.graph import Call, Graph, Input, Source
from tui.app import ByhandApp
from tui.engine_client import EngineProcess

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.layers.layer import Layer

LONG, SHORT = 1000, 10
FOLLOW = (ENTER, BACKSPACE)
PAGE_UP, HOME = "\x1b[5~", "\x1b[H"
ROUNDS = 15
QUIET = 0.15
"""Seconds without output after which the app is idle."""

STARTING = 12.0
"""Seconds that Keras's own process may take to start; keys are measured after that."""

SCROLLING, UNFOLDING = 1.5, 2.0
IN_HAND = re.compile(r"(?:\[[^\]>]*\])?>[^<]+<")
"""The number in hand, and those beside it that it is made of."""


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

    def in_hand(self) -> str:
        """Return the number in hand as the page shows it."""
        found = IN_HAND.findall("\n".join(line[34:] for line in self.terminal.screen()))
        if not found:
            raise LookupError("expected a number in hand, got\n" + "\n".join(self.terminal.screen()))
        return str(found[0])

    def there_and_back(self, keys: tuple[str, str], taken: list[float]) -> None:
        """Press a key and one that undoes it, see what they show, and time how long it takes to be seen again."""
        if keys not in self.shown:
            self.shown[keys] = [self.after(key) for key in keys]
            if len(set(self.shown[keys])) < len(keys):
                raise LookupError(f"expected keys that show other numbers, got {self.shown[keys]}")
        for key, text in zip(keys, self.shown[keys], strict=True):
            taken.append(self.milliseconds(key, text))
            self.settle()

    def after(self, key: str) -> str:
        """Press a key, and return the number in hand then."""
        self.terminal.press(key)
        self.settle()
        return self.in_hand()

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
    module = "benchmarks.long_model"
    with Terminal(module, [str(LONG)]) as one, Terminal(module, [str(SHORT)]) as other:
        both = Opened(one, LONG), Opened(other, SHORT)
        for opened in both:
            opened.begin()
        for _ in range(ROUNDS):
            for opened in both:
                opened.there_and_back((DOWN, UP), opened.down)
        for _ in range(ROUNDS):
            for opened in both:
                opened.there_and_back((PAGE_DOWN, PAGE_UP), opened.page)
        for _ in range(ROUNDS):
            both[0].follow()
    return _rows(*both)


def _rows(long: Opened, short: Opened) -> list[Row]:
    many = f"{LONG:,} layers"

    def row(what: str, ours: Sequence[float], peer: Sequence[float], target: float) -> Row:
        return Row(what, median(ours), median(peer), "ms", target)

    return [
        row(f"down in the list of calls, {many}, against {SHORT}: median", long.down, short.down, SCROLLING),
        row(f"page down there, {many}, against {SHORT}: median", long.page, short.page, SCROLLING),
        row(f"enter that opens a number, {many}, against down there: median", long.enter, long.down, UNFOLDING),
    ]


def _model(layers: int) -> OpenedGraph:
    """Return so many layers, Dense ones and sums of what two in a row are made of."""
    made: list[Layer] = []
    calls, before, x = [], Source("x"), Source("x")
    for at in range(1, layers + 1):
        name = f"layer_{at:04d}"
        made.append(Dense(name, 4, "tanh") if at % 2 else Add(name))
        calls.append(Call(name, (x,) if at % 2 else (before, x)))
        before, x = x, Source(name)
    graph = Graph("long", (Input("x", (4,)),), tuple(made), tuple(calls), (x,))
    on, random = Writer(), np.random.default_rng(0)
    graph.write(on, [on.input((4,))])
    return OpenedGraph(graph, {one: frozen(random.normal(size=value.shape)) for one, value in on.weights.items()})


if __name__ == "__main__":
    model = _model(int(sys.argv[1]))
    ByhandApp(None, EngineProcess, other=(model, Path("long.keras"))).run()
