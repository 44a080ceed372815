"""The peer of the matrix: Textual's own DataTable, filled and shown when 3 is pressed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.app import App
from textual.widgets import DataTable, Static

if TYPE_CHECKING:
    from textual.app import ComposeResult


class TableApp(App[None]):
    """Shows a square of random numbers."""

    BINDINGS: ClassVar = [("3", "show", "Show")]

    def __init__(self, side: int) -> None:
        super().__init__()
        self._numbers = np.random.default_rng(0).random((side, side))

    def compose(self) -> ComposeResult:
        yield Static("ready")

    async def action_show(self) -> None:
        table: DataTable[str] = DataTable()
        table.add_columns(*(f"unit {column + 1}" for column in range(self._numbers.shape[1])))
        table.add_rows([[f"{number:.4f}" for number in row] for row in self._numbers.tolist()])
        await self.mount(table)


if __name__ == "__main__":
    TableApp(int(sys.argv[1])).run()
