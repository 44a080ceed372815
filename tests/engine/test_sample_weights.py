"""Sample weights in a training: all numbers are those of ``fit(sample_weight=...)``; others compile nothing anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import pytest

from core.engine.checks import weights_to_train
from core.engine.compiled import Epochs
from core.engine.keras_model import metrics_of, model_to_train
from core.engine.mirrored import mirrored
from core.engine.programs import Fed, Programs
from core.engine.protocol import Failed, Position, Progress, Tensor
from core.engine.run import Run
from core.errors import Refused
from core.training.recipe import Recipe
from tests.engine.test_fake import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.engine.protocol import EpochMetrics, Train
    from tests.engine.conftest import Bench

RECIPE = Recipe(learning_rate=0.01, epochs=3, batch_size=16, validation_split=0.25, metrics=("mean_squared_error",))

ONES = np.ones(60, np.float32)


def weights_of(seed: int) -> npt.NDArray[np.float32]:
    """Weights of the bench's 60 points, some of them 0."""
    drawn = np.random.default_rng(seed).uniform(0, 3, 60).astype(np.float32)
    drawn[::7] = 0
    return drawn


class Told(NamedTuple):
    """The numbers and the arrays after every epoch."""

    metrics: list[EpochMetrics]
    weights: list[Sequence[Any]]


def trained(command: Train, programs: Programs, first: Position | None = None) -> Told:
    """Train by the engine, first up to a place within an epoch if one is given."""
    run, result = Run(command, weights_to_train(command).layers, programs), Told([], [])
    for goal in ([first] if first else []) + [run.end]:
        while not run.arrived(goal):
            if (finished := run.advance(goal)) is not None:
                result.metrics.extend(finished.metrics)
                result.weights.extend(zip(*finished.weights, strict=True))
    return result


def by_fit(bench: Bench, recipe: Recipe, sample_weight: npt.NDArray[np.float32]) -> Told:
    """Train by ``fit`` an epoch at a time, the training points put into the engine's order before each."""
    points, labels, result = bench.data.points, bench.data.labels, Told([], [])
    model, random = model_to_train(bench.network, recipe), np.random.default_rng(recipe.seed)
    model.set_weights([array for layer in bench.weights.layers for array in layer])
    model.run_eagerly = True
    split = recipe.training_points(len(points))
    for _ in range(recipe.epochs):
        order = np.concatenate([random.permutation(split), np.arange(split, len(points))])
        history = model.fit(
            points[order],
            labels[order],
            sample_weight=sample_weight[order],
            batch_size=recipe.batch_size,
            validation_split=recipe.validation_split,
            validation_batch_size=recipe.batch_size,
            shuffle=False,
            verbose=0,
        ).history
        result.metrics.append(metrics_of({name: values[0] for name, values in history.items()}))
        result.weights.append(model.get_weights())
    return result


def require_equal(ours: Told, theirs: Told) -> None:
    assert len(ours.metrics) == len(theirs.metrics) == RECIPE.epochs
    for one, other in zip(ours.metrics, theirs.metrics, strict=True):
        assert one.by_name() == pytest.approx(other.by_name(), abs=1e-6)
    for arrays, expected in zip(ours.weights, theirs.weights, strict=True):
        for array, other in zip(arrays, expected, strict=True):
            np.testing.assert_allclose(array, other, rtol=0, atol=1e-6)


@pytest.fixture(scope="module")
def programs() -> Programs:
    return Programs()


@pytest.fixture(scope="module")
def fitted(bench: Bench) -> Told:
    return by_fit(bench, RECIPE, weights_of(1))


def weighted(bench: Bench, weights: npt.ArrayLike, recipe: Recipe = RECIPE) -> Train:
    return bench.train(recipe, sample_weights=Tensor.of(weights))


@pytest.mark.parametrize("first", [None, Position(1, 2)], ids=["whole epochs", "in batches at first"])
def test_a_training_is_fits(bench: Bench, programs: Programs, fitted: Told, first: Position | None) -> None:
    ours = trained(weighted(bench, weights_of(1)), programs, first)
    require_equal(ours, fitted)
    # With weights of 1 all would be otherwise.
    plain = trained(weighted(bench, ONES), programs).metrics[-1]
    assert abs(ours.metrics[-1].loss - plain.loss) > 1e-3
    assert abs((ours.metrics[-1].val_loss or 0) - (plain.val_loss or 0)) > 1e-3


def test_other_weights_run_in_the_same_program(bench: Bench, programs: Programs) -> None:
    trained(weighted(bench, weights_of(1)), programs)
    program = programs.get(Epochs, bench.network, RECIPE, Fed(60, weighted=True)).result()
    traces = program.traces
    ours = trained(weighted(bench, weights_of(2)), programs)
    require_equal(ours, by_fit(bench, RECIPE, weights_of(2)))
    assert program.traces == traces == 1


def test_keras_refuses_weights_of_both_kinds_and_so_do_we(bench: Bench) -> None:
    recipe = msgspec.structs.replace(RECIPE, class_weights=(1.0, 2.0))
    model, weights = model_to_train(bench.network, recipe), weights_of(1)
    labels = bench.data.labels
    with pytest.raises(ValueError, match="`class_weight` and `sample_weight` at the same time"):
        model.fit(bench.data.points, labels, sample_weight=weights, class_weight={-1: 1.0, 1: 2.0}, verbose=0)
    with pytest.raises(
        Refused, match=r"got both \(the data have their own, classes weigh 1, 2\), and Keras takes only one"
    ):
        weights_to_train(weighted(bench, weights, recipe))


WRONG = {
    "few": (ONES[:59], "expected 60 sample weights, one a point, got shape (59,)"),
    "a matrix": (ONES[:, np.newaxis], "expected 60 sample weights, one a point, got shape (60, 1)"),
    "NaN": (np.where(np.arange(60) == 4, np.nan, 1), "expected finite sample weights, got nan for point 5"),
    "infinite": (np.where(np.arange(60) == 4, np.inf, 1), "expected finite sample weights, got inf for point 5"),
    "below 0": (np.where(np.arange(60) == 4, -1, 1), "sample weights, row 5, column weight: expected a weight of 0 or"),
    "all 0": (0 * ONES, "sample weights, column weight: expected a weight of 0 or more, above 0 in some row"),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_wrong_weights_are_refused_by_sentence(bench: Bench, wrong: str) -> None:
    weights, sentence = WRONG[wrong]
    with pytest.raises(Refused) as refusal:
        weights_to_train(weighted(bench, weights))
    assert sentence in str(refusal.value)
    (_, answer) = await told(weighted(bench, weights))
    assert isinstance(answer, Failed) and answer.message == str(refusal.value)


async def test_the_stand_in_weighs_the_loss_and_nothing_else(bench: Bench) -> None:
    recipe = msgspec.structs.replace(RECIPE, epochs=1)
    answers = [await told(bench.train(recipe)), await told(weighted(bench, 2 * ONES, recipe))]
    one, two = [next(event for event in events if isinstance(event, Progress)).epochs[0] for events in answers]
    assert (two.loss, two.val_loss) == pytest.approx((2 * one.loss, 2 * (one.val_loss or 0)))
    assert two.metrics == one.metrics


def test_the_devices_of_a_strategy_weigh_too(bench: Bench) -> None:
    recipe = msgspec.structs.replace(RECIPE, optimizer="sgd")
    ours = trained(weighted(bench, weights_of(1), recipe), Programs(mirrored()))
    require_equal(ours, by_fit(bench, recipe, weights_of(1)))
