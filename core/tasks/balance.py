"""What a data set's labels are like before any model has seen them: how many of each, and the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.errors import shorten
from core.formatting import count, percent
from core.tasks.binary import Binary
from core.tasks.classes import Classes
from core.tasks.nothing import NoLabels
from core.tasks.numbers import Numbers
from core.tasks.several import Several
from core.tasks.signs import Signs

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.tasks import Task

NAMED = 6
"""Classes whose numbers of rows are said; of more the commonest ones. Of more columns it is said of all together."""


def balance(task: Task, dataset: Dataset) -> str:
    """Return how the labels are spread, and what always giving the same answer gets, as a sentence."""
    if isinstance(task, Several):
        own = (dataset.of_labels(part.labels.start, part.labels.stop) for part in task.parts)
        each = (f"{part.name}: {balance(part.task, data)}" for part, data in zip(task.parts, own, strict=True))
        return " ".join(each)
    match task:
        case NoLabels():
            return f"{count(len(dataset), 'row')} to predict for."
        case Numbers():
            return _spread(dataset)
    if isinstance(task, Signs | Binary) and 1 < task.columns <= NAMED:
        share = (dataset.labels == task.pair[1]).mean(axis=0)
        shares = ", ".join(percent(float(one)) for one in share)
        return f"{task.classes[1]} in {shares} of the rows, column by column."
    labels = dataset.labels
    places = task.all_places(labels) if isinstance(task, Classes) else np.asarray(labels == task.pair[1], np.int64)
    names = task.labels if isinstance(task, Classes) else task.classes
    counts = np.bincount(places.ravel(), minlength=len(names))
    answered = counts[: len(task.classes)]
    # Of equally common ones the last is answered, so +1 before -1; it is the first that is told.
    commonest = len(answered) - 1 - int(np.argmax(answered[::-1]))
    order = np.lexsort((-np.arange(len(counts)), -counts))[:NAMED]
    sizes = [
        count(int(counts[order[0]]), "point" if task.columns == 1 else "place"),
        *(f"{counts[place]:,}" for place in order[1:]),
    ]
    told = [f"{size} labelled {shorten(names[place], 16)}" for size, place in zip(sizes, order, strict=True)]
    if len(counts) > NAMED:
        told.append(f"{len(counts) - NAMED:,} more")
    text = f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]
    share = percent(int(counts[commonest]) / places.size)
    always = shorten(task.classes[commonest], 16)
    return f"{text}: always answering {always} is right for {share} (the majority baseline)."


def _spread(dataset: Dataset) -> str:
    labels = dataset.labels.astype(np.float64)
    median, mean = np.median(labels, axis=0), labels.mean(axis=0)
    absolute, squared = np.abs(labels - median).mean(), ((labels - mean) ** 2).mean()
    answered = f"median {median[0]:.4g}" if labels.shape[1] == 1 else "medians"
    low, high = labels.min(), labels.max()
    return (
        f"Labels from {low:.4g} to {high:.4g}: always answering the {answered} is {absolute:.4g} off on average, "
        f"the mean has a mean squared error of {squared:.4g} (the baselines)."
    )
