"""What a step of the number in hand takes on the page of a large call: found, drawn, opened and traced back."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from textual.app import App

from benchmarks.row import Fact
from core.calculation.calculated import Calculated, Spot, calculated
from core.export.opened import opened
from core.formatting import Notation
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.writer import Writer
from core.model.graph import Graph, Input, chain
from core.operations.rounding import EXACT
from tui.pages.page import Page

if TYPE_CHECKING:
    from textual.app import ComposeResult

STEPS, TARGET = 20, 50.0
"""So many steps are taken, and in so many milliseconds each has to be there."""

SIZE = (84, 24)


class OnePage(App[None]):
    """An app of nothing but a page."""

    def compose(self) -> ComposeResult:
        yield Page()


def run() -> list[Fact]:
    """Walk over the output of a convolution and of a wide Dense layer."""
    window = Conv2D("layer", filters=32, kernel_size=(3, 3), strides=(1, 1), padding="same", activation="relu")
    image = chain("image", Input("x", (28, 28, 32)), [window])
    wide = chain("wide", Input("x", (50_000,)), [Dense("layer", 64)])
    cases = {
        "28 x 28 x 32 convolution": (image, Spot(("layer",), "output", (14, 0, 0)), (0, 1)),
        "Dense of 50,000 inputs": (wide, Spot(("layer",), "weighted sum", (0,)), (1, 0)),
    }
    found = {name: asyncio.run(_walked(_done(graph), spot, step)) for name, (graph, spot, step) in cases.items()}
    return [
        Fact(f"A step on the page of a {name}", f"{took:.1f} ms", f"< {TARGET:g} ms", took < TARGET)
        for name, took in found.items()
    ]


def _done(graph: Graph) -> Calculated:
    on, random = Writer(), np.random.default_rng(0)
    shape = tuple(size or 1 for size in graph.inputs[0].shape)
    graph.write(on, [on.input(shape)])
    weights = {weight: random.normal(size=value.shape) for weight, value in on.weights.items()}
    return calculated(graph, weights, [random.normal(size=shape)], EXACT)


async def _walked(done: Calculated, spot: Spot, step: tuple[int, int]) -> float:
    """Return the median of the milliseconds that a step takes."""
    app, times = OnePage(), list[float]()
    async with app.run_test(size=SIZE):
        page = app.query_one(Page)
        page.show(done, spot.call, spot, Notation(4))
        for _ in range(STEPS):
            begun = time.perf_counter()
            page.action_move(*step)
            for line in range(SIZE[1]):
                page.render_line(line)
            assert page.spot is not None
            opened(done, done.value_of(page.spot), page.spot.index, Notation(4))
            done.origins(page.spot)
            times.append((time.perf_counter() - begun) * 1e3)
    return median(times)
