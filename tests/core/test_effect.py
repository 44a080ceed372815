"""What weights do: worth of training, validation and fresh points against Keras's evaluate; who changed side."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import frozen
from core.calculation import effect, running
from core.calculation.effect import (
    FRESH_POINTS,
    Answered,
    Became,
    Side,
    largest_output,
    measure,
    measure_change,
    moved,
    sides,
)
from core.calculation.running import predict
from core.chunks import Stopped, until
from core.data.dataset import MAX_NUMBERS, DataFile, Dataset, SumRule, fresh, generate
from core.engine import built, keras_model
from core.engine.reading import reading_of
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.losses import KERAS_LOSSES, Labels, loss_called
from core.model import tutorial
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.network import Network
from core.model.penalised import Regularizer
from core.model.weights import Weights
from core.session.session import Session
from core.session.state import Model
from core.tasks import Answers, Signs, task_for
from core.training.recipe import LOSSES, Recipe
from tests import graphs
from tests.tasks import by_class, judged, labelled, targets, task_of
from tests.traced import trace

if TYPE_CHECKING:
    from core.calculation.effect import Effect, Worth
    from core.training.options import Options

X = np.array([0.3, 0.1])

RULE = SumRule(noise=0.2)

DATA = generate(RULE)

NUMBER = st.sampled_from([0.0, -0.0, 1e-60, -1e-60, 0.25, -0.25, 1e300, math.nan, math.inf, -math.inf])
ROWS = st.lists(st.tuples(NUMBER, NUMBER, st.sampled_from((-1.0, 1.0))), min_size=1, max_size=40)


def measured(shape: str = "5 tanh, 1 tanh", dataset: Dataset = DATA, recipe: Recipe | None = None) -> Effect:
    network = chain_network(2, shape)
    recipe = recipe or Recipe()
    task = task_for(dataset, network.outputs, recipe.loss)
    return measure(network, initial_weights(network, 3), dataset, X, recipe, task)


# Worth


@pytest.mark.parametrize("loss", LOSSES)
def test_loss_and_accuracy_are_those_of_kerass_evaluate(loss: str) -> None:
    truths = KERAS_LOSSES[loss].labels is Labels.BINARY
    last = "3 softmax" if by_class(loss) else "1 sigmoid" if truths else "1 linear"
    _compare(Recipe(loss=loss, validation_split=0.3), chain_network(2, f"5 tanh, {last}"))


PENALISED = Network.chain(
    2,
    (
        Dense(
            "hidden",
            4,
            "tanh",
            kernel_regularizer=Regularizer(l2=0.1),
            bias_regularizer=Regularizer(0.1, 0.2),
            activity_regularizer=Regularizer(l1=0.3),
        ),
        Dense("frozen", 3, trainable=False, kernel_regularizer=Regularizer(l2=5.0)),
        Dense("output", 1, kernel_regularizer=Regularizer(orthogonal=0.7, mode="rows")),
        Activation("after", "sigmoid", activity_regularizer=Regularizer(l2=0.25)),
    ),
)


@pytest.mark.parametrize(
    ("loss", "options"),
    [
        ("binary_crossentropy", (("label_smoothing", 0.25),)),
        ("binary_focal_crossentropy", (("reduction", "sum"), ("gamma", 3.0))),
        ("tversky", (("alpha", 0.25),)),
        ("dice", (("axis", -1),)),
    ],
)
def test_settings_and_regularizers_are_in_the_loss_as_in_kerass_evaluate(loss: str, options: Options) -> None:
    _compare(Recipe(loss=loss, loss_options=options, validation_split=0.3), PENALISED)


def _compare(recipe: Recipe, network: Network) -> None:
    weights = initial_weights(network, 3).with_number(0, 1, (0,), 0.5)
    task = task_of(recipe.loss, network.outputs)
    found = measure(network, weights, DATA, X, recipe, task)
    loss = loss_called(recipe.loss, recipe.loss_options)
    model = built.build(network)
    built.set_weights(model, weights.layers)
    counted = keras_model.answers_counted(reading_of(task), loss.name)
    model.compile(loss=keras_model.keras_loss(loss), metrics=counted, run_eagerly=True)
    new = fresh(RULE, FRESH_POINTS)
    assert new is not None
    asked: list[tuple[Worth | None, Dataset, slice]] = [
        (found.training, DATA, slice(0, 175)),
        (found.validation, DATA, slice(175, None)),
        (found.fresh, new, slice(None)),
    ]
    for worth, data, rows in asked:
        assert worth is not None
        wanted = targets(loss.name, data.labels[rows], network.outputs)
        keras = model.evaluate(data.points[rows], wanted, verbose=0, return_dict=True)
        assert worth.loss == pytest.approx(keras["loss"], rel=2e-6)
        assert isinstance(worth.scores, Answers)
        assert worth.scores.accuracy == pytest.approx(keras[task.metric], abs=1e-6)
        assert worth.scores.binary_accuracy == pytest.approx(keras.get("binary_accuracy"), abs=1e-6)
    assert found.loss == loss.name


def answers(worth: Worth | None) -> Answers:
    assert worth is not None and isinstance(worth.scores, Answers)
    return worth.scores


def test_training_and_validation_are_the_first_and_the_last_rows() -> None:
    found = measured(recipe=Recipe(validation_split=0.2))
    training, validation = answers(found.training), answers(found.validation)
    assert found.answers is not None
    assert (training.points, validation.points) == (200, 50)
    outputs = found.answers.values[:, np.newaxis]
    assert training.failures.tolist() == judged(outputs[:200], DATA.labels[:200]).failures.tolist()
    assert validation.failures.tolist() == judged(outputs[200:], DATA.labels[200:]).failures.tolist()


@pytest.mark.parametrize("split", [0.0, 0.2])
def test_data_counts_all_rows_whatever_the_split(split: float) -> None:
    found = measured(recipe=Recipe(validation_split=split))
    assert found.answers is not None and isinstance(found.data, Answers)
    whole = judged(found.answers.values[:, np.newaxis], DATA.labels)
    assert found.data.confusion.tolist() == whole.confusion.tolist()
    assert found.data.failures.tolist() == whole.failures.tolist()
    assert found.data.points == 250
    assert found.data.binary_accuracy == pytest.approx(whole.binary_accuracy)
    assert (found.validation is None) == (split == 0.0)


@given(st.lists(st.tuples(NUMBER, st.sampled_from((-1.0, 1.0))), min_size=1, max_size=30), st.integers(1, 30))
def test_rows_in_pieces_are_worth_what_they_are_worth_at_once(rows: list[tuple[float, float]], step: int) -> None:
    outputs = np.array([output for output, _ in rows])
    labels = np.array([label for _, label in rows])
    whole = judged(outputs[:, np.newaxis], labels)
    parts = [
        judged(outputs[start : start + step, np.newaxis], labels[start : start + step])
        for start in range(0, len(rows), step)
    ]
    joined = Answers.joined(parts)
    assert joined.confusion.tolist() == whole.confusion.tolist()
    assert joined.failures.tolist() == whole.failures.tolist()
    assert (joined.points, joined.nan) == (whole.points, whole.nan)
    assert joined.binary_accuracy == pytest.approx(whole.binary_accuracy)


def test_many_rows_are_predicted_and_counted_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = measured()
    monkeypatch.setattr(running, "OUTPUTS", 35)
    monkeypatch.setattr(effect, "ROWS", 11)
    pauses = 0

    def pause() -> None:
        nonlocal pauses
        pauses += 1

    network = chain_network(2, "5 tanh, 1 tanh")
    pieces = measure(network, initial_weights(network, 3), DATA, X, Recipe(), Signs(), pause)
    # 7 rows of 5 units at a time are predicted, 11 rows at a time are counted.
    assert pauses == -(-250 // 7) - (-200 // 7) - (-200 // 11) - (-50 // 11) - (-200 // 11)
    assert at_once.training is not None and pieces.training is not None
    assert answers(pieces.training).failures.tolist() == answers(at_once.training).failures.tolist()
    assert pieces.training.loss == pytest.approx(at_once.training.loss, rel=1e-12)


def test_what_nobody_waits_for_is_stopped() -> None:
    state = Session().state
    with pytest.raises(Stopped):
        measure_change(state, until(lambda: True))


def test_always_answering_one_label_is_right_for_its_share() -> None:
    training = answers(measured().training)
    for place, label in enumerate((-1, 1)):
        assert training.always(place) == float(np.mean(DATA.labels[:200] == label))


def test_the_effect_of_the_always_right_model_is_all_right() -> None:
    network, weights = tutorial.always_right(2, 0.5)
    data = generate(SumRule())
    found = measure(network, weights, data, X, Recipe(), Signs())
    assert found.version == weights.version
    assert found.prediction.tolist() == trace(network, weights, X).prediction.tolist()
    assert isinstance(found.data, Answers) and found.data.correct == len(data) == 250
    assert found.fresh is not None and found.fresh_data is not None
    assert answers(found.fresh).correct == FRESH_POINTS == len(found.fresh_data)
    assert not np.array_equal(found.fresh_data.points, data.points[:200])


def test_labels_that_do_not_fit_the_model_are_not_evaluated() -> None:
    own = replace(DATA, labels=frozen(np.tile([[0.5, 0.25, 1.0]], (250, 1))))
    found = measured("2 softmax", own)
    assert found.prediction.shape == (2,)
    assert not any((found.data, found.training, found.validation, found.fresh)) and found.answers is None


def test_data_of_another_width_are_not_evaluated() -> None:
    found = measured(dataset=generate(SumRule(inputs=3)))
    assert found.prediction.shape == (1,)
    assert not any((found.data, found.training, found.validation, found.fresh)) and found.answers is None


def test_a_split_that_one_point_does_not_allow_leaves_it_to_training() -> None:
    found = measured(dataset=generate(SumRule(points=1)))
    assert found.training is not None and found.training.scores.points == 1
    assert found.validation is None


def test_of_very_wide_points_fewer_are_made_fresh() -> None:
    inputs = MAX_NUMBERS // 4
    rule = SumRule(points=1, inputs=1000)
    wide = Dataset(np.zeros((1, inputs), np.float32), np.ones((1, 1), np.float32), rule)
    new = measured(dataset=wide).fresh_data
    assert new is not None and len(new) == 4


def test_of_a_file_no_points_are_made_up() -> None:
    own = Dataset(DATA.points, DATA.labels, DataFile("my.csv"))
    found = measured(dataset=own)
    assert (found.fresh, found.fresh_data) == (None, None)
    assert found.training is not None and found.training.loss == measured().training.loss  # type: ignore[union-attr]


def test_a_loss_beyond_all_bounds_is_said_to_be_infinite_or_no_number() -> None:
    network = Network.chain(2, chain_network(2, "1 linear").layers)
    for bias, wanted in ((3e38, math.inf), (math.nan, math.nan)):
        weights = Weights.for_network(network, [[np.zeros((2, 1)), [bias]]])
        found = measure(network, weights, DATA, X, Recipe(loss="mean_squared_error"), Signs())
        assert found.training is not None and found.training.loss is not None
        # float64 holds the square of 3e38, which float32 does not.
        assert math.isnan(found.training.loss) if math.isnan(wanted) else found.training.loss > 1e70


# Before and after


def test_a_change_is_measured_against_the_model_before_the_last_step() -> None:
    session = Session()
    assert measure_change(session.state)[1] is None
    assert measure_change(session.state)[0].sides is None
    old = session.state.model.weights
    session.load_always_right()
    now, before = measure_change(session.state)
    assert before is not None and now.sides is not None
    assert (before.version, now.version) == (old.version, session.state.model.weights.version)
    assert now.sides.right > 0 and now.sides.wrong == 0


def test_models_of_other_inputs_or_outputs_have_no_sides_to_compare() -> None:
    session = Session()
    session.new_network(chain_network(3, "1 tanh"))
    now, before = measure_change(session.state)
    assert before is None and now.sides is None
    session.new_network(chain_network(3, "2 softmax"))
    now, before = measure_change(session.state)
    assert before is not None and before.training is not None
    assert now.training is None and now.sides is None


def with_outputs(outputs: list[float], labels: list[float]) -> Effect:
    """Return an effect as if a model had given these outputs."""
    with np.errstate(over="ignore"):
        values = np.array(outputs).astype(np.float32)
    places = Signs().answers(values[:, np.newaxis])
    return replace(measured(), dataset=labelled(labels), answers=Answered(Signs(), places, values))


def plain_sign(value: float) -> int:
    """Return the sign that a float32 has; 1e-60 is 0 there."""
    return 0 if math.isnan(value) or abs(value) < 1e-50 else int(math.copysign(1, value))


@given(ROWS)
def test_the_sides_are_those_of_a_plain_loop(rows: list[tuple[float, float, float]]) -> None:
    before, after, labels = (list(column) for column in zip(*rows, strict=True))
    old = with_outputs(before, labels)
    new = replace(with_outputs(after, labels), dataset=old.dataset)
    found = sides(old, new)
    assert found is not None
    wanted = []
    for row, (was, now, label) in enumerate(rows):
        if plain_sign(was) != plain_sign(now):
            right, wrong = plain_sign(now) == label, plain_sign(was) == label
            wanted.append(
                (row, f"{label:+.0f}", Became.RIGHT if right else Became.WRONG if wrong else Became.STILL_WRONG)
            )
    listed = [found.at(place) for place in range(len(found))]
    assert [(side.row, side.label, side.became) for side in listed] == wanted
    for side in listed:
        for shown, told in ((side.before, before[side.row]), (side.after, after[side.row])):
            assert plain_sign(shown) == plain_sign(told) and math.isnan(shown) == math.isnan(told)
    each = [side.became for side in listed]
    assert (found.right, found.wrong) == (each.count(Became.RIGHT), each.count(Became.WRONG))
    assert found.rows.tolist() == [side.row for side in listed]


@given(ROWS)
def test_sides_that_change_and_change_back_are_the_same_the_other_way_round(
    rows: list[tuple[float, float, float]],
) -> None:
    before, after, labels = (list(column) for column in zip(*rows, strict=True))
    old = with_outputs(before, labels)
    new = replace(with_outputs(after, labels), dataset=old.dataset)
    there, back = sides(old, new), sides(new, old)
    assert there is not None and back is not None
    assert there.rows.tolist() == back.rows.tolist()
    assert (there.right, there.wrong) == (back.wrong, back.right)
    same = sides(new, new)
    assert same is not None and len(same) == 0


def test_a_point_that_changed_side_is_given_with_its_numbers() -> None:
    old = with_outputs([0.5, -0.25, 0.0], [1, 1, 1])
    new = replace(with_outputs([0.25, 0.75, -0.5], [1, 1, 1]), dataset=old.dataset)
    found = sides(old, new)
    assert found is not None
    assert found.at(0) == Side(1, "+1", -0.25, 0.75, (0, 1), Became.RIGHT)
    assert found.at(1) == Side(2, "+1", 0.0, -0.5, (-1, 0), Became.STILL_WRONG)


def test_sides_are_those_of_the_models_own_predictions() -> None:
    session = Session()
    session.load_tutorial()
    session.set_number(1, 1, (0,), -1.5)
    now, before = measure_change(session.state)
    assert before is not None and now.sides is not None and 0 < len(now.sides) < 250
    state = session.state
    points = state.dataset.points
    for at in (now.sides.at(place) for place in range(len(now.sides))):
        row = points[at.row][np.newaxis]
        old = predict(*tutorial.trained(), row)[0, 0]
        new = predict(state.model.network, state.model.weights, row)[0, 0]
        assert [at.before, at.after] == pytest.approx([old, new], abs=1e-6)
        assert old * new < 0


def test_effects_of_other_data_have_no_sides() -> None:
    assert sides(measured(), measured(dataset=generate(SumRule(seed=1)))) is None
    assert sides(measured(), measured("2 softmax")) is None


def test_comparing_many_rows_can_be_stopped() -> None:
    once = measured()
    with pytest.raises(Stopped):
        sides(once, once, until(lambda: True))


# The largest of several outputs


def test_the_largest_output_of_every_row_is_that_of_the_predictions() -> None:
    found = measured("4 tanh, 3 softmax")
    network = chain_network(2, "4 tanh, 3 softmax")
    predictions = predict(network, initial_weights(network, 3), DATA.points)
    assert found.largest is not None and found.answers is None
    assert np.array_equal(found.largest, predictions.astype(np.float32).argmax(axis=1))
    assert measured().largest is None


def test_one_that_is_not_a_number_has_no_largest_and_of_equal_ones_it_is_the_first() -> None:
    rows = np.array([[0.0, math.nan], [1.0, 1.0], [1.0, 1.0 + 1e-12], [-math.inf, math.inf], [1e300, 2e300]])
    assert largest_output(rows).tolist() == [-1, 0, 0, 1, 0]


def test_outputs_of_other_models_or_data_are_not_compared() -> None:
    three, two = measured("3 softmax"), measured("2 softmax")
    other = measured("3 softmax", dataset=generate(SumRule(seed=9)))
    assert moved(three, three) == 0
    assert moved(three, two) is moved(three, other) is moved(measured(), measured()) is None
    assert three.largest is not None
    assert moved(three, replace(three, largest=(three.largest + 1) % 3)) == len(DATA)


def test_the_effect_of_a_model_of_other_inputs_than_the_one_before_is_measured_alone() -> None:
    session = Session()
    network = Network.of(graphs.attending().graph)
    weights = initial_weights(network, 1)
    session.take("a model", Model(network, weights, weights), session.state.dataset)
    session.set_x(np.linspace(-0.5, 0.7, network.inputs))
    now, earlier = measure_change(session.state)
    assert now.version == weights.version
    assert earlier is None
