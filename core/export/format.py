"""Format: one way of taking something away: a calculation, an exercise, arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Format:
    """One format: its name, the letter that chooses it, what it is in words, and how its files end.

    Files are called ``stem`` unless a person says otherwise. ``make`` takes what is taken away, and where it
    ``has_digits`` how many decimal places are written, None for all. It gives text, or bytes where ``is_text`` is
    false: such a format can be saved, but not copied.
    """

    name: str
    letter: str
    words: str
    suffix: str
    make: Callable[..., str | bytes]
    stem: str = "calculation"
    is_text: bool = True
    has_digits: bool = False

    def data(self, taken: Any, digits: int | None = None) -> bytes:
        """Return the content of a file.

        Raises:
            Refused: what is taken away is too much for this format, or of another kind.
        """
        made = self.make(taken, digits) if self.has_digits else self.make(taken)
        return made.encode() if isinstance(made, str) else made
