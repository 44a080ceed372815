"""Keras's metrics: all of them are known, each fits some labels, and what does not fit is refused with what would."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from core.engine.keras_model import model_to_train
from core.errors import Refused
from core.losses import BY_CLASS, KERAS_LOSSES, Labels
from core.model.archive.compile_settings import _always, compile_config, read_compile
from core.model.layers_text import chain_network
from core.training.keras_metrics import (
    KERAS_METRICS,
    POSSIBLE,
    always,
    keras_metric,
    read_metrics,
    require_metrics,
    require_metrics_of,
)
from core.training.recipe import Recipe
from tests.tasks import reading, targets

OF_NUMBERS = {"Mean", "Sum", "MeanMetricWrapper", "Metric", "Accuracy"}
"""Classes of ``keras.metrics`` that are not in the table: of plain numbers, or another of that name."""

LOSS_OF = {
    Labels.SIGNS: "hinge",
    Labels.NUMBERS: "mean_squared_error",
    Labels.BINARY: "binary_crossentropy",
    Labels.ONE_HOT: "categorical_crossentropy",
    Labels.CLASSES: "sparse_categorical_crossentropy",
}


def asked_for(name: str) -> str:
    option = KERAS_METRICS[name].option
    return f"{name}=1" if option is not None and option.required else name


def fitting(labels: Labels) -> tuple[str, ...]:
    return tuple(asked_for(name) for name, metric in KERAS_METRICS.items() if labels in metric.labels)


def test_every_metric_of_keras_is_known() -> None:
    metrics: Any = vars(keras.metrics)
    classes = {name for name, kind in metrics.items() if isinstance(kind, type) and issubclass(kind, keras.Metric)}
    assert {metric.keras_class for metric in KERAS_METRICS.values()} - {""} == classes - OF_NUMBERS


@pytest.mark.parametrize("labels", Labels)
def test_keras_counts_every_metric_that_fits_as_one_finite_number_under_its_name(labels: Labels) -> None:
    outputs = 3 if labels in BY_CLASS else 1
    network = chain_network(2, f"{outputs} {'softmax' if outputs == 3 else 'sigmoid'}")
    recipe = Recipe(loss=LOSS_OF[labels], metrics=fitting(labels))
    read = reading(recipe.loss, outputs)
    model = model_to_train(network, recipe, read)
    # To trace every metric takes longer than one batch does.
    model.run_eagerly = True
    points = np.random.default_rng(0).normal(0, 1, (20, 2)).astype(np.float32)
    truths = targets(recipe.loss, np.sign(points[:, 0]), outputs)
    told = model.evaluate(points, truths, verbose=0, return_dict=True)
    assert set(told) == {"loss", *always(read.task), *(entry.partition("=")[0] for entry in recipe.metrics)}
    for name, value in told.items():
        assert np.ndim(value) == 0, name
        assert np.isfinite(value), name


def test_settings_reach_keras() -> None:
    assert keras_metric("recall_at_precision=0.8", 1) == (
        "RecallAtPrecision",
        {"name": "recall_at_precision", "precision": 0.8},
    )
    assert keras_metric("top_k_categorical_accuracy=2", 3)[1] == {"name": "top_k_categorical_accuracy", "k": 2}
    assert keras_metric("io_u=1", 4)[1] == {
        "name": "io_u",
        "num_classes": 4,
        "sparse_y_pred": False,
        "target_class_ids": [1],
    }
    assert keras_metric("f1_score", 1)[1]["threshold"] == 0.5
    assert keras_metric("f1_score", 2)[1]["threshold"] is None


def test_names_are_read_as_keras_spells_them_in_order_and_once() -> None:
    text = "mse, AUC recall_at_precision = 0.80, fbeta_score=1 acc sign_accuracy mean_squared_error"
    assert read_metrics(text) == ("mean_squared_error", "auc", "recall_at_precision=0.8", "fbeta_score", "accuracy")
    assert read_metrics("") == ()


@pytest.mark.parametrize("name", KERAS_METRICS)
def test_of_a_file_every_metric_is_counted_with_the_settings_that_are_followed_and_with_no_others(name: str) -> None:
    loss = LOSS_OF[KERAS_METRICS[name].labels[-1]]
    kept = tuple(one for one in (asked_for(name),) if name not in _always(loss))
    config = compile_config(Recipe(loss=loss, metrics=(asked_for(name),)), 3)
    written = keras.saving.deserialize_keras_object(config["metrics"][-1])
    if isinstance(written, str):
        return
    config["metrics"] = [keras.saving.serialize_keras_object(written)]
    assert read_compile(config, 3)[:2] == (Recipe(loss=loss, metrics=kept), ())
    settings = config["metrics"][0]["config"]
    option = KERAS_METRICS[name].option
    for setting in set(settings) - {"name", "dtype", option.name if option else ""}:
        other = {**settings, setting: 7}
        config["metrics"] = [{**config["metrics"][0], "config": other}]
        recipe, notes, _ = read_compile(config, 3)
        assert recipe is not None
        assert (recipe.metrics, len(notes)) == ((), 1), setting


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("acuracy", "expected metrics of Keras's, perhaps accuracy; got 'acuracy'"),
        (
            "\x1bxyz",
            "expected metrics of Keras's, such as mean_squared_error, auc or recall_at_precision=0.8; got '?xyz'",
        ),
        ("=0.8", "expected metrics of Keras's, such as mean_squared_error, auc or recall_at_precision=0.8; got ''"),
        ("mean", "mean is of plain numbers, not of labels and predictions: a training has none to give it"),
        ("recall_at_precision", "recall_at_precision needs a number from 0 to 1: write recall_at_precision=0.8"),
        ("recall_at_precision=1.5", "expected recall_at_precision to be given a number from 0 to 1, got 1.5"),
        ("io_u", "io_u needs the class: 0, which is -1, or 1, which is +1: write io_u=1"),
        (
            "top_k_categorical_accuracy=2.5",
            "expected top_k_categorical_accuracy to be given a whole number of outputs, from 1, got 2.5",
        ),
        ("auc=0.5", "expected auc without a number behind it, got 0.5"),
    ],
)
def test_what_is_no_metric_or_has_another_setting_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_metrics(text)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("metric", "loss", "sentence"),
    [
        (
            "mean_io_u",
            "categorical_hinge",
            "the metric mean_io_u wants labels 0, 1, 2, ... and one output for each class, and the loss "
            "categorical_hinge takes one label column for each class: the loss sparse_categorical_crossentropy would "
            "do",
        ),
        (
            "mean_squared_error",
            "sparse_categorical_crossentropy",
            "the metric mean_squared_error wants a label for each output, and the loss sparse_categorical_crossentropy "
            "takes labels 0, 1, 2, ... and one output for each class: the loss categorical_crossentropy would do",
        ),
    ],
)
def test_a_metric_that_does_not_fit_the_loss_is_refused_with_a_loss_that_would_do(
    metric: str, loss: str, sentence: str
) -> None:
    with pytest.raises(Refused) as refusal:
        Recipe(loss=loss, metrics=(metric,))
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("loss", KERAS_LOSSES)
def test_each_metric_either_fits_a_loss_or_the_offered_loss_fits_it(loss: str) -> None:
    for name, metric in KERAS_METRICS.items():
        entry, fits = asked_for(name), bool(set(POSSIBLE[KERAS_LOSSES[loss].labels]) & set(metric.labels))
        try:
            require_metrics((entry,), loss)
        except Refused as refusal:
            offered = str(refusal).rpartition(": the loss ")[2].split()[0]
            require_metrics((entry,), offered)
            assert not fits, name
        else:
            assert fits, name


@pytest.mark.parametrize(
    ("metric", "labels", "sentence"),
    [
        (
            "auc",
            Labels.SIGNS,
            "the metric auc wants labels of 0 and 1, and the data give Keras labels of -1 and +1: "
            "the loss binary_crossentropy would do",
        ),
        (
            "categorical_accuracy",
            Labels.BINARY,
            "the metric categorical_accuracy wants one label column for each class, and the data give Keras labels of "
            "0 and 1: the loss categorical_crossentropy and an output for each class would do",
        ),
    ],
)
def test_a_metric_that_does_not_fit_the_labels_is_refused(metric: str, labels: Labels, sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        require_metrics_of((metric,), labels)
    assert str(refusal.value) == sentence


def test_one_column_is_not_asked_for_twice() -> None:
    with pytest.raises(Refused, match="expected the metric io_u once, got it 2 times"):
        Recipe(loss="sparse_categorical_crossentropy", metrics=("io_u=0", "io_u=1"))
    with pytest.raises(Refused, match="expected the metric as mean_squared_error, got 'mse'"):
        Recipe(metrics=("mse",))
