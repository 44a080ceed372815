"""Measuring: what the weights come to with the data, found out beside the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.effect import may_differ, measure_change
from tui.beside import beside

if TYPE_CHECKING:
    from core.calculation.effect import Effect
    from core.chunks import Pause
    from core.session.state import State
    from tui.app import ByhandApp


class Measuring:
    """Gives the app the effect of its session's weights, and of those before; of several beginnings the last counts."""

    def __init__(self, app: ByhandApp) -> None:
        self._app = app

    def begin(self) -> None:
        """Measure what there is now."""
        beside(self._app, "effect of the weights", self._measure, self._measured)

    def _measure(self, pause: Pause) -> tuple[State, Effect, Effect | None]:
        # Given with the work, a state and all its epochs' weights would stay until the worker is collected.
        state = self._app.session.state
        return state, *measure_change(state, pause)

    def _measured(self, measured: tuple[State, Effect, Effect | None]) -> None:
        state, now, earlier = measured
        if state is self._app.state or not may_differ(state, self._app.session.state):
            self._app.effect_before = earlier
            self._app.effect = now
