"""The numbers and the weights of a training's epochs: what is kept, what is let go, what never is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import frozen
from core.model.weights import Weights
from core.session.history import History, KeptWeights

ONE = 4 * (6 + 3)
"""Bytes of one epoch's weights below."""


def weights_after(epoch: int) -> tuple[tuple[np.ndarray, ...], ...]:
    return ((np.full((2, 3), epoch, dtype=np.float32), np.full(3, -epoch, dtype=np.float32)), ())


def stacked(epochs: list[int]) -> tuple[tuple[np.ndarray, ...], ...]:
    made = [weights_after(epoch) for epoch in epochs]
    return tuple(
        tuple(np.stack([one[layer][array] for one in made]) for array in range(len(made[0][layer])))
        for layer in range(2)
    )


def start(budget: int) -> KeptWeights:
    initial = Weights(tuple(tuple(frozen(array) for array in arrays) for arrays in weights_after(0)))
    return KeptWeights.starting(initial, budget)


def test_columns_grow_and_lacking_ones_are_not_there() -> None:
    history = History().extended([{"loss": 2.0, "val_loss": None}, {"loss": 1.0, "val_loss": None}])
    history = history.extended([{"loss": 3.0, "val_loss": None}])
    assert len(history) == 3
    assert history["loss"].tolist() == [2.0, 1.0, 3.0]
    assert history["val_loss"].size == 0
    assert history.best == 2
    assert history.until(1)["loss"].tolist() == [2.0]
    assert history.extended([]) is history


def test_the_best_epoch_is_that_of_the_validation_loss_and_never_a_nan() -> None:
    history = History().extended([{"loss": 1.0, "val_loss": float("nan")}, {"loss": 2.0, "val_loss": 5.0}])
    assert history.best == 2
    assert History().best == 0


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, 60), st.integers(0, 30))
def test_what_is_kept_stays_in_the_budget_and_has_the_first_the_last_and_the_best(
    messages: list[int], fits: int, best: int
) -> None:
    kept, epoch = start(fits * ONE), 0
    for length in messages:
        epochs = list(range(epoch + 1, epoch + length + 1))
        epoch += length
        kept = kept.extended(epochs, stacked(epochs), min(best, epoch))
        assert kept.bytes == len(kept) * ONE
        assert len(kept) <= max(fits, 3)
        assert kept.epochs[0] == 0
        assert kept.epochs[-1] == epoch
        assert np.all(np.diff(kept.epochs) > 0)
    if best <= messages[0]:
        assert best in kept.epochs
    for number in kept.epochs.tolist():
        assert kept.weights(number).layers[0][0][0, 0] == number
        assert kept.weights(number).layers[0][1][2] == -number


def test_an_epoch_asked_for_twice_is_the_same_object_and_cannot_be_written() -> None:
    kept = start(1 << 20).extended([1, 2], stacked([1, 2]), 1)
    assert kept.weights(2) is kept.weights(2)
    with pytest.raises(ValueError, match="read-only"):
        kept.weights(2).layers[0][0][0, 0] = 1.0
    with pytest.raises(KeyError):
        kept.weights(3)


def test_the_neighbours_of_an_epoch_are_the_kept_ones() -> None:
    kept = start(1 << 20).extended([4, 8], stacked([4, 8]), 4)
    assert [kept.towards(4, 1), kept.towards(5, 1), kept.towards(8, 1), kept.towards(0, 4)] == [8, 8, 8, 4]
    assert [kept.towards(4, -1), kept.towards(7, -1), kept.towards(0, -1), kept.towards(8, -4)] == [0, 4, 0, 4]
    assert (4 in kept, 5 in kept, kept.last) == (True, False, 8)


def test_the_path_of_a_number_goes_over_the_kept_epochs() -> None:
    kept = start(1 << 20).extended([1, 5], stacked([1, 5]), 1)
    assert kept.path(0, 0, (1, 2)).tolist() == [0.0, 1.0, 5.0]
    assert kept.path(0, 1, (1,)).tolist() == [0.0, -1.0, -5.0]
