"""The effect of a change of weights in words: prediction, loss and accuracy before and now, and who changed side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.effect import largest_output
from core.calculation.two_losses import as_a_sum, why_they_differ
from core.data.dataset import DataFile
from core.data.makers import Nothing
from core.errors import Refused, shorten
from core.formatting import count, in_a_line, number
from core.names import told_apart
from core.tasks import Answers, Binary, Classes, Errors, NoLabels, OfOutputs, Several, Signs
from core.tasks.fitting import require_columns, require_scored
from core.tasks.scores import NAME
from core.tasks.words import unanswered_words
from tui.tabs.words import share

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from core.arrays import AnyArray
    from core.calculation.effect import Effect, Sides, Worth
    from core.session.state import State
    from core.tasks import Scores, Task

WIDTH = 78
"""Columns of the table, which is what a terminal of 80 columns has room for."""

CELL = 13
"""Columns of one number, the gap before it included."""

FAILURES_NAMED = 4
"""At most so many failing points are written out; the others are counted."""

KINDS = ("training", "validation", "fresh")
UNDIVIDED = ("given", *KINDS[1:])
"""The same where the split leaves none of the data to train on, or none to validate."""


CALCULATING = "calculating the effect ..."
OF_BEFORE = f"{CALCULATING}   (below: as it was before)"


def effect_lines(
    state: State, now: Effect | None, before: Effect | None, digits: int, earlier: Sequence[str] = ()
) -> list[str]:
    """Return the table of the effect and the sentences below it.

    Until the effect is known, the lines that were seen ``earlier`` stay, and the first says so: nothing moves.
    """
    if now is None or now.version != state.model.weights.version:
        return [OF_BEFORE, *earlier[1:]] if len(earlier) > 1 else [CALCULATING]
    what, outputs = "prediction", now.prediction.size
    if outputs > 1:
        what = "largest output" if _is_of_classes(state, now) else _first(state, outputs)
    titles = (f"{what} for x = ({point_text(state.x)})", f"{what} for x")
    named = _is_of_classes(state, now)
    prediction = _row(titles, _predicted(before, digits, named), _predicted(now, digits, named))
    if now.data is None:
        moved = [_moved(state, now)] if now.largest is not None and named else []
        return [_row(("",), "before", "now"), prediction, *moved, why_no_worth(state)]
    scores = (now.data,) if now.fresh is None else (now.data, now.fresh.scores)
    errors, several = isinstance(now.data, Errors), isinstance(now.data, OfOutputs)
    unanswered = unanswered_words(scores)
    return [
        _row(
            (f"loss: {now.loss}", now.loss, *(("loss of all outputs",) if several else ())),
            *("before", "now", "error before" if errors else "before" if several else "right before", "now"),
        ),
        prediction,
        *([_answered(state, now, before)] if isinstance(now.task, Classes) and now.answers is not None else []),
        *_worth_rows(now, before, digits),
        *(line for line in (as_a_sum(now, digits), why_they_differ(state, now, digits)) if line),
        _baseline(now, now.data, digits),
        *(
            [_shifted(state, now, digits)]
            if errors or several
            else [_changed(state, now.sides), _failures(now, state.model.network.whole_columns)]
        ),
        *([unanswered] if unanswered else []),
    ]


def point_text(x: AnyArray) -> str:
    """Return the first two numbers of any point, shortly."""
    return ", ".join(f"{value + 0.0:.3g}" for value in x[:2]) + (", ..." if x.size > 2 else "")


def row_text(x: AnyArray, whole_columns: Collection[int]) -> str:
    """Return the first two numbers of a row of the data in brackets."""
    return f"({in_a_line(x[:2], 3, whole_columns)}{', ...' if x.size > 2 else ''})"


def sides_text(sides: Sides) -> str:
    """Return how many points changed side, or got another class, and what became of them."""
    changed = "got another class" if isinstance(sides.after.task, Classes) else "changed side"
    if not len(sides):
        return f"no point {changed}"
    became = [f"{points:,} {how}" for points, how in ((sides.right, "right"), (sides.wrong, "wrong")) if points]
    became[:1] = [text.replace(" ", " became ") for text in became[:1]]
    still = len(sides) - sides.right - sides.wrong
    parts = [*became, *([f"{still:,} still wrong"] if still else [])]
    return f"{count(len(sides), 'point')} {changed}: {', '.join(parts)}"


# The table


def _row(titles: tuple[str, ...], *cells: str) -> str:
    """Return one line; of the ``titles`` the first one for which the numbers leave room."""
    numbers = "".join(f" {cell:>{CELL - 1}}" for cell in cells)
    filled = numbers.lstrip()
    room = WIDTH - 4 * CELL + len(numbers) - len(filled) - 1
    title = next((title for title in titles if len(title) <= room), shorten(titles[-1], room))
    return f"{title:<{room}} {filled}"


def _worths(effect: Effect) -> dict[str, Worth | None]:
    kinds = KINDS if effect.divided else UNDIVIDED
    return dict(zip(kinds, (effect.training, effect.validation, effect.fresh), strict=True))


def _worth_rows(now: Effect, before: Effect | None, digits: int) -> Iterator[str]:
    """Give a row for each kind of points that there is: their loss, and how many are right."""
    old = _worths(before) if before is not None else {}
    for kind, worth in _worths(now).items():
        if worth is not None:
            pair = (old.get(kind), worth)
            points = worth.scores.rows
            title = f"loss on {points:,} {kind}"
            titles = (f"{title} point{'' if points == 1 else 's'}", title, kind)
            losses = [_loss(one, digits) for one in pair]
            if not isinstance(worth.scores, OfOutputs):
                yield _row(titles, *losses, *(_right(None if one is None else one.scores, digits) for one in pair))
                continue
            yield _row(titles, *losses, "", "")
            for at, (name, scores) in enumerate(worth.scores.parts):
                what = "error" if isinstance(scores, Errors) else "right"
                each = (_right(_of_output(one, at, scores), digits) for one in pair)
                yield _row((f"  {shorten(name, NAME)}, {what}",), "", "", *each)


def _of_output(worth: Worth | None, at: int, alike: Answers | Errors) -> Scores | None:
    """Return the scores of an output of a model that may have had others, or other labels, before."""
    scores = None if worth is None else worth.scores
    own = scores.parts[at][1] if isinstance(scores, OfOutputs) and at < len(scores.parts) else None
    return own if type(own) is type(alike) else None


def _is_of_classes(state: State, effect: Effect) -> bool:
    """Return whether the outputs stand beside each other for one answer, the largest of them."""
    several = len(state.model.network.graph.outputs) > 1 or bool(state.model.network.spread)
    return not several and (isinstance(effect.task, Classes | NoLabels) or effect.data is None)


def _first(state: State, outputs: int) -> str:
    """Return what the first of several ``outputs`` is called: by its own name where each has labels of its own."""
    if not isinstance(state.task, Several):
        return f"y1 (of {outputs:,})"
    part = state.task.parts[0]
    return shorten(part.name, 16) if part.size == 1 else f"{shorten(part.name, 16)} 1 (of {part.size:,})"


def _predicted(effect: Effect | None, digits: int, named: bool) -> str:
    if effect is None:
        return "-"
    if effect.prediction.size == 1:
        return number(float(effect.prediction[0]), digits)
    if not named:
        return _fitting(float(effect.prediction[0]), digits)
    largest = int(largest_output(effect.prediction[np.newaxis])[0])
    return "NaN" if largest < 0 else f"y{largest + 1} {number(float(effect.prediction[largest]), digits)}"


def _answered(state: State, now: Effect, before: Effect | None) -> str:
    """Return the row with the classes that x is given."""
    names = [_class_of(effect) for effect in (before, now)]
    return _row((f"class for x = ({point_text(state.x)})", "class for x"), *names)


def _class_of(effect: Effect | None) -> str:
    if effect is None or not isinstance(effect.task, Classes):
        return "-"
    place = int(effect.task.answers(effect.prediction[np.newaxis].astype(np.float32))[0])
    names = told_apart(effect.task.classes, CELL - 1)
    return "none" if place < 0 else names[place] if place < len(names) else f"output {place + 1}"


def _loss(worth: Worth | None, digits: int) -> str:
    if worth is None or worth.loss is None:
        return "-"
    return _fitting(worth.loss, digits)


def _fitting(value: float, digits: int) -> str:
    text = number(value, digits)
    return text if len(text) < CELL else f"{value:.4g}"


def _right(scores: Scores | None, digits: int) -> str:
    """Return how many are right, or of numbers their mean absolute error."""
    if scores is None or isinstance(scores, OfOutputs):
        return "-"
    if isinstance(scores, Errors):
        return _fitting(scores.mean_absolute_error, digits)
    text = f"{scores.correct:,} ({share(scores.accuracy)})"
    # One of a million points is seen in the sixth place.
    return text if len(text) < CELL else f"{scores.accuracy:.6f}"


# The sentences


def why_no_worth(state: State) -> str:
    network = state.model.network
    if isinstance(state.dataset.origin, Nothing):
        return "there are no data, and so no labels"
    if not state.fits:
        return f"the data have {count(state.dataset.inputs, 'input')}, the model {network.inputs:,}: no labels fit"
    try:
        losses = state.recipe.losses(len(network.graph.outputs))
        require_columns(network, state.dataset, losses)
        require_scored(state.task, network.outputs, network.spread)
    except Refused as refusal:
        return str(refusal)
    return ""


def _moved(state: State, now: Effect) -> str:
    if now.moved is None:
        return _nothing_before(state)
    points = len(now.dataset)
    if not now.moved:
        return f"the largest output is the same as before for all {count(points, 'point')} of the data"
    return f"{now.moved:,} of the {count(points, 'point')} of the data have another largest output now"


def _nothing_before(state: State) -> str:
    if state.before is None:
        return "no step to compare with yet: e changes a number"
    return several_sides(state.task) or "the model before had other inputs or outputs: no sides to compare"


def several_sides(task: Task) -> str:
    """Return why rows with several answers have no sides that are compared; nothing of one answer a row."""
    if not isinstance(task, Signs | Binary | Classes) or task.columns == 1:
        return ""
    answer = "places" if isinstance(task, Classes) else "outputs"
    return f"{task.columns:,} {answer} answer a label each: sides are compared where there is one"


def _baseline(now: Effect, scores: Scores, digits: int) -> str:
    worths = {kind: worth.scores for kind, worth in _worths(now).items() if worth is not None}
    if isinstance(scores, Errors):
        errors = [
            f"{_fitting(one.baseline, digits)} on {kind}" for kind, one in worths.items() if isinstance(one, Errors)
        ]
        return f"error: the mean absolute one; always the median has {', '.join(errors)} points"
    if isinstance(scores, OfOutputs):
        return f"always the commonest, or the median: {', '.join(_always(*one, digits) for one in scores.parts)}"
    label = scores.baseline_class
    shares = [f"{share(one.always(label))} of {kind}" for kind, one in worths.items() if isinstance(one, Answers)]
    return f"always {shorten(scores.classes[label])} gets {', '.join(shares)} points"


def _always(name: str, scores: Answers | Errors, digits: int) -> str:
    if isinstance(scores, Errors):
        return f"{shorten(name, NAME)} {_fitting(scores.baseline, digits)} off"
    return f"{shorten(name, NAME)} {share(scores.baseline)} right"


def _changed(state: State, sides: Sides | None) -> str:
    if sides is None:
        return _nothing_before(state)
    if len(sides):
        return f"{sides_text(sides)}; v shows {'it' if len(sides) == 1 else 'them'}"
    return sides_text(sides) + ("; v shows the boundary before and now" if state.model.network.inputs == 2 else "")


def _shifted(state: State, now: Effect, digits: int) -> str:
    """Return by how much predicted numbers differ from those before."""
    drawn = not isinstance(now.data, OfOutputs)
    if now.changed is None and state.before is not None:
        return "the model before had other inputs or outputs: nothing to compare"
    if now.changed is None:
        return f"no step to compare with yet: e changes a number{'; v shows the predictions' if drawn else ''}"
    if not now.changed:
        return "no prediction changed"
    changed = f"the predictions changed by up to {_fitting(now.changed, digits)}"
    return f"{changed}; v shows them before and now" if drawn else changed


def _failures(now: Effect, whole_columns: Collection[int]) -> str:
    """Return the fresh points that fail: as many of them as one line has room for, and the number of the others."""
    fresh, data = now.fresh, now.fresh_data
    if fresh is None or data is None:
        match now.dataset.origin:
            case DataFile(made=None):
                why = "the data are from a file, which has no rule to make more by"
            case DataFile():
                why = "the rows were changed here, and no rule makes more of such"
            case _:
                why = "these are all that there are"
        return f"no fresh points: {why}"
    if not isinstance(fresh.scores, Answers):
        return ""
    failures, scores = fresh.scores.failures, fresh.scores
    if not failures.size:
        return f"no fresh point fails: {scores.correct:,} of {scores.points:,}"
    for named in range(min(FAILURES_NAMED, failures.size), 0, -1):
        points = " ".join(row_text(data.points[row], whole_columns) for row in failures[:named])
        rest = f" and {failures.size - named:,} more" if named < failures.size else ""
        line = f"fresh points that fail: {points}{rest}"
        if len(line) <= WIDTH:
            break
    return line
