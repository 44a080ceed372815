"""Stop rules: early stopping is Keras's own, number for number; a target; what is refused."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine.keras_model import metrics_of
from core.engine.protocol import EarlyStopping, EpochMetrics, StopRule
from core.engine.stopping import Judge, require_stop_rule
from core.errors import Refused

TOLD = ("loss", "sign_accuracy", "binary_accuracy")

MONITORS = ("loss", "binary_accuracy", "val_loss", "val_binary_accuracy")

rules = st.builds(
    EarlyStopping,
    st.sampled_from(MONITORS),
    st.sampled_from([0.0, 0.1, -0.1]),
    st.integers(0, 3),
    st.sampled_from(["auto", "min", "max"]),
    st.none() | st.sampled_from([0.2, 0.5]),
    st.booleans(),
    st.integers(0, 3),
)
COMPILED = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
COMPILED.compile(loss="hinge", metrics=["binary_accuracy"])
COMPILED.test_step((np.ones((1, 1)), np.ones((1, 1))))

tenths = st.integers(0, 10).map(lambda tenth: tenth / 10)


class Listener:
    """What ``keras.callbacks.EarlyStopping`` needs of a model; its weights are the epoch's number."""

    def __init__(self) -> None:
        self.metrics = COMPILED.metrics
        self.stop_training = False
        self.epoch = 0
        self.restored: int | None = None

    def get_weights(self) -> Any:
        return self.epoch

    def set_weights(self, epoch: int) -> None:
        self.restored = epoch


def keras_says(rule: EarlyStopping, values: list[float]) -> tuple[int, int | None]:
    """Return after how many epochs Keras stops, and which one's weights it restores."""
    settings = {name: getattr(rule, name) for name in rule.__struct_fields__}
    callback, model = keras.callbacks.EarlyStopping(**settings), Listener()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.epoch = epoch + 1
        callback.on_epoch_end(epoch, {rule.monitor: value})
        if model.stop_training:
            break
    callback.on_train_end()
    return model.epoch, model.restored


@given(rules, st.lists(tenths, min_size=1, max_size=9))
def test_early_stopping_is_kerass(rule: EarlyStopping, values: list[float]) -> None:
    judge = Judge(StopRule(rule))
    for epoch, value in enumerate(values, start=1):
        if judge.hear(epoch, metrics_of({"loss": 1.0, rule.monitor: value}), epoch):
            break
    assert (epoch, judge.best_weights) == keras_says(rule, values)
    assert judge.best == judge.best_weights


def test_a_target_ends_in_the_first_epoch_that_reaches_it() -> None:
    judge = Judge(StopRule(target=0.9))
    assert judge.hear(1, EpochMetrics(1.0, metrics={"sign_accuracy": 0.89}), None) == ""
    assert judge.hear(2, EpochMetrics(1.0, metrics={"sign_accuracy": 0.9}), None) == "sign_accuracy reached 0.9"
    low = Judge(StopRule(metric="val_loss", target=0.1))
    assert low.hear(1, EpochMetrics(0.0, 0.2), None) == ""
    assert low.hear(2, EpochMetrics(0.0, 0.1), None) == "val_loss reached 0.1"


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (StopRule(EarlyStopping()), "the validation split is 0"),
        (StopRule(metric="val_sign_accuracy", target=1.0), "or watch sign_accuracy"),
        (StopRule(EarlyStopping("guess")), "one of loss, sign_accuracy"),
        (StopRule(EarlyStopping("loss", patience=-1)), "patience from 0"),
        (StopRule(EarlyStopping("loss", mode="up")), "auto, min, max"),
    ],
)
def test_a_rule_on_what_is_not_told_is_refused(rule: StopRule, says: str) -> None:
    with pytest.raises(Refused, match=says):
        require_stop_rule(rule, 0, TOLD)


def test_a_rule_on_what_is_told_is_fine() -> None:
    require_stop_rule(None, 0, TOLD)
    require_stop_rule(StopRule(EarlyStopping("loss")), 0, TOLD)
    require_stop_rule(StopRule(EarlyStopping(), "val_loss", 0.1), 50, TOLD)
