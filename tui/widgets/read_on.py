"""ReadOn: text that may be longer than its room; whoever has the keys that scroll it is told when it is."""

from __future__ import annotations

from textual.containers import VerticalScroll


class ReadOn(VerticalScroll, can_focus=False):
    """Scrolls its text; the focus stays where it is, in a field perhaps."""

    _seen_to_end = False

    def watch_show_vertical_scrollbar(self) -> None:
        """Have the keys in the footer, or no longer."""
        self.refresh_bindings()

    def watch_virtual_size(self) -> None:
        """Keep the end in sight where that was asked for: a scroll bar makes lines shorter, and so more of them."""
        if self._seen_to_end:
            self.scroll_end(animate=False)

    def see(self, *, end: bool) -> None:
        """Have the end of the text in sight, or its beginning."""
        self._seen_to_end = end
        (self.scroll_end if end else self.scroll_home)(animate=False)

    @property
    def is_longer(self) -> bool:
        """Whether there is more than is seen."""
        return self.show_vertical_scrollbar

    def scroll_lines(self, lines: int) -> None:
        """Scroll by so many lines."""
        self._seen_to_end = False
        self.scroll_relative(y=lines, animate=False, force=True)

    def scroll_pages(self, pages: int) -> None:
        """Scroll by what is seen, but for a line that stays in sight."""
        self.scroll_lines(pages * max(self.size.height - 1, 1))
