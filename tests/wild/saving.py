"""A random model that was trained a little, saved with one number changed: all else is as it was, the optimizer too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from core.model.files.opening import OpenedModel, open_any
from core.model.save_model import save_model
from tests.wild.calculations import some_number
from tests.wild.trial import Differs, NotTried, apart, by_keras, layer_at

import keras  # isort: skip

if TYPE_CHECKING:
    from pathlib import Path

    from tests.wild.compiled import Compiled


def saved(compiled: Compiled) -> None:
    """In both of Keras's formats."""
    trial = compiled.trial
    model = keras.models.load_model(trial.path)
    model.run_eagerly = True
    by_keras(lambda: model.train_on_batch(trial.given(), compiled.beside(compiled.labels)))
    for suffix in (".keras", ".h5"):
        path = trial.path.with_name(f"{trial.seed}-trained{suffix}")
        try:
            model.save(path)
            before = keras.models.load_model(path)
        except Exception as problem:
            if suffix == ".h5":
                continue
            raise NotTried(f"Keras does not load its own {suffix}: {type(problem).__name__}") from None
        _changed(compiled, path, before)
    _anew(compiled)


def _changed(compiled: Compiled, path: Path, before: Any) -> None:
    opened, again = open_any(path), path.with_stem(f"{path.stem}-again")
    if not isinstance(opened, OpenedModel):
        raise Differs(f"{path.suffix} is not followed: {opened.stops}")
    layer, array, index = some_number(opened.weights, compiled.trial.random(4))
    weights = opened.weights.with_number(layer, array, index, 0.125)
    save_model(again, opened.network, weights, opened.recipe, opened.archive)
    after = keras.models.load_model(again)
    expected = [np.array(one) for one in layer_at(before, opened.network.paths[layer]).get_weights()]
    expected[array][index] = 0.125
    layer_at(before, opened.network.paths[layer]).set_weights(expected)
    for what, of in (("weights", "weights"), ("state of the optimizer", "optimizer")):
        pair = [[np.asarray(one) for one in _variables(model, of)] for model in (before, after)]
        if [one.tobytes() for one in pair[0]] != [one.tobytes() for one in pair[1]]:
            raise Differs(f"saved as {path.suffix} the {what} is another than what was changed makes it")
    if _described(before) != _described(after):
        raise Differs(f"saved as {path.suffix} the model is described otherwise")
    if before.get_compile_config() != after.get_compile_config():
        raise Differs(f"saved as {path.suffix} it is compiled otherwise")


def _described(model: Any) -> str:
    """Return a model's description; operations that make masks have names that Keras gives them when it loads one."""
    return re.sub(r"(any|not_equal)(_\d+)?", "mask", repr(model.get_config()))


def _variables(model: Any, of: str) -> Any:
    return model.weights if of == "weights" else model.optimizer.variables


def _anew(compiled: Compiled) -> None:
    """A new file of the model predicts and trains as it."""
    trial = compiled.trial
    path = trial.path.with_stem(f"{trial.seed}-new")
    save_model(path, trial.network, trial.opened.weights, compiled.recipe, None)
    model = keras.models.load_model(path)
    points = [one.astype(held.dtype) for one, held in zip(trial.points, model.inputs, strict=True)]
    made = keras.tree.flatten(model(points if len(points) > 1 else points[0], training=False))
    for one, other in zip(made, trial.predicted(trial.model), strict=True):
        if (far := apart(one, other)) > 1e-4:
            raise Differs(f"Keras makes other numbers of a new file, {far:.2g} apart")
