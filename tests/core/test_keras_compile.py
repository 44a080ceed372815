"""How a model was compiled: what is not known here costs the recipe only, and every difference is a note."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest

from core.calculation.running import predict
from core.engine.built import build
from core.losses import KERAS_LOSSES, Labels, loss_called
from core.losses.batches import evaluated
from core.model.archive import whole
from core.model.archive.compile_settings import compile_config, read_compile, with_loss
from core.model.files.opening import open_model
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.save_model import save_model
from core.model.written import Output
from core.training.recipe import LOSSES, Recipe
from core.training.schedules import read_schedule
from tests.hdf5_files import saved_with
from tests.tasks import by_class, targets

if TYPE_CHECKING:
    from pathlib import Path

Config = dict[str, Any]
Change = Callable[[Config], None]

ODD_RECALL = {
    "module": "keras.metrics",
    "class_name": "RecallAtPrecision",
    "config": {"precision": 7},
    "registered_name": None,
}
FUNCTION = {"module": "builtins", "class_name": "function", "config": "evil", "registered_name": "function"}


def set_compiled(path: str, value: Any) -> Change:
    def change(config: Config) -> None:
        place = config
        *folders, last = path.split(".")
        for folder in folders:
            place = place[folder]
        place[last] = value

    return change


def schedule(kind: str, **settings: Any) -> Config:
    module = "keras.optimizers.schedules"
    return {"module": module, "class_name": kind, "config": settings, "registered_name": None}


def rate(value: Any) -> Change:
    return set_compiled("optimizer.config.learning_rate", value)


NO_RECIPE: dict[str, tuple[Change, str]] = {
    "a schedule of one's own": (rate(schedule("Mine")), "one of Keras's learning-rate schedules, got 'Mine'"),
    "a schedule without its rate": (rate(schedule("CosineDecay", decay_steps=9)), "above 0, got nothing"),
    "a schedule without steps": (rate(schedule("CosineDecay", initial_learning_rate=1)), "needs decay_steps"),
    "a schedule without values": (rate(schedule("PiecewiseConstantDecay", boundaries=[1])), "the values of piecewise"),
    "steps as text": (
        rate(schedule("CosineDecay", initial_learning_rate=1, decay_steps="9")),
        "expected decay_steps of cosine_decay to be a whole number of batches, from 1, got '9'",
    ),
    "a momentum above 1": (set_compiled("optimizer.config.beta_1", 1.5), "from 0 up to, not including, 1, got 1.5"),
    "two ways to clip": (
        lambda config: config["optimizer"]["config"].update(clipnorm=1.0, clipvalue=1.0),
        "got clipnorm and clipvalue",
    ),
    "a learning rate of true": (set_compiled("optimizer.config.learning_rate", True), "above 0, got True"),
    "a learning rate as text": (set_compiled("optimizer.config.learning_rate", "0.1"), "above 0, got '0.1'"),
    "a negative learning rate": (set_compiled("optimizer.config.learning_rate", -1), "above 0, got -1"),
    "an infinite learning rate": (set_compiled("optimizer.config.learning_rate", float("inf")), "got inf"),
    "a huge learning rate": (set_compiled("optimizer.config.learning_rate", 1e9), "at most 1e6"),
    "an optimizer of one's own": (set_compiled("optimizer.registered_name", "mine>Adam"), "Keras's own optimizer"),
    "an optimizer unknown here": (
        set_compiled("optimizer.class_name", "LossScaleOptimizer"),
        "got 'LossScaleOptimizer'",
    ),
    "no optimizer": (set_compiled("optimizer", None), "expected one optimizer, got nothing"),
    "a loss unknown here": (set_compiled("loss", "mine"), "got 'mine'"),
    "a loss that does not fit such labels": (set_compiled("loss", "ctc"), "ctc wants a sequence of outputs"),
    "a function as loss": (set_compiled("loss", FUNCTION), "Keras's own loss, got 'evil' of 'builtins'"),
    "several losses": (set_compiled("loss", ["hinge", "mse"]), "expected one loss, got a list"),
}


@pytest.mark.parametrize("kind", NO_RECIPE)
def test_training_settings_unknown_here_become_a_note(kind: str) -> None:
    change, message = NO_RECIPE[kind]
    config = compile_config(Recipe())
    change(config)
    recipe, notes, not_followed = read_compile(config)
    assert recipe is None
    assert len(notes) == 1 and message in notes[0]
    assert not_followed == notes


@pytest.mark.parametrize(
    "change, message",
    [
        (set_compiled("metrics", ["mine", {"class_name": "AUC"}]), "metrics 'mine', an object are kept"),
        (set_compiled("metrics", ["mean_io_u"]), "metrics 'mean_io_u' are kept"),
        (set_compiled("metrics", [ODD_RECALL]), "metrics an object are kept"),
        (set_compiled("weighted_metrics", ["mse"]), "weighted_metrics are kept"),
        (set_compiled("optimizer.config.use_ema", True), "use_ema True: kept there; training here goes without it"),
        (set_compiled("optimizer.config.beta_1\x1b", 0.5), "beta_1? 0.5"),
    ],
)
def test_training_settings_beside_the_recipe_become_a_note(change: Change, message: str) -> None:
    config = compile_config(Recipe())
    change(config)
    recipe, notes, not_followed = read_compile(config)
    assert (recipe, not_followed) == (Recipe(), ())
    assert len(notes) == 1 and message in notes[0]


def test_a_model_that_was_not_compiled_has_no_recipe_and_no_note() -> None:
    assert read_compile(None) == (None, (), ())


def test_what_is_no_object_is_a_note() -> None:
    unread = ("How the model was compiled can't be read: got a list.",)
    assert read_compile([1]) == (None, unread, unread)


@pytest.mark.parametrize("typed", [0.001, 0.01, 1e-7, 0.3, 1 / 3, 123.456])
def test_the_learning_rate_is_the_one_that_was_typed(typed: float) -> None:
    config = compile_config(Recipe(learning_rate=typed))
    assert read_compile(config)[0] == Recipe(learning_rate=typed)
    config["optimizer"]["config"]["learning_rate"] = float(np.float32(typed))
    recipe = read_compile(config).recipe
    assert recipe is not None and recipe.learning_rate == pytest.approx(typed, rel=1e-7)
    assert len(str(recipe.learning_rate)) <= max(len(str(typed)), 10)


RECIPES = [
    Recipe(optimizer="sgd", learning_rate=0.1, optimizer_options=(("momentum", 0.9), ("nesterov", True))),
    Recipe(optimizer="adamw", optimizer_options=(("weight_decay", 0.01), ("beta_1", 0.8), ("clipnorm", 1.5))),
    Recipe(schedule=read_schedule("exponential_decay decay_steps 20, decay_rate 0.9, staircase")),
    Recipe(schedule=read_schedule("piecewise_constant_decay boundaries 10 30, values 0.01 0.001"), learning_rate=0.1),
    Recipe(metrics=("mean_squared_error", "r2_score", "logcosh", "accuracy")),
    Recipe(loss="binary_crossentropy", metrics=("auc", "recall_at_precision=0.8", "precision", "fbeta_score=2")),
    *(Recipe(loss=loss) for loss in LOSSES[1:] if not by_class(loss)),
]

RECIPES_OF_CLASSES = [
    Recipe(loss="categorical_hinge", metrics=("f1_score", "one_hot_io_u=1", "top_k_categorical_accuracy=2")),
    Recipe(loss="sparse_categorical_crossentropy", metrics=("mean_io_u", "io_u=0", "sparse_categorical_accuracy")),
    *(Recipe(loss=loss) for loss in LOSSES if by_class(loss)),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=Recipe.in_words)
def test_options_schedule_and_metrics_come_back(recipe: Recipe) -> None:
    assert read_compile(compile_config(recipe)) == (recipe, (), ())


@pytest.mark.parametrize("recipe", [*RECIPES, *RECIPES_OF_CLASSES], ids=Recipe.in_words)
def test_keras_reads_what_is_written_and_writes_what_is_read(recipe: Recipe) -> None:
    outputs = 3 if by_class(recipe.loss) else 1
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(outputs, "softmax" if outputs == 3 else "tanh")])
    model.compile_from_config(compile_config(recipe, outputs))
    labels = targets(recipe.loss, np.array([1.0, -1.0]), outputs)
    # Class numbers stand in one row, as Keras's documentation has them.
    numbered = KERAS_LOSSES[recipe.loss].labels is Labels.CLASSES
    # To trace it takes longer than two points do.
    model.run_eagerly = True
    model.evaluate(np.zeros((2, 2)), labels[:, 0] if numbered else labels, verbose=0)
    assert read_compile(model.get_compile_config(), outputs) == (recipe, (), ())


SET: list[tuple[Callable[[], Any], Recipe]] = [
    (lambda: "mse", Recipe(loss="mean_squared_error")),
    (lambda: keras.losses.huber, Recipe(loss="huber")),
    (lambda: [keras.losses.CategoricalHinge()], Recipe(loss="categorical_hinge")),
    (lambda: {"dense": "hinge"}, Recipe(loss="hinge")),
    (
        lambda: keras.losses.Tversky(alpha=0.7, axis=-1),
        Recipe(loss="tversky", loss_options=(("alpha", 0.7), ("axis", -1))),
    ),
    (
        lambda: keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1, reduction="sum"),
        Recipe(
            loss="binary_crossentropy",
            loss_options=(("from_logits", True), ("label_smoothing", 0.1), ("reduction", "sum")),
        ),
    ),
    (
        lambda: keras.losses.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.75, gamma=3.0),
        Recipe(
            loss="binary_focal_crossentropy",
            loss_options=(("apply_class_balancing", True), ("alpha", 0.75), ("gamma", 3.0)),
        ),
    ),
    (lambda: keras.losses.Hinge(reduction=None), Recipe(loss="hinge", loss_options=(("reduction", "none"),))),
    (
        lambda: keras.losses.SparseCategoricalCrossentropy(ignore_class=-1),
        Recipe(loss="sparse_categorical_crossentropy", loss_options=(("ignore_class", -1),)),
    ),
    *(
        (lambda axis=axis: keras.losses.Dice(axis=axis), Recipe(loss="dice", loss_options=options))
        for axis, options in (
            *((one, (("axis", 0),)) for one in (0, -2, (0,), [-2])),
            *((one, (("axis", -1),)) for one in (1, (1,))),
            *((one, ()) for one in ((0, 1), (-1, -2))),
        )
    ),
    (lambda: keras.losses.CategoricalCrossentropy(axis=1), Recipe(loss="categorical_crossentropy")),
]


@pytest.mark.parametrize(("loss", "recipe"), SET, ids=[recipe.in_words() for _, recipe in SET])
def test_settings_of_a_loss_come_from_a_file_and_go_into_one(loss: Callable[[], Any], recipe: Recipe) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid", name="dense")])
    model.compile("adam", loss())
    assert read_compile(as_in_a_file(model)) == (recipe, (), ())
    model.compile_from_config(compile_config(recipe))
    assert read_compile(as_in_a_file(model)) == (recipe, (), ())


def as_in_a_file(model: Any) -> Any:
    """Return how a model was compiled, in what JSON has."""
    return json.loads(json.dumps(model.get_compile_config()))


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (lambda: keras.losses.Dice(axis=()), "expected axis of dice to be -1, for each row by itself, or 0, for each"),
        (lambda: keras.losses.Tversky(axis=(0, 0)), "expected axis of tversky to be -1, for each row by itself, or 0"),
        (lambda: keras.losses.CategoricalCrossentropy(axis=0), "expected categorical_crossentropy without axis, got 0"),
        (lambda: keras.losses.CategoricalFocalCrossentropy(alpha=[0.1, 0.2]), "expected alpha of categorical_focal"),
    ],
)
def test_a_setting_of_a_loss_that_is_not_followed_leaves_no_recipe_and_says_so(
    loss: Callable[[], Any], said: str
) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "sigmoid")])
    model.compile("adam", loss())
    recipe, notes, not_followed = read_compile(as_in_a_file(model))
    assert recipe is None
    assert said in notes[0]
    assert not_followed == notes


@pytest.mark.parametrize(
    ("given", "weight"), [(2.0, 2.0), ([2.0], 2.0), ({"dense": 0.5}, 0.5), (0.0, 0.0), ([-1], -1.0), ([1.0], 1.0)]
)
def test_what_compile_multiplies_the_loss_by_comes_from_a_file_and_goes_into_one(given: Any, weight: float) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="dense")])
    model.compile("adam", "hinge", loss_weights=given)
    recipe = Recipe(loss_options=() if weight == 1.0 else (("loss_weights", weight),))
    assert read_compile(model.get_compile_config()) == (recipe, (), ())
    model.compile_from_config(compile_config(recipe))
    assert read_compile(model.get_compile_config()) == (recipe, (), ())


@pytest.mark.parametrize("given", [[2.0, 3.0], ["2"], {"a": 1.0, "b": 2.0}, [None], [math.inf]])
def test_other_weights_of_losses_leave_no_recipe_and_say_so(given: Any) -> None:
    recipe, notes, not_followed = read_compile(compile_config(Recipe()) | {"loss_weights": given})
    assert recipe is None
    assert "expected one number as loss_weights, got" in notes[0] and notes == not_followed


def test_an_opened_file_is_saved_with_the_loss_that_was_chosen_since(tmp_path: Path) -> None:
    network, path = chain_network(2, "3 tanh, 1 tanh"), tmp_path / "my.keras"
    weights, before = initial_weights(network, 1), Recipe("huber", "rmsprop", 0.25, loss_options=(("delta", 0.5),))
    archive = whole.write_archive(network, weights, before, "2026-01-01@00:00:00")
    assert saved_with(archive, network, weights, before) == archive
    points, labels = np.random.default_rng(0).normal(0, 2, (2, 9, 2))
    for recipe in (
        Recipe("huber", loss_options=(("delta", 0.1), ("loss_weights", 3.0))),
        Recipe("squared_hinge", metrics=("mean_absolute_error",)),
        before,
    ):
        archive = saved_with(archive, network, weights, recipe)
        path.write_bytes(archive)
        model = keras.models.load_model(path)
        model.run_eagerly = True
        told = model.evaluate(points, labels[:, :1], verbose=0, return_dict=True)
        loss = loss_called(recipe.loss, recipe.loss_options)
        ours = evaluated(loss, labels[:, :1], predict(network, weights, points.astype(np.float32)))
        assert told["loss"] == pytest.approx(ours, rel=1e-5)
        held = whole.read_archive(archive).recipe
        assert held is not None
        assert (held.loss, held.loss_options, held.metrics) == (recipe.loss, recipe.loss_options, recipe.metrics)
        assert (held.optimizer, held.learning_rate) == ("rmsprop", 0.25)


def test_a_loss_that_was_not_followed_stays_in_the_file() -> None:
    config = compile_config(Recipe()) | {"loss": "mine"}
    assert with_loss(config, Recipe("huber"), 1) == config


def test_an_optimizer_of_no_weight_decay_is_not_one_of_its_usual() -> None:
    optimizer = keras.optimizers.Muon(weight_decay=None, adam_weight_decay=0.5)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "tanh")])
    model.compile(optimizer, "hinge")
    recipe = read_compile(as_in_a_file(model)).recipe
    assert recipe is not None
    assert recipe.optimizer_options == (("adam_weight_decay", 0.5), ("weight_decay", 0.0))


def test_losses_and_metrics_of_named_outputs_are_read_by_those_names(tmp_path: Path) -> None:
    x = keras.Input((2,))
    outputs = {"price": keras.layers.Dense(1)(x), "kind": keras.layers.Dense(3, "softmax")(x)}
    model = keras.Model(x, outputs)
    weights, metrics = {"price": 0.5, "kind": 1.0}, {"kind": ["accuracy"]}
    model.compile("adam", {"price": "huber", "kind": "categorical_crossentropy"}, weights, metrics)
    model.save(tmp_path / "named.keras")
    opened = open_model(tmp_path / "named.keras")
    assert [output.name for output in opened.network.each_output] == ["kind", "price"]
    recipe = opened.recipe
    assert recipe is not None
    assert recipe.by_output == (("categorical_crossentropy", ()), ("huber", (("loss_weights", 0.5),)))
    assert recipe.metrics_by_output == (("accuracy",), ())
    save_model(tmp_path / "new.keras", opened.network, opened.weights, recipe, None)
    again = keras.models.load_model(tmp_path / "new.keras")
    points, labels = np.ones((3, 2)), {"price": np.ones((3, 1)), "kind": np.eye(3)}
    told = [one.evaluate(points, labels, verbose=0, return_dict=True) for one in (model, again)]
    assert told[0] == pytest.approx(told[1])
    asked = build(opened.network)
    assert asked.output_names == ["kind", "price"]


@pytest.mark.parametrize("metric", ["mae", "MeanAbsoluteError", keras.metrics.MeanAbsoluteError()])
def test_a_metric_is_known_however_it_was_given(metric: Any) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "tanh")])
    model.compile("adam", "hinge", metrics=[metric, "binary_accuracy"])
    assert read_compile(model.get_compile_config()) == (Recipe(metrics=("mean_absolute_error",)), (), ())


PRICE = Output("price", (1,), slice(0, 1), None)
KIND = Output("kind", (4, 3), slice(1, 13), None)


@pytest.mark.parametrize(
    ("loss", "weights"),
    [
        ("mean_squared_error", None),
        ("mean_squared_error", 2.0),
        (["huber", "categorical_crossentropy"], None),
        (["huber", "categorical_crossentropy"], [0.5, 1.0]),
        ({"kind": "categorical_crossentropy", "price": "huber"}, {"kind": 1.0, "price": 0.5}),
    ],
)
def test_losses_of_several_outputs_are_read_as_keras_has_them_and_written_so_that_it_reads_them(
    loss: Any, weights: Any
) -> None:
    x = keras.Input((4, 3))
    flat, kind = keras.layers.Flatten()(x), keras.layers.Dense(3, "softmax", name="kind")(x)
    model = keras.Model(x, [keras.layers.Dense(1, name="price")(flat), kind])
    model.compile("adam", loss, weights, metrics=[["mae"], ["mae", "accuracy"]])
    recipe, notes, not_followed = read_compile(as_in_a_file(model), 13, (PRICE, KIND))
    assert recipe is not None and not not_followed and recipe.metrics == ("mean_absolute_error",)
    assert recipe.metrics_by_output == ((), ("accuracy",)) and not notes
    points, labels = np.ones((3, 4, 3)), [np.ones((3, 1)), np.ones((3, 4, 3))]
    model.run_eagerly = True
    given = model.evaluate(points, labels, verbose=0, return_dict=True)
    model.compile_from_config(compile_config(recipe, 13, (PRICE, KIND)))
    model.run_eagerly = True
    assert read_compile(as_in_a_file(model), 13, (PRICE, KIND)) == (recipe, (), ())
    again = model.evaluate(points, labels, verbose=0, return_dict=True)
    named = {name.replace("_mae", "_mean_absolute_error"): value for name, value in given.items()}
    assert again == pytest.approx(named)
