"""Curves: numbers over the epochs as lines in braille dots, no more points than there are dots.

A dotted line can be told from a solid one without colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.geometry import Size
from textual_hires_canvas import Canvas, HiResMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from rich.style import Style

    from core.arrays import Array

LEFT = 7
"""Columns for the numbers on the vertical axis."""

DOTS = 2
"""Braille dots in one column."""


@dataclass(frozen=True)
class Curve:
    """One line: its values, the epochs that they belong to (1, 2, ... if not given), its colour, if it is dotted."""

    values: Sequence[float] | Array
    colour: str
    dotted: bool = False
    at: npt.NDArray[np.int64] | None = None


class Curves(Canvas):
    """Draws curves from epoch 1 on, between the smallest and the largest value, which are written at the left."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"curves--axis", "curves--training", "curves--validation", "curves--faint"}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._curves: Sequence[Curve] = ()
        self._epochs = 1
        self._at: int | None = None
        self._base: Style | None = None

    @property
    def rich_style(self) -> Style:
        """The style of what is empty; the canvas asks for it once a line, and it takes long to work out."""
        if self._base is None:
            self._base = super().rich_style
        return self._base

    def show(self, curves: Sequence[Curve], epochs: int, at: int | None = None) -> None:
        """Draw ``curves`` on an axis of ``epochs`` epochs, with a mark below the one that is shown."""
        self._curves, self._epochs, self._at = curves, max(epochs, 2), at
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._base = None
        self._draw()

    def _draw(self) -> None:
        width, height = self.content_size
        with self.batch_refresh():
            self._draw_in(width, height)

    def _draw_in(self, width: int, height: int) -> None:
        self.reset(Size(width, height))
        if width <= LEFT + 2 or height < 3:
            return
        self._axis(width, height)
        values = np.concatenate([np.asarray(curve.values, dtype=float) for curve in self._curves] or [np.empty(0)])
        values = values[np.isfinite(values)]
        if values.size:
            self._lines(float(values.min()), float(values.max()))

    def _axis(self, width: int, height: int) -> None:
        style = str(self.get_component_rich_style("curves--axis"))
        for y in range(height - 1):
            self.set_pixel(LEFT - 1, y, "|", style)
        self._write(LEFT, height - 1, axis_line(width - LEFT, self._epochs, self._at), style)

    def _write(self, x: int, y: int, text: str, style: str) -> None:
        for place, character in enumerate(text):
            self.set_pixel(x + place, y, character, style)

    def _lines(self, low: float, high: float) -> None:
        axis = str(self.get_component_rich_style("curves--axis"))
        width, height = self.content_size.width - LEFT, self.content_size.height - 1
        self._write(0, 0, _label(high), axis)
        if high > low:
            self._write(0, height - 1, _label(low), axis)
        for curve in self._curves:
            style = str(self.get_component_rich_style(f"curves--{curve.colour}"))
            dots = dots_of(curve, self._epochs, (low, high), (width, height))
            if curve.dotted:
                self.set_hires_pixels(dots[::3], HiResMode.BRAILLE, style)
            elif len(dots) > 1:
                lines = [(*start, *end) for start, end in pairwise(dots)]
                self.draw_hires_lines(lines, HiResMode.BRAILLE, style)
            else:
                self.set_hires_pixels(dots, HiResMode.BRAILLE, style)


def axis_line(width: int, epochs: int, at: int | None) -> str:
    """Return the line below the curves: the first epoch, the last, and ``^`` below the one that is shown."""
    label = f"epoch {epochs:,}"
    plain = "1".ljust(max(width - len(label), 2)) + label
    if at is None or not 1 < at < epochs:
        return plain
    place, number = round((at - 1) / (epochs - 1) * (width - 1)), f"{at:,}"
    if place + len(number) + 2 < width - len(label):
        return plain[: max(place, 2)] + f"^{number}" + plain[max(place, 2) + len(number) + 1 :]
    return "1".ljust(place - len(number)) + f"{number}^" if place > len(number) + 1 else plain


def dots_of(curve: Curve, epochs: int, values: tuple[float, float], room: tuple[int, int]) -> list[tuple[float, float]]:
    """Return one dot for every column of dots that the curve reaches, at the value of its epoch."""
    (low, high), (width, height) = values, room
    numbers = np.asarray(curve.values, dtype=float)
    at = np.arange(1, len(numbers) + 1) if curve.at is None else curve.at
    columns = np.arange(width * DOTS)
    places = np.searchsorted(at, 1 + columns * (epochs - 1) / (len(columns) - 1) - 0.5)
    columns, places = columns[places < len(numbers)], places[places < len(numbers)]
    shown = numbers[places]
    y = (height - 0.26) * (1.0 - (shown - low) / (high - low or 1.0))
    finite = np.isfinite(shown)
    return list(zip((LEFT + columns / DOTS)[finite].tolist(), y[finite].tolist(), strict=True))


def _label(value: float) -> str:
    """Return a number on the axis with as many digits as there is room for."""
    texts = [f"{value:.{digits}g}" for digits in (3, 2, 1)]
    return next((text for text in texts if len(text) < LEFT), texts[-1][: LEFT - 1]).rjust(LEFT - 1)
