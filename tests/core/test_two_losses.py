"""Why two losses of one model differ, in words, and a loss as the sum with what regularizers add."""

from __future__ import annotations

import numpy as np
import pytest

from core.calculation.effect import Effect, Worth, measure
from core.calculation.penalties import activity_penalties, all_penalties
from core.calculation.two_losses import as_a_sum, epoch_and_after
from core.data.dataset import SumRule, generate
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.initial import initial_weights
from core.model.network import Network
from core.model.penalised import Regularizer
from core.tasks import task_for
from core.training.recipe import Recipe
from tests import graphs

DATA = generate(SumRule(60))
PLAIN = Network.chain(2, (Dense("hidden", 3, "tanh"), Dense("out", 1)))
COSTLY = Network.chain(
    2,
    (
        Dense("hidden", 3, "tanh", kernel_regularizer=Regularizer(l2=0.5), activity_regularizer=Regularizer(l1=0.1)),
        Dropout("drop", 0.5),
        Dense("out", 1, bias_regularizer=Regularizer(l1=1.0)),
    ),
)


def effect(network: Network) -> Effect:
    weights = initial_weights(network, 0)
    return measure(network, weights, DATA, DATA.points[0], Recipe(), task_for(DATA, 1, "hinge"))


def worth(network: Network) -> Worth:
    found = effect(network).training
    assert found is not None and found.loss is not None
    return found


def test_an_epochs_mean_and_the_loss_after_it_stand_side_by_side_with_the_reason() -> None:
    after = worth(PLAIN)
    told = epoch_and_after(2, 1.5, after, PLAIN, False)
    assert told == (
        "Training's loss 1.5000 is the mean over epoch 2's batches while the weights moved; "
        f"after it the 48 rows have {after.loss:.4f} (Set weights, evaluate)."
    )
    assert "moved and Dropout was on and rows were weighed;" in epoch_and_after(2, 1.5, after, COSTLY, True)
    normalized = Network.of(graphs.batch_normalized().graph)
    assert "BatchNormalization took each batch's own mean" in epoch_and_after(2, 1.5, after, normalized, False)


def test_nothing_is_said_of_two_losses_that_look_alike_or_of_one() -> None:
    after = worth(PLAIN)
    assert after.loss is not None
    assert (
        epoch_and_after(2, after.loss + 1e-9, after, PLAIN, False) == epoch_and_after(2, 1.5, None, PLAIN, False) == ""
    )


def test_a_loss_is_the_sum_that_is_said() -> None:
    found = effect(COSTLY)
    assert found.training is not None and found.training.loss is not None
    text = as_a_sum(found)
    total, parts = text.removeprefix("training loss ").split(" = ") if " = " in text else text.split(" ~= ")
    assert float(total.split()[-1]) == pytest.approx(found.training.loss, abs=1e-4)
    numbers = [float(part.split()[-1]) for part in parts.split(" + ")]
    assert sum(numbers) == pytest.approx(found.training.loss, abs=3e-4)
    assert [words.rsplit(" ", 1)[0] for words in parts.split(" + ")] == [
        "hinge",
        "l2 of hidden's kernel",
        "l1 of out's bias",
        "l1 of hidden's outputs",
    ]
    assert as_a_sum(effect(PLAIN)) == ""


def test_penalties_of_many_rows_are_the_mean_of_those_of_each() -> None:
    weights = initial_weights(COSTLY, 0)
    whole = dict(activity_penalties(COSTLY, weights, DATA.points, at_once=7))
    rows = [dict(all_penalties(COSTLY, weights, row[np.newaxis])) for row in DATA.points]
    for words, value in whole.items():
        assert value == pytest.approx(float(np.mean([row[words] for row in rows])))
