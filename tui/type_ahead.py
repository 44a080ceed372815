"""TypeAhead: an app whose keys are taken one after the other, and wait for what is still being built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.command import CommandPalette
from textual.events import Event, Key, Paste
from textual.keys import _character_to_key
from textual.message import Message
from textual.widgets import Input, TextArea

from core.half_width import key_of
from tui.intake import MOST_PASTED
from tui.sized import Sized

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.driver import Driver
    from textual.message_pump import MessagePump
    from textual.timer import Timer

    from tui.intake import TooMuch

ROUNDS = 3
"""How often a message goes from the focused widget up to the app before a waiting key is taken.

Once the first has come back, what the key did is done; a field that it opened has the focus after the second, and
what that sent in its turn has arrived after the third.
"""

LOST = 0.2
"""Seconds after which a message is given up if its widget has gone, and with it what was on its way."""

LOOKS = 50
"""How often a widget that is there is waited for: on a busy machine what a key leads to may take seconds."""

MOST_WAITING = 200
"""Keys that may wait: more than a held one sends in some seconds. What else comes then is no typing."""

MOST_IN_A_LINE = 10_000
"""Characters that a field of one line is given at once; it draws all of them anew at every key."""


LEAVES = ("escape", "ctrl+q", "ctrl+c")
"""Keys that no other key that waits holds up while a dialog works."""


@runtime_checkable
class Works(Protocol):
    """A screen that goes once its work is done, and till then has no use for what is typed."""

    def keeps(self, key: Key) -> bool:
        """Return whether ``key`` is meant for the screen below, and is to wait until that is there."""


class WorkEnded(Message):
    """A screen that worked has gone; or it has not, and what was typed for the one below is ``dropped``."""

    def __init__(self, *, dropped: bool) -> None:
        super().__init__()
        self.dropped = dropped


def _plain(key: Key | Paste) -> Key | Paste:
    """Return what the same key sends without an input method, which makes full-width characters of letters."""
    if isinstance(key, Paste) or key.character is None or key.character.isascii():
        return key
    character = key_of(key.character)
    # Some signs stand for two, such as != for the one that a Mac's keyboard has, and some for none.
    return key if character == key.character or len(character) != 1 else Key(_character_to_key(character), character)


class Passed(Message):
    """Follows a key through every widget that the key goes through; ``at`` is which key, ``rounds`` how often."""

    bubble = True

    def __init__(self, at: int, rounds: int = 1) -> None:
        super().__init__()
        self.at, self.rounds = at, rounds


class TypeAhead(Sized):
    """A quick typist, or a slow line that brings several keys at once, has each key do what it does alone.

    Textual hands a character to the focused field at once, while a key that is bound to an action goes up through all
    widgets first: together they would change places, and "12, backspace, 3" would come out as 12. Nor is a key lost to
    a dialog that opens, or to the app itself: until it says that it is :meth:`built`, all keys wait.
    """

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self._built = False
        self._early: list[Key | Paste] = []
        self._taken = self._overrun = 0
        self._under_way = False
        self._patience: Timer | None = None
        self._target: MessagePump = self
        self._looks = 0
        self._afterwards: Callable[[], Awaitable[None]] | None = None

    def built(self) -> None:
        """Take keys from now on, those that have come already first."""
        self._built = True
        self._catch_up_later()

    async def take_early(self, key: str, afterwards: Callable[[], Awaitable[None]]) -> None:
        """Take the key that waits first, if it is this one, for which all is there; ``afterwards`` go on building."""
        first = _plain(self._early[0]) if self._early else None
        if isinstance(first, Key) and first.key == key:
            self._afterwards = afterwards
            await self._take(self._early.pop(0))
            # Whatever becomes of the key, the rest is built.
            self._wait_no_longer_than(LOST)
        else:
            await afterwards()

    def action_command_palette(self) -> None:
        """Open the palette. Textual's has an id, and ends the app if one that is just leaving has the same."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette())

    async def on_event(self, event: Event) -> None:
        """Take a key from the terminal now, or keep it until the one before is done and its screen is there."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._is_there and not self._early and not self._under_way and not self._is_kept(event):
            await self._take(event)
        elif len(self._early) >= MOST_WAITING:
            self._overrun += len(self._early) + 1
            self._early.clear()
        else:
            self._early.append(event)
            if self._under_way:
                self._wait_no_longer_than(LOST)
            elif self._built:
                self._catch_up_later()

    def overrun(self) -> int:
        """Return how many keys were given up since this was asked last, because too many waited."""
        keys, self._overrun = self._overrun, 0
        return keys

    def on_too_much(self, event: TooMuch) -> None:
        """Say what was not done, and why."""
        came = f"{event.characters:,} characters"
        if not event.pasted:
            self._not_done(f"{came} came at once, faster than anybody types: those that waited are dropped.")
        elif event.characters > MOST_PASTED:
            self._not_done(
                f"A paste of {came} came, and at most {MOST_PASTED:,} are taken. Large arrays come in files."
            )
        else:
            self._not_done(f"A paste broke off after {came}: nothing was pasted. Paste it again.")

    def _not_done(self, why: str) -> None:
        self.notify(why, title="Not done", severity="warning", markup=False)

    def _is_pasted(self, paste: Paste) -> bool:
        """Return whether the focus is where it can go; say why not if it isn't."""
        if not isinstance(self.focused, Input | TextArea):
            self._not_done("What is pasted goes into a field, and none has the focus: open one first.")
            return False
        if isinstance(self.focused, Input) and len(paste.text) > MOST_IN_A_LINE:
            self._not_done(f"A field of one line takes {MOST_IN_A_LINE:,} characters at once, not {len(paste.text):,}.")
            return False
        return True

    @property
    def _is_there(self) -> bool:
        return self._built and self.screen.is_mounted

    def _is_kept(self, key: Key | Paste) -> bool:
        return isinstance(key, Key) and isinstance(self.screen, Works) and self.screen.keeps(key)

    def on_work_ended(self, event: WorkEnded) -> None:
        if event.dropped:
            self._early.clear()
        elif self._early and not self._under_way:
            self._catch_up_later()

    async def _take(self, key: Key | Paste) -> None:
        self._under_way = True
        self._taken += 1
        screen, target = self.screen, self.focused or self.screen
        if not isinstance(key, Paste) or self._is_pasted(key):
            await super().on_event(key if isinstance(self.focused, Input | TextArea) else _plain(key))
        # A key that does something before any widget sees it may have ended the screen that the focus was on.
        self._follow(Passed(self._taken), target if self.screen is screen else self.screen)

    def _follow(self, passed: Passed, target: MessagePump) -> None:
        self._target, self._looks = target, 0
        if not target.post_message(passed):
            self.post_message(passed)

    def on_passed(self, passed: Passed) -> None:
        """Take the next key, if one waits, once what the last one led to has arrived."""
        passed.stop()
        if passed.at != self._taken or not self._under_way:
            return
        if self._early and passed.rounds < ROUNDS:
            self._follow(Passed(passed.at, passed.rounds + 1), self.focused or self.screen)
        else:
            self._done()

    def _wait_no_longer_than(self, seconds: float) -> None:
        at = self._taken
        if self._patience is None:
            self._patience = self.set_timer(seconds, lambda: self._give_up(at))

    def _give_up(self, at: int) -> None:
        self._patience = None
        if not self.is_running or not self._under_way or self._taken != at:
            return
        self._looks += 1
        if self._target.is_running and self._looks < LOOKS:
            self._wait_no_longer_than(LOST)
        else:
            self._done()

    def _done(self) -> None:
        self._under_way = False
        if self._patience is not None:
            self._patience.stop()
            self._patience = None
        if self._afterwards is not None:
            # What the key led to is drawn before.
            self.screen.call_after_refresh(self.call_later, self._afterwards)
            self._afterwards = None
        if self._early and self._built:
            self._catch_up_later()

    def _catch_up_later(self) -> None:
        # What a screen is to do next, it does only once it is there.
        self.screen.call_next(self.call_next, self._catch_up)

    async def _catch_up(self) -> None:
        if not self._early or self._under_way:
            return
        if not self._is_there:
            self._catch_up_later()
            return
        if self._is_kept(self._early[0]):
            leaves = [at for at, key in enumerate(self._early) if isinstance(key, Key) and key.key in LEAVES]
            if not leaves:
                return
            # What was typed before it was meant for what will not come.
            del self._early[: leaves[0]]
        await self._take(self._early.pop(0))
        if self._early:
            self._wait_no_longer_than(LOST)
