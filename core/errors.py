"""The one exception that a person sees: what was expected, what came, and what to do."""

from core.cells import cell_width, cut


class Refused(ValueError):
    """Something typed, pasted or opened cannot be used; the message is a sentence for the screen.

    A ``Refused`` is raised before anything changes, so whoever catches it shows the message beside
    the field and needs to undo nothing.
    """


def shorten(text: str, width: int = 40) -> str:
    """Return ``text`` on one line of at most ``width`` columns of a terminal, control characters made visible."""
    plain = "".join(character if character.isprintable() else "?" for character in text[: width + 1])
    return plain if cell_width(plain) <= width else cut(plain, width - 3) + "..."


def require_between(what: str, value: float, low: float, high: float) -> None:
    """Refuse ``value`` unless it is from ``low`` to ``high``, both allowed."""
    if not low <= value <= high:
        raise Refused(f"expected {what} from {low:,} to {high:,}, got {value:,}")
