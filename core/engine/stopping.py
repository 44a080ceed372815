"""When a training ends early: Keras's early stopping, and a target that a metric has reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from core.data.choices import NAME_LABELS
from core.engine.protocol import EarlyStopping, EpochMetrics, StopRule
from core.errors import Refused, require_between, shorten
from core.formatting import count
from core.tasks import NoLabels
from core.training.standing import Heard, Numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from core.tasks import Task
    from core.training.recipe import Recipe

MODES = ("auto", "min", "max")


def stop_rule(recipe: Recipe, task: Task) -> StopRule | None:
    """Return the recipe's stop rules as the engine takes them; None if it has none.

    A target is one of what the task counts; of errors the smaller is the better.

    Raises:
        Refused: the data have no labels.
    """
    if isinstance(task, NoLabels):
        raise Refused(f"expected data with labels to train on, got rows without any; {NAME_LABELS}")
    early = None
    if recipe.patience:
        early = EarlyStopping(
            recipe.monitor,
            min_delta=recipe.min_delta,
            patience=recipe.patience,
            baseline=recipe.baseline,
            restore_best_weights=recipe.restore_best,
            start_from_epoch=recipe.start_from_epoch,
        )
    return StopRule(early, task.metric, recipe.target or None) if early or recipe.target else None


def require_stop_rule(rule: StopRule | None, validation: int, told: tuple[str, ...]) -> None:
    """Refuse a rule that watches what this training, which tells the metrics ``told``, will not tell."""
    if rule is None:
        return
    if rule.target is not None:
        _require_told(rule.metric, validation, told)
    if rule.early_stopping is not None:
        _require_told(rule.early_stopping.monitor, validation, told)
        require_between("a patience", rule.early_stopping.patience, 0, 10**9)
        if rule.early_stopping.mode not in MODES:
            raise Refused(f"expected a mode out of {', '.join(MODES)}, got {shorten(rule.early_stopping.mode)!r}")


def _require_told(name: str, validation: int, told: tuple[str, ...]) -> None:
    if name not in told and name.removeprefix("val_") not in told:
        raise Refused(f"expected a stop rule on one of {', '.join(told)}; got {shorten(name)!r}")
    if name.startswith("val_") and not validation:
        raise Refused(
            f"the stop rule watches {name}, but the validation split is 0, so nothing validates: "
            f"take a split above 0, or watch {name.removeprefix('val_')}"
        )


class Judge:
    """Hears every epoch in order. ``best`` is the epoch whose weights Keras would restore, counted from 1, or None.

    It goes on from what was ``heard`` before the epoch that it hears first.
    """

    def __init__(self, rule: StopRule | None, heard: Heard | None = None) -> None:
        self._rule = rule or StopRule()
        early = self._rule.early_stopping
        self._early = _EarlyStopping(early, heard) if early else None
        self.best: int | None = None
        self.best_weights: Any = None
        if self._early is not None and self._early.restores and heard is not None and heard.restored:
            self.best, self.best_weights = heard.best_epoch, [numbers.array() for numbers in heard.restored]

    def heard(self, best_weights: Iterable[npt.ArrayLike]) -> Heard | None:
        """Return what has been counted so far; ``best_weights`` are those of the best epoch in a row, if there is one.

        It is None without early stopping.
        """
        if self._early is None:
            return None
        return msgspec.structs.replace(self._early.heard, restored=tuple(map(Numbers.of, best_weights)))

    def hear(self, epoch: int, metrics: EpochMetrics, weights: Any) -> str:
        """Return why the training ends after ``epoch`` (counted from 1) with these weights; nothing if it goes on."""
        target, value = self._rule.target, metrics.by_name().get(self._rule.metric)
        if self._early is not None:
            reason = self._early.hear(epoch - 1, metrics)
            if self._early.restores and self._early.best_epoch != self.best:
                self.best, self.best_weights = self._early.best_epoch, weights
            if reason:
                return reason
        if target is None or value is None:
            return ""
        low = _smaller_is_better(self._rule.metric, "auto")
        reached = value <= target if low else value >= target
        return f"{self._rule.metric} reached {target:g}" if reached else ""


class _EarlyStopping:
    """The bookkeeping that the Keras 3 documentation ("EarlyStopping") describes."""

    def __init__(self, rule: EarlyStopping, heard: Heard | None) -> None:
        heard = heard or Heard(None, 0, None)
        self._rule = rule
        self._sign = -1.0 if _smaller_is_better(rule.monitor, rule.mode) else 1.0
        self._best, self._wait, self.best_epoch = heard.best, heard.waited, heard.best_epoch
        self.restores = rule.restore_best_weights

    @property
    def heard(self) -> Heard:
        return Heard(self._best, self._wait, self.best_epoch)

    def hear(self, epoch: int, metrics: EpochMetrics) -> str:
        """Return why it ends after ``epoch``, counted from 0; ``best_epoch`` is counted from 1."""
        value = metrics.by_name().get(self._rule.monitor)
        if value is None or epoch < self._rule.start_from_epoch:
            return ""
        if self.best_epoch is None:
            self.best_epoch = epoch + 1
        self._wait += 1
        if self._improves(value, self._best):
            self._best, self.best_epoch = value, epoch + 1
            if self._improves(value, self._rule.baseline):
                self._wait = 0
            return ""
        # Keras never ends in the first epoch, whatever the patience.
        if self._wait < self._rule.patience or epoch == 0:
            return ""
        return f"{self._rule.monitor} has not improved for {count(self._wait, 'epoch')} (early stopping)"

    def _improves(self, value: float, reference: float | None) -> bool:
        return reference is None or self._sign * (value - reference) > abs(self._rule.min_delta)


def _smaller_is_better(monitor: str, mode: str) -> bool:
    return mode == "min" or (mode == "auto" and monitor.endswith(("loss", "error")))
