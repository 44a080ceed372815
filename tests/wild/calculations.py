"""What is calculated here of a random model: predictions, terms, slopes, what a changed weight does."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from core.calculation.calculated import calculated
from core.calculation.effect import measure_change
from core.calculation.expression import Formula, Gathered, Leaf
from core.calculation.running import predict, predictions
from core.operations.functions import FUNCTIONS
from core.operations.rounding import EXACT
from core.session.session import Session
from tests.wild.trial import Differs, NotTried, apart, layer_at, require_close

if TYPE_CHECKING:
    from core.calculation.calculated import Calculated, Spot
    from core.calculation.expression import Expression
    from core.model.weights import Weights
    from tests.wild.compiled import Compiled
    from tests.wild.trial import Trial

OPENED, LINKS = 12, 40
"""How many numbers of a model are opened, and how many of those that each is made of, one after the other."""


def predicted(trial: Trial) -> None:
    """Outputs are Keras's, by inputs, by rows, and by every number kept."""
    opened = trial.opened
    arrays = opened.weights.by_name(opened.network)
    ours, theirs = predictions(opened.network.graph, arrays, trial.points), trial.predicted(trial.model)
    for at, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        require_close(f"output {at + 1}", one, other, partial(_in_float64, trial, at))
    beside = np.concatenate([one.reshape(len(one), -1) for one in ours], axis=1)
    if (
        not opened.network.lengths
        and (far := apart(predict(opened.network, opened.weights, trial.rows), beside)) > 1e-9
    ):
        raise Differs(f"rows are predicted otherwise than inputs, by {far:.2g}")


def _in_float64(trial: Trial, output: int) -> Any:
    return trial.predicted(trial.in_float64, wide=True)[output]


def opened(trial: Trial) -> None:
    """Numbers are what their terms come to, whatever of them is opened, back to the inputs."""
    made, random = _of_first(trial), trial.random(1)
    values = [value for value in made.values if value.call and np.prod(value.shape)]
    for at in random.integers(len(values), size=OPENED):
        value = values[at]
        left = [value.spot(tuple(int(random.integers(size)) for size in value.shape))]
        seen: set[Spot] = set()
        while left and len(seen) < LINKS:
            spot = left.pop(int(random.integers(len(left))))
            if spot in seen or not spot.call or made.value_of(spot) in made.weights:
                continue
            seen.add(spot)
            again, number = _again(made.open(spot)), made.number(spot)
            if not np.isclose(again, number, rtol=1e-9, atol=1e-9, equal_nan=True):
                raise Differs(f"{made.in_words(spot)} is {number}, its terms come to {again}")
            left += made.made_of(spot, LINKS)


def _of_first(trial: Trial) -> Calculated:
    opened = trial.opened
    arrays = opened.weights.by_name(opened.network)
    return calculated(opened.network.graph, arrays, [one[0] for one in trial.points], EXACT)


def _again(expression: Expression) -> Any:
    """Calculate what was opened anew from its leaves."""
    match expression:
        case Leaf(number, _):
            return number
        case Formula(_, function, parts):
            with np.errstate(all="ignore"):
                return FUNCTIONS[function].of(*(np.array(_again(part)) for part in parts))
        case Gathered():
            with np.errstate(all="ignore"):
                terms = [np.prod([_again(one) for one in expression.term(at)]) for at in range(len(expression))]
                gathered: Any = {"mean": np.mean, "largest": np.max, "smallest": np.min}
                return gathered.get(expression.how, np.sum)(terms)


# What a changed weight does


def changed(compiled: Compiled) -> None:
    """What Set weights says that a changed number does is the difference of two of Keras's passes, before and after."""
    trial = compiled.trial
    session, random = Session(), trial.random(2)
    session.open(trial.opened, trial.path)
    session.take_data(compiled.dataset)
    before = session.state.model
    layer, array, index = some_number(before.weights, random)
    session.set_number(layer, array, index, float(np.float32(random.normal())))
    after = session.state.model
    now, earlier = measure_change(session.state)
    if earlier is None:
        raise Differs("there is no effect of the weights before")
    theirs = []
    for model in (before, after):
        _give(trial, model.weights)
        theirs.append(np.concatenate([one.reshape(len(one), -1) for one in trial.predicted(trial.model)], axis=1))
    _give(trial, before.weights)
    row = session.state.row or 0
    for said, made in ((earlier, theirs[0]), (now, theirs[1])):
        _require("the prediction", said.prediction, made[row])
        if said.predicted is not None:
            _require("what is predicted", said.predicted, made)
        if said.largest is not None:
            _require_largest(said.largest, made)
    if now.changed is not None and np.isfinite(theirs).all():
        most = np.abs(theirs[1] - theirs[0]).max(initial=0.0)
        if abs(now.changed - most) > 1e-5 * max(np.abs(theirs).max(initial=0.0), 1e-30):
            raise Differs(f"outputs are said to differ by {now.changed}, and do by {most}")


def some_number(weights: Weights, random: np.random.Generator) -> tuple[int, int, tuple[int, ...]]:
    places = [(at, of) for at, arrays in enumerate(weights.layers) for of, array in enumerate(arrays) if array.size]
    if not places:
        raise NotTried("it has no weights")
    layer, array = places[int(random.integers(len(places)))]
    return layer, array, tuple(int(random.integers(size)) for size in weights.layers[layer][array].shape)


def _give(trial: Trial, weights: Weights) -> None:
    for path, arrays in zip(trial.network.paths, weights.layers, strict=True):
        if arrays:
            layer_at(trial.model, path).set_weights(arrays)


def _require(what: str, ours: Any, theirs: Any) -> None:
    if (far := apart(ours, theirs)) > 1e-4:
        raise Differs(f"{what} is {far:.2g} from Keras's")


def _require_largest(ours: Any, theirs: Any) -> None:
    """Of outputs that are as good as equal any may be the largest."""
    for place, made in zip(ours, theirs, strict=True):
        nothing = np.isnan(made).any()
        if nothing != (place < 0) or not (nothing or made[place] >= made.max() - 1e-4 * max(np.abs(made).max(), 1e-30)):
            raise Differs(f"output {place + 1} is said to be the largest of {made}")
