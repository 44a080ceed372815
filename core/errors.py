"""The one exception that a person sees: what was expected, what came, and what to do."""

import re
from unicodedata import category

from core.cells import cell_width, cut

ASCII = re.compile(r"[ -~]*")
LINES = re.compile(r"(?:[\n\t -~]|\r\n)*")
BREAK = re.compile(r"(?:[^\r\n\t]|\r(?!\n))+")


class Refused(ValueError):
    """Something typed, pasted or opened cannot be used; the message is a sentence for the screen.

    A ``Refused`` is raised before anything changes, so whoever catches it shows the message beside
    the field and needs to undo nothing.
    """


def shorten(text: str, width: int = 40) -> str:
    """Return ``text`` on one line of at most ``width`` columns of a terminal, control characters made visible."""
    if len(text) <= width and ASCII.fullmatch(text):
        return text
    plain = "".join(character if character.isprintable() else "?" for character in text[: width + 1])
    return plain if cell_width(plain) <= width else cut(plain, width - 3) + "..."


def on_one_line(text: str) -> str:
    """Return ``text`` with whatever a terminal might do at one of its characters made visible, line breaks too."""
    return text if ASCII.fullmatch(text) else "".join(map(_visible, text))


def plain(text: str) -> str:
    """Return ``text`` as :func:`on_one_line` has it, but with its line breaks and tabs."""
    return text if LINES.fullmatch(text) else BREAK.sub(lambda part: on_one_line(part[0]), text)


def _visible(character: str) -> str:
    # Other spaces than ASCII's are not printable for Python, and Japanese has one.
    return character if character.isprintable() or category(character) == "Zs" else "?"


def require_between(what: str, value: float, low: float, high: float) -> None:
    """Refuse ``value`` unless it is from ``low`` to ``high``, both allowed."""
    if not low <= value <= high:
        raise Refused(f"expected {what} from {low:,} to {high:,}, got {value:,}")
