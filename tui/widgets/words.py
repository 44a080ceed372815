"""Words: plain text that is laid out anew only when it needs another height, which most changes of it don't."""

from __future__ import annotations

from rich.cells import cell_len
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
        self.update(text, layout=self._wraps(old) or self._wraps(text) or old.count("\n") != text.count("\n"))

    def _wraps(self, text: str) -> bool:
        width = self.content_size.width
        return not text or any(cell_len(line) > width for line in text.split("\n"))
