"""Answers: labels as each loss takes them, outputs read as -1 or +1, and Keras's accuracies of both."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.answers import fits, in_words, require_outputs, targets, threshold, values
from core.engine.keras_model import accuracies
from core.errors import Refused
from core.losses import BY_CLASS as CLASS_LABELS
from core.losses import KERAS_LOSSES, Labels
from core.metrics import evaluate
from core.recipe import LOSSES

LABELS = np.array([1, -1, -1, 1], dtype=np.float32)

BY_CLASS = tuple(name for name, loss in KERAS_LOSSES.items() if loss.labels in CLASS_LABELS)


@pytest.mark.parametrize("loss", LOSSES)
def test_labels_become_what_the_loss_takes(loss: str) -> None:
    expected = {
        Labels.BINARY: [[1], [0], [0], [1]],
        Labels.CLASSES: [[1], [0], [0], [1]],
        Labels.ONE_HOT: [[0, 1, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0]],
    }.get(KERAS_LOSSES[loss].labels, [[1], [-1], [-1], [1]])
    made = targets(loss, LABELS, 3)
    assert made.dtype == np.float32
    np.testing.assert_array_equal(made, expected)


@pytest.mark.parametrize(
    "loss, outputs, read, side",
    [
        ("hinge", [0.2], 0.2, 1),
        ("hinge", [-0.2], -0.2, -1),
        ("mean_squared_error", [0.0], 0.0, 0),
        ("binary_crossentropy", [0.2], 0.2, -1),
        ("binary_crossentropy", [0.5], 0.5, 0),
        ("binary_crossentropy", [0.7], 0.7, 1),
        ("categorical_crossentropy", [0.25, 0.75], 0.5, 1),
        ("sparse_categorical_crossentropy", [0.75, 0.25], -0.5, -1),
        ("sparse_categorical_crossentropy", [0.5, 0.5], 0.0, 0),
        ("sparse_categorical_crossentropy", [0.25, 0.5, 0.125], 0.25, 1),
        ("sparse_categorical_crossentropy", [0.125, 0.25, 0.5], 0.0, 0),
        ("sparse_categorical_crossentropy", [0.0, 0.5, 0.5], 0.0, 0),
    ],
)
def test_outputs_are_read_as_the_loss_wants(loss: str, outputs: list[float], read: float, side: int) -> None:
    value = values(loss, np.array([outputs]))
    assert value.tolist() == [read]
    assert np.sign(value[0] - threshold(loss)) == side
    evaluation = evaluate(np.array([outputs]), np.array([1.0]), loss)
    assert evaluation.confusion[1, side + 1] == 1
    assert evaluation.correct == (side == 1)


def test_which_losses_fit_which_models() -> None:
    assert [loss for loss in LOSSES if fits(loss, 1)] == [loss for loss in LOSSES if loss not in BY_CLASS]
    assert [loss for loss in LOSSES if fits(loss, 2)] == [loss for loss in LOSSES if loss in BY_CLASS]
    with pytest.raises(Refused, match="wants an output for each class, so 2 for labels of -1 and"):
        require_outputs("sparse_categorical_crossentropy", 1)
    with pytest.raises(Refused, match=r"got 2 outputs: binary_crossentropy wants one, cat.* would do"):
        require_outputs("binary_crossentropy", 2)


def test_what_becomes_of_the_labels_is_said_where_anything_does() -> None:
    said = {loss for loss in LOSSES if in_words(loss)}
    other = {name for name, loss in KERAS_LOSSES.items() if loss.labels is Labels.BINARY}
    assert {"binary_crossentropy", "binary_focal_crossentropy", "poisson", "dice", "tversky"} < other
    assert said == {*other, *BY_CLASS}
    assert "one number for each batch" in in_words("dice")


@given(
    st.sampled_from(LOSSES),
    st.lists(st.tuples(st.sampled_from([-1.0, 1.0]), st.lists(st.floats(0, 1, width=32), min_size=3, max_size=3))),
)
def test_the_accuracies_are_those_that_keras_counts(loss: str, rows: list[tuple[float, list[float]]]) -> None:
    if not rows:
        return
    labels = np.array([label for label, _ in rows], dtype=np.float32)
    columns = 3 if loss in BY_CLASS else 1
    outputs = np.array([row[:columns] for _, row in rows], dtype=np.float32)
    if KERAS_LOSSES[loss].labels.name in ("SIGNS", "NUMBERS"):
        outputs = outputs * 2 - 1
    counted: list[Any] = []
    for metric in accuracies(loss):
        made = keras.metrics.get(metric)
        made.update_state(targets(loss, labels, columns), outputs)
        counted.append(float(made.result()))
    worth = evaluate(outputs.astype(np.float64), labels, loss)
    assert counted == pytest.approx([worth.sign_accuracy, worth.binary_accuracy], abs=1e-6)
