"""Row: one line of the table: what was measured, for byhand and for its peer, and whether the target is met."""

from __future__ import annotations

from dataclasses import dataclass

HEADINGS = ("what", "ours", "peer", "ratio", "target", "")


@dataclass(frozen=True)
class Row:
    """``ours`` and ``peer`` are in ``unit``. The target is a ratio: a limit, or with ``at_least`` a minimum.

    The ratio is ours / peer, or with ``at_least`` how many times faster ours is: peer / ours. Without a target
    the row only informs.
    """

    what: str
    ours: float
    peer: float
    unit: str
    target: float | None = None
    at_least: bool = False

    @property
    def ratio(self) -> float:
        """The number that is held against the target."""
        over, under = (self.peer, self.ours) if self.at_least else (self.ours, self.peer)
        return over / under if under else float("inf")

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        return self.ratio >= self.target if self.at_least else self.ratio <= self.target

    def cells(self) -> tuple[str, ...]:
        """Return the row as text, a cell for each of :data:`HEADINGS`."""
        target = "" if self.target is None else f"{'>=' if self.at_least else '<='} {self.target:,g}"
        verdict = {None: "", True: "met", False: "MISSED"}[self.met]
        return (self.what, self._amount(self.ours), self._amount(self.peer), f"{self.ratio:,.2f}", target, verdict)

    def _amount(self, value: float) -> str:
        return f"{value:,.4g} {self.unit}"


@dataclass(frozen=True)
class Fact:
    """Something that holds or doesn't: a line of the same table without a peer."""

    what: str
    found: str
    target: str
    met: bool

    def cells(self) -> tuple[str, ...]:
        """Return the fact as text, a cell for each of :data:`HEADINGS`."""
        return (self.what, self.found, "", "", self.target, "met" if self.met else "MISSED")


def table(rows: list[Row | Fact]) -> str:
    """Return the rows under their headings, in columns that fit."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEADINGS))]
    aligned = [
        "  ".join(cell.rjust(width) if 0 < place < 4 else cell.ljust(width) for place, (cell, width) in pairs).rstrip()
        for pairs in (list(enumerate(zip(line, widths, strict=True))) for line in lines)
    ]
    return "\n".join(aligned)
