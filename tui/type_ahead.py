"""TypeAhead: an app whose keys wait for what is still being built, and then reach it in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App
from textual.events import Event, Key

if TYPE_CHECKING:
    from textual.driver import Driver


class TypeAhead(App[int]):
    """A quick typist, or a slow line that brings several keys at once, loses no key to a dialog that opens.

    Nor to the app itself: until it says that it is :meth:`built`, all keys wait.
    """

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self._built = False
        self._early: list[Key] = []

    def built(self) -> None:
        """Take keys from now on, those that have come already first."""
        self._built = True
        self._catch_up_later()

    async def on_event(self, event: Event) -> None:
        """Take a key from the terminal now, or keep it until its screen is there."""
        if not isinstance(event, Key) or event.is_forwarded or (self._is_there and not self._early):
            await super().on_event(event)
            return
        self._early.append(event)
        if len(self._early) == 1 and self._built:
            self._catch_up_later()

    @property
    def _is_there(self) -> bool:
        return self._built and self.screen.is_mounted

    def _catch_up_later(self) -> None:
        # What a screen is to do next, it does only once it is there.
        self.screen.call_next(self.call_next, self._catch_up)

    async def _catch_up(self) -> None:
        waiting, self._early = self._early, []
        for place, key in enumerate(waiting):
            if not self._is_there:
                self._early = waiting[place:]
                self._catch_up_later()
                return
            await super().on_event(key)
