"""Every loss and its slope against Keras itself, over many labels and outputs, and which labels fit which loss."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.arrays import frozen
from core.calculation.loss_steps import EACH
from core.calculation.loss_steps_of_rows import OF_ROWS
from core.data.dataset import DataFile, Dataset, SumRule, generate
from core.engine import keras_model
from core.errors import Refused
from core.losses import BY_CLASS as CLASS_LABELS
from core.losses import KERAS_LOSSES, OTHERS, Labels, Over, loss_called
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.session.session import Session
from core.session.state import Model
from core.tasks import task_for
from core.tasks.fitting import require_fit
from core.tasks.row import checked_label, label_for, row_label
from core.training.recipe import LOSSES
from tests.core.loss_cases import loss_by_hand

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array
    from core.losses import Loss

keras: Any = vars(keras_model)["keras"]
tf: Any = vars(keras_model)["tf"]

ROWS = 300

AS_THEY_ARE = (Labels.SIGNS, Labels.NUMBERS)
OTHER_LABELS = {name: str(loss.labels) for name, loss in KERAS_LOSSES.items() if loss.labels not in AS_THEY_ARE}
"""The losses that take -1 and +1 as something else, and what they take."""
WIDTHS = (1, 2, 3, 9)

BY_CLASS = tuple(name for name, loss in KERAS_LOSSES.items() if loss.labels in CLASS_LABELS)
CROSSENTROPIES = ("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")
BINARY = KERAS_LOSSES["binary_crossentropy"]
CASES = [(name, width) for name in KERAS_LOSSES for width in WIDTHS if width > 1 or name not in BY_CLASS]


def drawn(name: str, width: int) -> tuple[Array, Array]:
    """Return labels and outputs that the loss is for, with edges among them, all of them float32 numbers."""
    random = np.random.default_rng(width)
    labels: dict[Labels, Array] = {
        Labels.SIGNS: random.choice([-1.0, 1.0], (ROWS, width)),
        Labels.NUMBERS: random.normal(0, 3, (ROWS, width)).round(2),
        Labels.BINARY: random.choice([0.0, 1.0], (ROWS, width)),
        Labels.ONE_HOT: np.eye(width)[random.integers(0, width, ROWS)],
        Labels.CLASSES: random.integers(0, width, (ROWS, 1)).astype(np.float64),
    }
    loss = KERAS_LOSSES[name]
    if loss.labels in AS_THEY_ARE:
        outputs = random.normal(0, random.choice([0.1, 1, 5, 60], (ROWS, 1)), (ROWS, width))
        outputs[:6, 0] = [0.0, -0.0, 1.0, -1.0, 0.5, 300.0]
    else:
        outputs = random.dirichlet([0.3] * (width + 1), ROWS)[:, :width] * random.choice([1, 0.7], (ROWS, 1))
        outputs = np.clip(outputs, 1e-5, 0.9999)
        outputs[:3] = 0.5
        outputs[3:20, 0] = 0.0
        outputs[20:40, width - 1] = 5e-8
    return labels[loss.labels].astype(np.float32).astype(np.float64), outputs.astype(np.float32).astype(np.float64)


def keras_gives(name: str, labels: Any, outputs: Any) -> Any:
    """Return what the function of Keras's loss gives, for every row or for the batch."""
    loss = getattr(keras.losses, KERAS_LOSSES[name].keras_class)()
    # Class numbers in a column are paired with every row there.
    flat = name == "categorical_generalized_cross_entropy"
    return loss.call(labels[:, 0] if flat else labels, outputs)


def asked(name: str, labels: Array, outputs: Array, dtype: str = "float32") -> Array:
    given = keras_gives(name, tf.constant(labels, dtype), tf.constant(outputs, dtype))
    return np.broadcast_to(np.asarray(given, dtype=np.float64), len(labels))


@pytest.mark.parametrize(("dtype", "rtol", "atol"), [("float32", 2e-5, 2e-6), ("float64", 1e-9, 2e-8)])
@pytest.mark.parametrize(("name", "width"), CASES)
def test_a_loss_is_kerass(name: str, width: int, dtype: str, rtol: float, atol: float) -> None:
    """In float64 Keras's log(2) is still a float32, which is the 2e-8, and so is what msle clips with."""
    labels, outputs = drawn(name, width)
    ours = KERAS_LOSSES[name].function(labels, outputs)
    assert ours.shape == (ROWS,)
    np.testing.assert_allclose(ours, asked(name, labels, outputs, dtype), rtol=rtol, atol=atol)


@pytest.mark.parametrize(("name", "width"), CASES)
def test_a_slope_is_kerass_gradient(name: str, width: int) -> None:
    labels, outputs = drawn(name, width)
    tensor = tf.constant(outputs)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        total = tf.reduce_sum(keras_gives(name, tf.constant(labels), tensor))
    theirs = tape.gradient(total, tensor).numpy()
    ours = KERAS_LOSSES[name].slope(labels, outputs)
    smooth = np.ones_like(outputs, dtype=bool)
    if name == "categorical_generalized_cross_entropy":
        # The square root is upright at 0, and Keras's slope of the other outputs is infinity times 0 there.
        smooth &= np.take_along_axis(outputs, labels.astype(int), axis=1) != 0.0
    assert smooth.sum() > ROWS // 2
    np.testing.assert_allclose(ours[smooth], theirs[smooth], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", ["hinge", "squared_hinge"])
@pytest.mark.parametrize("labels", [[[0.0, 1], [1, 1]], [[0, 1], [1, -1]], [[0, 0.5], [1, 1]], [[1, 1], [1, 1]]])
def test_labels_are_converted_only_if_all_of_a_batch_are_0_or_1(name: str, labels: list[list[float]]) -> None:
    outputs = np.array([[0.25, -0.5], [1.5, 0.75]])
    ours = KERAS_LOSSES[name].function(np.array(labels, dtype=np.float64), outputs)
    np.testing.assert_allclose(ours, asked(name, np.array(labels), outputs), rtol=1e-6)


@pytest.mark.parametrize("name", [*CROSSENTROPIES, "binary_focal_crossentropy", "categorical_focal_crossentropy"])
@pytest.mark.parametrize("low", [-0.5, 0.0, 5e-8, 2e-7])
@pytest.mark.parametrize("high", [0.9, 0.99999995, 1.0, 3.0])
def test_outputs_that_are_no_probabilities_are_clipped_to_kerass_float32_numbers(
    name: str, low: float, high: float
) -> None:
    outputs = np.array([[low, high, 0.25]], dtype=np.float32).astype(np.float64)
    for place in range(3):
        labels = np.array([[float(place)]]) if name == CROSSENTROPIES[2] else np.eye(3)[[place]]
        ours = KERAS_LOSSES[name].function(labels, outputs)
        np.testing.assert_allclose(ours, asked(name, labels, outputs), rtol=2e-6, atol=2e-7)


def test_a_probability_near_1_with_label_0_costs_15_9424_as_in_keras() -> None:
    keras_says = asked("binary_crossentropy", np.zeros((1, 1)), np.ones((1, 1)))
    np.testing.assert_allclose(BINARY.function(np.zeros((1, 1)), np.ones((1, 1))), keras_says, rtol=1e-6)
    assert keras_says[0] == pytest.approx(15.9424, abs=1e-4)


@pytest.mark.parametrize("name", KERAS_LOSSES)
def test_what_is_not_a_number_stays_so(name: str) -> None:
    of_class = KERAS_LOSSES[name].labels is Labels.CLASSES
    labels = np.array([[1.0]]) if of_class else np.array([[0.0, 1.0]])
    with np.errstate(all="ignore"):
        assert np.isnan(KERAS_LOSSES[name].function(labels, np.array([[0.5, np.nan]]))).all()


def test_outputs_that_add_up_to_0_have_no_categorical_crossentropy_in_keras_either() -> None:
    labels, outputs = np.array([[0.0, 1.0]]), np.zeros((1, 2))
    with np.errstate(all="ignore"):
        ours = KERAS_LOSSES[CROSSENTROPIES[1]].function(labels, outputs)
    assert np.isnan(ours).all()
    assert np.isnan(asked(CROSSENTROPIES[1], labels, outputs)).all()


def test_they_are_those_that_can_be_trained_and_all_have_steps() -> None:
    assert list(LOSSES) == list(KERAS_LOSSES)
    for steps, of_output in ((EACH, True), (OF_ROWS, False)):
        assert set(steps) == {name for name, loss in KERAS_LOSSES.items() if (loss.over is Over.OUTPUT) == of_output}
    assert LOSSES[0] == "hinge"


def test_every_loss_of_keras_is_calculated_or_refused_with_what_would_do() -> None:
    losses: Any = vars(keras.losses)
    base = {"Loss"}
    classes = {name for name, kind in losses.items() if isinstance(kind, type) and issubclass(kind, keras.Loss)}
    assert {loss.keras_class for loss in KERAS_LOSSES.values()} | {"CTC", "Circle"} | base == classes
    assert set(OTHERS) == {"ctc", "circle"}
    for name in ("ctc", "CTC", "circle", "Circle"):
        with pytest.raises(Refused, match=r"and (labels|a row) .* would do$"):
            loss_called(name)


@pytest.mark.parametrize("short", ["mse", "MSE", "mae", "mape", "MAPE", "msle", "bce", "kld", "KLD"])
def test_what_keras_calls_a_loss_for_short_is_understood(short: str) -> None:
    assert keras.losses.get(short) is keras.losses.get(loss_called(short).name)


def test_a_loss_over_a_batch_is_one_number_for_all_of_its_rows() -> None:
    labels, outputs = np.array([[0.0], [1.0], [1.0]]), np.array([[0.25], [0.5], [0.75]])
    for name in ("dice", "tversky"):
        together = KERAS_LOSSES[name].function(labels, outputs)
        assert (together == together[0]).all()
        assert together[0] != pytest.approx(KERAS_LOSSES[name].function(labels[:1], outputs[:1])[0])


def one_hot(row: tuple[int, list[float]]) -> tuple[Array, Array]:
    place, outputs = row
    return np.eye(len(outputs))[[place % len(outputs)]], np.array([outputs])


@pytest.mark.parametrize("name", [name for name, loss in KERAS_LOSSES.items() if loss.labels is not Labels.CLASSES])
@given(row=st.tuples(st.integers(0, 8), st.lists(st.floats(1e-4, 0.999), min_size=2, max_size=9)))
@settings(deadline=None, max_examples=20)
def test_loss_and_slope_of_any_row_are_kerass(name: str, row: tuple[int, list[float]]) -> None:
    labels, outputs = one_hot(row)
    tensor = tf.constant(outputs)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        total = tf.reduce_sum(keras_gives(name, tf.constant(labels), tensor))
    loss = KERAS_LOSSES[name]
    np.testing.assert_allclose(loss.function(labels, outputs), [float(total)], rtol=1e-6, atol=3e-8)
    np.testing.assert_allclose(loss.slope(labels, outputs), tape.gradient(total, tensor), rtol=1e-5, atol=1e-6)


def test_a_loss_that_is_not_calculated_is_refused() -> None:
    with pytest.raises(Refused, match=r"^expected a loss of Keras's, got 'poi\?son': there are hinge, "):
        loss_called("poi\x1bson")


# Labels


@pytest.mark.parametrize(
    ("name", "label", "outputs", "sentence"),
    [
        (
            "hinge",
            -1,
            3,
            "hinge wants a label for each output, or the class: 3 numbers or 1, but the model has 3 outputs and the "
            "label 1 number, -1",
        ),
        (
            "huber",
            [1, 0],
            1,
            "huber wants 1 number, but the model has 1 output and the label 2 numbers, 1, 0",
        ),
        (
            "squared_hinge",
            0.5,
            1,
            "squared_hinge wants labels of -1 and +1, or of 0 and 1, got 0.5: mean_squared_error takes any number",
        ),
        (
            "hinge",
            [-1, 0],
            2,
            "hinge wants labels of -1 and +1, or of 0 and 1, got -1, 0: mean_squared_error takes any number",
        ),
        ("mean_squared_error", np.nan, 1, "expected a label of finite numbers, got nan"),
        ("mean_squared_error", 1e39, 1, "expected a label of finite numbers, got 1e+39"),
        (
            "binary_crossentropy",
            -1,
            1,
            "binary_crossentropy wants labels of 0 and 1, or numbers between, got -1: give 0 or 1; hinge takes -1 and "
            "+1",
        ),
        (
            "poisson",
            -0.5,
            1,
            "poisson wants labels of 0 and 1 or other numbers from 0 up, got -0.5: mean_squared_error takes any number",
        ),
        (
            "categorical_crossentropy",
            1,
            1,
            "categorical_crossentropy wants one label column for each class, and the model has 1 output: "
            "binary_crossentropy would do",
        ),
        (
            "categorical_crossentropy",
            3,
            3,
            "categorical_crossentropy wants a label for each output, or the class: 3 numbers or 1, but the model has 3 "
            "outputs and the label 1 number, 3",
        ),
        (
            "categorical_hinge",
            0.5,
            2,
            "categorical_hinge wants a label for each output, or the class: 2 numbers or 1, but the model has 2 "
            "outputs and the label 1 number, 0.5",
        ),
        (
            "sparse_categorical_crossentropy",
            0,
            1,
            "sparse_categorical_crossentropy wants labels 0, 1, 2, ... and one output for each class, and the model "
            "has 1 output: binary_crossentropy would do",
        ),
        (
            "sparse_categorical_crossentropy",
            [0, 1, 1],
            3,
            "sparse_categorical_crossentropy wants labels 0, 1, 2, ... and one output for each class: expected a class "
            "from 0 to 2, or a single 1 for it, got 0, 1, 1",
        ),
        *(
            (
                "sparse_categorical_crossentropy",
                label,
                3,
                "sparse_categorical_crossentropy wants labels 0, 1, 2, ... and one output for each class: expected a "
                f"class from 0 to 2, or a single 1 for it, got {label:g}",
            )
            for label in (3, 0.5, -2)
        ),
    ],
)
def test_a_label_that_does_not_fit_is_refused_with_what_would(
    name: str, label: float | list[float], outputs: int, sentence: str
) -> None:
    with pytest.raises(Refused) as refusal:
        checked_label(KERAS_LOSSES[name], label, outputs)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("name", OTHER_LABELS)
def test_other_labels_than_it_takes_are_refused_with_those_that_it_takes(name: str) -> None:
    with pytest.raises(Refused, match=OTHER_LABELS[name]):
        checked_label(KERAS_LOSSES[name], -2, 2 if KERAS_LOSSES[name].labels is Labels.CLASSES else 1)


LABELS: dict[str, Callable[[np.random.Generator, int], Any]] = {
    "signs": lambda random, outputs: random.choice([-1.0, 1.0], (12, outputs)),
    "truths": lambda random, outputs: random.choice([0.0, 1.0], (12, outputs)),
    "signs and 0": lambda random, outputs: random.choice([-1.0, 0.0, 1.0], (12, outputs)),
    "shares": lambda random, outputs: random.random((12, outputs)),
    "counts": lambda random, outputs: random.integers(0, 9, (12, outputs)),
    "numbers": lambda random, outputs: random.normal(0, 2, (12, outputs)),
    "one-hot": lambda random, outputs: np.eye(outputs)[random.integers(0, outputs, 12)],
    "classes": lambda random, outputs: np.arange(12)[:, np.newaxis] % outputs,
    "one sign": lambda random, _: random.choice([-1.0, 1.0], (12, 1)),
    "one more": lambda random, outputs: random.choice([-1.0, 1.0], (12, outputs + 1)),
}


@pytest.mark.parametrize("name", KERAS_LOSSES)
def test_a_rows_label_is_taken_where_data_of_such_labels_are_and_as_they_are(name: str) -> None:
    """One rule for ``explain --loss`` and ``evaluate``: what the second takes of a file, the first takes of a row."""
    loss, random = KERAS_LOSSES[name], np.random.default_rng(7)
    for made, outputs in itertools.product(LABELS, (1, 2, 3)):
        labels = LABELS[made](random, outputs).astype(np.float32)
        data = Dataset(frozen(np.zeros((len(labels), 1))), frozen(labels), DataFile("my.csv"))
        taken, expected = [_taken_of(loss, label, outputs) for label in labels], _targets_of(loss, data, outputs)
        if expected is not None:
            np.testing.assert_array_equal(np.array(taken), expected, err_msg=f"{made}, {outputs}")
        elif loss.labels is not Labels.SIGNS or made != "signs and 0":
            # Of -1, 0 and +1 Keras converts 0 in a batch that has no -1 alone: a row is one, data may have both kinds.
            assert None in taken, (made, outputs)


def _taken_of(loss: Loss, label: Array, outputs: int) -> Any:
    try:
        taken = checked_label(loss, label, outputs)[0]
    except Refused:
        return None
    # Whatever is taken is calculated.
    with np.errstate(all="ignore"):
        work = loss_by_hand(loss.name, label, np.full(outputs, 0.3))
        exact = loss.function(taken[np.newaxis], np.full((1, outputs), 0.3))[0]
    assert work.total == pytest.approx(exact, rel=1e-9, abs=1e-9, nan_ok=True)
    return taken.astype(np.float32).tolist()


def _targets_of(loss: Loss, data: Dataset, outputs: int) -> Any:
    try:
        task = task_for(data, outputs, loss.name)
        require_fit(task, loss.name, outputs, data)
    except Refused:
        return None
    return task.targets(data.labels, outputs)


@pytest.mark.parametrize("loss", KERAS_LOSSES.values(), ids=KERAS_LOSSES)
@pytest.mark.parametrize("outputs", [1, 2, 3])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_the_rules_label_becomes_what_the_loss_takes_or_is_refused(loss: Loss, outputs: int, sign: float) -> None:
    network = chain_network(2, f"{outputs} tanh")
    weights = initial_weights(network, 0)
    state = replace(Session().state, model=Model(network, weights, weights))
    if (loss.labels in CLASS_LABELS) == (outputs == 1):
        with pytest.raises(Refused, match=r"would do|takes these as two classes|take such a model"):
            label_for(state, (loss,), frozen([sign]))
        return
    label, words = label_for(state, (loss,), frozen([sign]))
    as_class = label.tolist() == [float(sign > 0)] or label.argmax() == (sign > 0)
    assert as_class if words else label.tolist() == [sign]
    assert bool(words) == (label.tolist() != [sign])


def said(session: Session) -> tuple[float, str]:
    label, words = row_label(session.state)
    return float(label[0]), words


def test_a_row_has_its_label_and_any_other_x_the_one_of_the_rule() -> None:
    session = Session()
    session.take_row(3)
    label = float(session.state.dataset.labels[3, 0])
    assert said(session) == (label, "the label of row 4")
    session.set_x([0.3, 0.1])
    assert said(session) == (-1.0, "x is no row, so the data's rule gives it: the sum 0.4 is not above 0.5")
    session.set_x([0.5, 0.25])
    assert said(session) == (1.0, "x is no row, so the data's rule gives it: the sum 0.75 is above 0.5")


def test_of_a_file_only_the_rows_have_a_label() -> None:
    made, session = generate(SumRule(10)), Session()
    session.take_data(Dataset(made.points, -made.labels, DataFile("mine.csv")))
    session.set_x([0.3, 0.1])
    with pytest.raises(Refused, match=r"^no label: x is no row of mine\.csv, which has no rule to make one by; n"):
        row_label(session.state)
    session.take_row(3)
    assert said(session) == (-made.labels[3, 0], "the label of row 4")


def test_data_of_another_width_give_no_label() -> None:
    state = replace(Session().state, dataset=generate(SumRule(10, 3)))
    with pytest.raises(Refused, match=r"^no label: the data have 3 inputs, the model has 2; make "):
        row_label(state)
