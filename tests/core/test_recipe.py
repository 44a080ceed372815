"""Every setting of a training: the tutorial's by default, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from core.errors import Refused
from core.model.initial import MAX_SEED
from core.training.recipe import LOSSES, MAX_BATCH, MAX_EPOCHS, OPTIMIZERS, Recipe


def test_the_defaults_are_the_tutorials() -> None:
    recipe = Recipe()
    assert (recipe.loss, recipe.optimizer, recipe.epochs, recipe.batch_size) == ("hinge", "adam", 150, 32)
    assert recipe.training_points(250) == 200
    assert recipe.in_words() == "hinge, adam 0.001, batch 32, split 0.2, seed 0"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_loss_goes_with_every_optimizer(optimizer: str) -> None:
    for loss in LOSSES:
        words = Recipe(loss, optimizer, 0.25, 3, 7, 0.0, 5).in_words()
        assert words == f"{loss}, {optimizer} 0.25, batch 7, split 0, seed 5"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"loss": "Hinge"}, f"expected a loss of Keras's, got 'Hinge': there are {', '.join(LOSSES)}"),
        (
            {"loss": "x\x1b" * 40},
            f"expected a loss of Keras's, got '{('x?' * 20)[:37]}...': there are {', '.join(LOSSES)}",
        ),
        (
            {"loss": "ctc"},
            "ctc wants a sequence of outputs and a sequence of labels for each row, and a row has one label of -1 or "
            "+1: binary_crossentropy or hinge would do",
        ),
        (
            {"loss": "circle"},
            "circle compares rows with one another, each a vector of length 1 for its class, and labels of -1 and +1 "
            "ask for one answer a row: categorical_crossentropy with 2 outputs would do",
        ),
        ({"optimizer": "adamm"}, f"expected an optimizer out of {', '.join(OPTIMIZERS)}; got 'adamm'"),
        ({"learning_rate": 0.0}, "expected a learning rate above 0 and at most 1e6, got 0"),
        ({"learning_rate": -1.0}, "expected a learning rate above 0 and at most 1e6, got -1"),
        ({"learning_rate": 1e7}, "expected a learning rate above 0 and at most 1e6, got 1e+07"),
        ({"learning_rate": math.nan}, "expected a learning rate above 0 and at most 1e6, got nan"),
        ({"learning_rate": math.inf}, "expected a learning rate above 0 and at most 1e6, got inf"),
        ({"epochs": 0}, "expected epochs from 1 to 1,000,000, got 0"),
        ({"epochs": MAX_EPOCHS + 1}, "expected epochs from 1 to 1,000,000, got 1,000,001"),
        ({"batch_size": 0}, "expected a batch size from 1 to 10,000,000, got 0"),
        ({"batch_size": MAX_BATCH + 1}, "expected a batch size from 1 to 10,000,000, got 10,000,001"),
        ({"seed": -1}, "expected a seed from 0 to 4,294,967,295, got -1"),
        ({"seed": MAX_SEED + 1}, "expected a seed from 0 to 4,294,967,295, got 4,294,967,296"),
        ({"validation_split": 1.0}, "expected a validation split from 0 up to, not including, 1, got 1"),
        ({"validation_split": -0.5}, "expected a validation split from 0 up to, not including, 1, got -0.5"),
        ({"validation_split": math.nan}, "expected a validation split from 0 up to, not including, 1, got nan"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        Recipe(**settings)
    assert str(refusal.value) == sentence


def test_the_limits_themselves_are_allowed() -> None:
    recipe = Recipe("huber", "lion", 1e6, MAX_EPOCHS, MAX_BATCH, 0.999, MAX_SEED)
    assert recipe.training_points(10_000) == 10


def test_a_split_that_is_too_fine_for_the_points_is_refused_when_the_points_are_known() -> None:
    with pytest.raises(Refused, match="of 1 point: 0 to train on and 1 to validate"):
        Recipe(validation_split=0.2).training_points(1)


def test_a_recipe_from_the_wire_is_checked_too() -> None:
    good = msgspec.msgpack.encode(Recipe(epochs=3))
    assert msgspec.msgpack.decode(good, type=Recipe) == Recipe(epochs=3)
    bad = msgspec.msgpack.encode({**msgspec.to_builtins(Recipe()), "epochs": 0})
    with pytest.raises(msgspec.ValidationError, match="expected epochs from 1"):
        msgspec.msgpack.decode(bad, type=Recipe)
