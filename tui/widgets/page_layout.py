"""How the steps of a calculation stand on the page: vectors upright where there is room, else in rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tui.widgets.page_block import Block
from tui.widgets.upright_block import Upright

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.geometry import Size

    from tui.widgets.page_block import Page


B = TypeVar("B", bound=Block)


def lay_out(page: Page, size: Size) -> list[Block]:
    """Return the steps of ``page`` one under the other, all in one style.

    ``size`` has the page's columns and the whole window's lines; vectors are upright if the page takes no more than
    half of these, so that what is said below it has room as well.
    """
    upright = _stacked(page, lambda place, top: Upright(page, place, top))
    if all(block.width <= size.width for block in upright) and _lines(upright) <= size.height // 2:
        return list(upright)
    return _stacked(page, lambda place, top: Block(page, place, top, size.width))


def _stacked(page: Page, make: Callable[[int, int], B]) -> list[B]:
    blocks: list[B] = []
    top = 0
    for place in range(len(page.chain.steps)):
        blocks.append(make(place, top))
        top += blocks[-1].height
    return blocks


def _lines(blocks: list[Upright]) -> int:
    """Lines that are written on: all but the blank one below the last step."""
    return sum(block.height for block in blocks) - 1
