"""Losses with settings against Keras itself: function and slope, and where Keras calculates from pre-activations."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.calculation.followed import Asked
from core.calculation.loss import Made, loss_by_hand, predicted
from core.calculation.running import in_rows, predict, ready_values
from core.engine import built, keras_model
from core.errors import Refused
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.layers.reshaping import Flatten
from core.losses import KERAS_LOSSES, Labels, Over, kept_options, loss_called
from core.losses.batches import of_batch
from core.losses.logits import compared, logits_under
from core.losses.settings import REDUCTIONS
from core.model.archive.compile_settings import compile_config
from core.model.network import Network
from core.model.weights import Weights
from core.training.options import read
from core.training.recipe import Recipe
from tests.core.loss_cases import losses

if TYPE_CHECKING:
    from core.arrays import Array
    from core.layers.layer import Layer
    from core.losses import Loss

keras: Any = vars(keras_model)["keras"]
tf: Any = vars(keras_model)["tf"]

CROSSENTROPIES = tuple(name for name, loss in KERAS_LOSSES.items() if loss.looks_under)
WITH_SETTINGS = tuple(name for name, loss in KERAS_LOSSES.items() if loss.own)


@st.composite
def rows(draw: st.DrawFn) -> tuple[Loss, Array, Array]:
    """A loss with settings, and labels and outputs of some rows, no output where its slope has a corner."""
    loss = draw(losses(*WITH_SETTINGS))
    classes = loss.labels in (Labels.ONE_HOT, Labels.CLASSES)
    width, count = draw(st.integers(2 if classes else 1, 4)), draw(st.integers(1, 4))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    outputs = random.normal(0, 4, (count, width)) if loss.of_logits else random.uniform(0.01, 0.99, (count, width))
    if loss.labels is Labels.CLASSES:
        return loss, random.integers(0, width, (count, 1)).astype(np.float64), outputs
    if loss.labels is Labels.ONE_HOT:
        anything = draw(st.booleans())
        return (
            loss,
            random.random((count, width)) if anything else np.eye(width)[random.integers(0, width, count)],
            outputs,
        )
    if loss.labels is Labels.NUMBERS:
        return loss, random.normal(0, 3, (count, width)), outputs * 3
    return loss, random.choice([0.0, 1.0], (count, width)), outputs


def kerass(loss: Loss) -> Any:
    """Return Keras's loss with the same settings."""
    return getattr(keras.losses, loss.keras_class)(**loss.arguments)


def keras_gives(loss: Loss, labels: Any, outputs: Any) -> Any:
    # Class numbers in a column are paired with every row there.
    flat = loss.name == "categorical_generalized_cross_entropy"
    made = kerass(loss).call(labels[:, 0] if flat else labels, outputs)
    # Of a number for each output, over the rows, evaluate has the mean; and compile weighs what it has.
    return (tf.reduce_mean(made) if loss.of_columns else made) * loss.weight


@given(rows())
@settings(deadline=None, max_examples=100)
def test_function_and_slope_with_any_settings_are_kerass(row: tuple[Loss, Array, Array]) -> None:
    loss, labels, outputs = row
    tensor = tf.constant(outputs)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        given = keras_gives(loss, tf.constant(labels), tensor)
        total = tf.reduce_sum(given)
    np.testing.assert_allclose(
        loss.function(labels, outputs), np.broadcast_to(given, len(labels)), rtol=1e-6, atol=1e-7
    )
    np.testing.assert_allclose(loss.slope(labels, outputs), tape.gradient(total, tensor), rtol=1e-5, atol=1e-6)


@given(rows(), st.sampled_from(REDUCTIONS))
@settings(deadline=None, max_examples=60)
def test_keras_reads_every_setting_of_a_loss_from_what_is_written_into_a_file(
    row: tuple[Loss, Array, Array], reduction: str
) -> None:
    """By its numbers: Keras's own ``get_config`` is without Huber's delta, say."""
    loss, labels, outputs = row
    loss = loss.with_options((*loss.given, ("reduction", reduction)))
    written = json.loads(json.dumps(compile_config(Recipe(loss.name, loss_options=loss.given))))
    by_name = isinstance(written["loss"], str)
    read = (keras.losses.get if by_name else keras.saving.deserialize_keras_object)(written["loss"])
    flat = loss.name == "categorical_generalized_cross_entropy"
    # What is known by its name is a function of rows.
    given = float(np.mean(read(labels[:, 0] if flat else labels, outputs))) * (written["loss_weights"] or 1.0)
    assert of_batch(loss, labels, outputs) == pytest.approx(given if loss.weight else 0.0, rel=1e-5, abs=1e-6)


@given(rows(), st.sampled_from(REDUCTIONS), st.integers(0, 99), st.booleans())
@settings(deadline=None, max_examples=60)
def test_a_batch_with_any_reduction_is_kerass(
    row: tuple[Loss, Array, Array], reduction: str, seed: int, weighted: bool
) -> None:
    loss, labels, outputs = row
    loss = loss.with_options((*loss.given, ("reduction", reduction)))
    # Keras can't pair the weights of rows with a number for each output.
    weighted = weighted and not loss.of_columns and loss.name != "categorical_generalized_cross_entropy"
    weights = np.random.default_rng(seed).uniform(0.0, 2.0, len(labels)) if weighted else None
    flat = loss.name == "categorical_generalized_cross_entropy"
    made = kerass(loss)(labels[:, 0] if flat else labels, outputs, None if weights is None else weights)
    expected = loss.weight * float(np.mean(made))
    assert of_batch(loss, labels, outputs, weights) == pytest.approx(expected, rel=1e-5, abs=1e-6)


@given(rows(), st.sampled_from(REDUCTIONS), st.integers(0, 99), st.booleans())
@settings(deadline=None, max_examples=60)
def test_a_row_of_several_places_written_out_by_hand_is_kerass_with_a_mask_too(
    row: tuple[Loss, Array, Array], reduction: str, seed: int, masked: bool
) -> None:
    loss, labels, outputs = row
    loss = loss.with_options((*loss.given, ("reduction", reduction)))
    masks = reduction != "none" and not loss.of_columns
    assume(loss.over is not Over.BATCH or (reduction != "sum" and (masks or not masked)))
    kept = np.random.default_rng(seed).integers(0, 2, len(labels)).astype(bool) if masked else None
    tensor = tf.constant(outputs[np.newaxis], tf.float32)
    if kept is not None:
        tensor._keras_mask = tf.constant(kept[np.newaxis])
    made = keras_model.keras_loss(loss)(tf.constant(labels[np.newaxis]), tensor)
    work = loss_by_hand(loss, labels.ravel(), Made(outputs.ravel(), spread=outputs.shape, kept=kept))
    expected = loss.weight * float(np.mean(made))
    assert work.total == pytest.approx(expected, rel=1e-4, abs=1e-5)
    places = loss.places(outputs.shape)
    mask = None if kept is None else kept[np.newaxis]
    in_a_row = of_batch(loss, labels.reshape(1, -1), outputs.reshape(1, -1), None, places, mask)
    assert in_a_row == pytest.approx(work.total, rel=1e-9, abs=1e-9)


@given(rows())
@settings(deadline=None, max_examples=30)
def test_the_formula_and_the_settings_are_said(row: tuple[Loss, Array, Array]) -> None:
    loss = row[0]
    assert loss.formula_text
    words = loss.in_words().removeprefix(loss.name).strip(" ()")
    assert read(words, loss.name, loss.options) == loss.given


def test_every_loss_has_all_of_kerass_settings_or_says_that_it_has_not() -> None:
    not_followed = {"name", "dtype", "fn", "axis"}
    for loss in KERAS_LOSSES.values():
        config = getattr(keras.losses, loss.keras_class)().get_config()
        known = {option.name: option.default for option in loss.options}
        assert set(config) - not_followed <= set(known), loss.name
        for name in set(config) & set(known):
            assert config[name] == known[name], (loss.name, name)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("huber", "delta 0", "expected delta of huber to be above 0, got 0"),
        ("huber", "q 0.5", "expected an option of huber out of delta, reduction, loss_weights; got 'q'"),
        ("hinge", "reduction all", f"expected reduction of hinge to be one of {', '.join(REDUCTIONS)}, got all"),
        ("hinge", "reduction", f"expected reduction of hinge to be one of {', '.join(REDUCTIONS)}, got nothing"),
        ("dice", "axis 1", "expected axis of dice to be -1, for each row by itself, or 0, for each output, got 1"),
        ("sparse_categorical_crossentropy", "ignore_class 0.5", "expected ignore_class of sparse_categorical_crossen"),
    ],
)
def test_a_setting_that_keras_would_not_take_is_refused(name: str, text: str, sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        loss_called(name, read(text, name, KERAS_LOSSES[name].options))
    assert str(refusal.value).startswith(sentence)


def test_another_loss_keeps_the_settings_that_it_has_too() -> None:
    options = (("from_logits", True), ("label_smoothing", 0.1), ("reduction", "sum"), ("loss_weights", 2.0))
    loss = loss_called("binary_crossentropy", options)
    assert kept_options(loss, "categorical_crossentropy") == options
    assert kept_options(loss, "sparse_categorical_crossentropy") == (
        ("from_logits", True),
        *options[2:],
    )
    assert kept_options(loss, "hinge") == options[2:]
    # Tversky's alpha is not what a focal loss has by that name.
    assert kept_options(loss_called("tversky", (("alpha", 0.7),)), "binary_focal_crossentropy") == ()


# Pre-activations that Keras looks for

LAST: tuple[Layer, ...] = (
    *(Activation("a", name) for name in ("sigmoid", "softmax", "linear", "relu", "hard_sigmoid")),
    Dropout("d", 0.5),
    Flatten("f"),
    Dense("k", 2, "sigmoid"),
)


@st.composite
def models(draw: st.DrawFn) -> Network:
    last = draw(st.lists(st.sampled_from(LAST), max_size=2, unique_by=lambda layer: layer.name))
    activation = draw(st.sampled_from(["sigmoid", "softmax", "tanh"]))
    layers: tuple[Layer, ...] = (Dense("h", 2, activation), *last)
    return Network.chain(2, layers)


@given(models(), st.sampled_from(CROSSENTROPIES), st.booleans(), st.integers(0, 99))
@settings(deadline=None, max_examples=20)
def test_the_loss_of_a_row_is_what_evaluate_gives_for_it(network: Network, name: str, logits: bool, seed: int) -> None:
    loss = loss_called(name, (("from_logits", True),) if logits else ())
    random = np.random.default_rng(seed)
    arrays = [[random.normal(0, 6, shape) for shape in shapes] for shapes in network.weight_shapes]
    weights = Weights.for_network(network, arrays)
    points = random.normal(0, 3, (1, 2)).astype(np.float32)
    place = int(random.integers(0, 2))
    label = np.array([[float(place)]]) if loss.labels is Labels.CLASSES else np.eye(2)[[place]]

    model = built.build(network)
    built.set_weights(model, weights.layers)
    model.compile(loss=kerass(loss), run_eagerly=True)
    with np.errstate(all="ignore"):
        expected = model.evaluate(points, label, verbose=0)
        (of_z,), values = compared(network, (loss,))
        z = in_rows(ready_values(network, weights, values)(points.astype(np.float64)), 1)
        ours = of_z.function(label, z)[0]
        (made,) = predicted(Asked(network, weights, points[0])).made
        outputs = predict(network, weights, points)[0]
        work = loss_by_hand(loss, label[0], replace(made, outputs=outputs))
    # What is clipped or nearly so has few digits in float32.
    assert ours == pytest.approx(expected, rel=2e-3 if ours > 10 and of_z is loss else 2e-5, abs=1e-5, nan_ok=True)
    assert work.total == pytest.approx(ours, rel=1e-9, abs=1e-9, nan_ok=True)
    if of_z is not loss:
        function = keras_gives(loss, tf.constant(label, "float32"), tf.constant(outputs[None], "float32"))
        assert work.of_prediction == pytest.approx(float(function[0]), rel=2e-2, abs=1e-5, nan_ok=True)
        assert "calculates from z" in work.about_z


def test_only_a_sigmoid_or_softmax_right_before_the_loss_is_looked_under() -> None:
    dense = Dense("o", 2, "sigmoid")
    seen = {
        (dense,): 0,
        (Dense("o", 2), Activation("a", "softmax")): 1,
        (dense, Dropout("d", 0.5)): 0,
        (dense, Activation("a", "linear")): 0,
        (dense, Flatten("f")): None,
        (dense, Activation("a", "relu")): None,
        (dense, Dense("k", 2)): None,
        (Dense("o", 2, "hard_sigmoid"),): None,
        (Dense("o", 2, "log_softmax"),): None,
    }
    for layers, place in seen.items():
        network = Network.chain(2, layers)
        wanted = None if place is None else network.written.of_call(network.paths[place])["pre-activation"]
        assert getattr(logits_under(network), "value", None) == wanted
    # Of an image or a sequence they lie along the last axis.
    spread = Network.chain(4, (dense,), shape=(2, 2))
    assert getattr(logits_under(spread), "value", None) == spread.written.of_call(("o",))["pre-activation"]


@pytest.mark.parametrize(("loss", "counted"), [("poisson", []), ("binary_crossentropy", ["binary_accuracy"])])
def test_only_of_labels_that_are_told_apart_a_saved_model_counts(loss: str, counted: list[str]) -> None:
    assert compile_config(Recipe(loss=loss))["metrics"] == counted
