"""Words: plain text that is laid out anew only when it needs another height, which most changes of it don't."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Words(Static):
    """Text that is never markup."""

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(text, id=id, classes=classes, markup=False)
        self._text = text

    def show(self, text: str) -> None:
        """Show ``text`` in place of what is shown."""
        if text == self._text:
            return
        old, self._text = self._text, text
        self.update(text, layout=self._lines(old) != self._lines(text))

    def _lines(self, text: str) -> int:
        """Return how many lines ``text`` takes; a number of its own where nothing says how wide they are."""
        width = self.content_size.width
        return Content(text).get_height(self.styles.get_rules(), width) if text and width else -1 - len(text)
