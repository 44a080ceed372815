"""Measuring: what the weights come to with the data, found out beside the screen."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from textual.worker import get_current_worker

from core.calculation.effect import may_differ, measure_change
from core.chunks import Stopped, until

if TYPE_CHECKING:
    from core.calculation.effect import Effect
    from core.session.state import State
    from tui.app import ByhandApp


class Measuring:
    """Gives the app the effect of its session's weights, and of those before; of several beginnings the last counts."""

    def __init__(self, app: ByhandApp) -> None:
        self._app = app

    def begin(self) -> None:
        """Measure what there is now."""
        # Without a description Textual makes the repr of all that the work is given: the whole state.
        self._app.run_worker(
            self._measure,
            group="effect",
            description="effect",
            thread=True,
            exclusive=True,
            exit_on_error=False,
        )

    def _measure(self) -> None:
        # Given with the work, a state and all its epochs' weights would stay until the worker is collected.
        worker, state = get_current_worker(), self._app.session.state
        with suppress(Stopped):
            now, earlier = measure_change(state, until(lambda: worker.is_cancelled))
            self._app.call_from_thread(self._measured, state, now, earlier)

    def _measured(self, state: State, now: Effect, earlier: Effect | None) -> None:
        if state is self._app.state or not may_differ(state, self._app.session.state):
            self._app.effect_before = earlier
            self._app.effect = now
