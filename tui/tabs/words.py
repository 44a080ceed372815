"""Numbers as the sentences and small tables that more than one tab shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.metrics import SIGNS
from tui.keras_status import Keras

if TYPE_CHECKING:
    from core.metrics import Evaluation
    from core.session import Run


def share(value: float) -> str:
    """Return an accuracy in three decimal places, as Keras's progress lines have it."""
    return f"{value:.3f}"


def confusion_table(evaluation: Evaluation) -> list[str]:
    """Return the confusion matrix as lines: a row for each label, a column for each sign that was predicted."""
    columns = [place for place in range(3) if SIGNS[place] or evaluation.sign_zero]
    head = "".join(f"{SIGNS[place]:>+6d}" if SIGNS[place] else f"{'0':>6}" for place in columns)
    rows = [
        f"  label {label:+d}     " + "".join(f"{evaluation.confusion[row, place]:>6,}" for place in columns)
        for row, label in enumerate((-1, 1))
    ]
    return [f"predicted sign {head}", *rows]


def duration(seconds: float) -> str:
    """Return a time as minutes and seconds, or as seconds if it is short."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min"


def progress_line(run: Run | None, total: int, keras: Keras) -> str:
    """Return how far a training is and how long it will take, or what to press."""
    if run is None:
        ready = keras is Keras.READY
        return "space starts the training" if ready else f"Keras is {keras}; space trains once it is ready"
    done = len(run.epochs)
    if not run.running:
        end = "stopped" if run.stopped else "done"
        return f"{end}: {done:,} of {total:,} epochs in {duration(run.seconds)}"
    if not done:
        return f"epoch 0 of {total:,}, starting; space stops"
    left = run.seconds / done * (total - done)
    return f"epoch {done:,} of {total:,}, {duration(left)} left; space stops"
