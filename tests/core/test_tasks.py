"""Tasks: what labels and outputs mean, by the labels as they are; every score against a plain loop and Keras's own."""

from __future__ import annotations

import math
import re
from contextlib import nullcontext
from typing import Any

import keras
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import frozen
from core.data.dataset import DataFile, Dataset
from core.engine.keras_model import answers_counted
from core.engine.reading import reading_of
from core.errors import Refused
from core.losses import BY_CLASS, KERAS_LOSSES, Labels, loss_called
from core.model.layers_text import chain_network
from core.tasks import Answers, Binary, Classes, Errors, NoLabels, Numbers, Signs, Task, TaskName, task_for
from core.tasks.balance import balance
from core.tasks.choosing import task_of as task_of_model
from core.tasks.fitting import require_fit, require_fits, require_metrics_fit, require_scored
from core.training.recipe import LOSSES, Recipe
from tests.tasks import by_class, fits, judged, labelled, targets, task_of

PREDICTION = st.one_of(st.floats(-2, 2), st.sampled_from([0.0, -0.0, 0.5, 1e-60, math.nan, math.inf, -math.inf, 1e300]))
PAIRS = st.lists(st.tuples(PREDICTION, st.sampled_from((-1.0, 1.0))), min_size=1, max_size=60)


def own(labels: Any, classes: tuple[str, ...] = (), targets: tuple[str, ...] = ()) -> Dataset:
    """Return data of a file with these labels."""
    values = np.asarray(labels, dtype=np.float32)
    values = values.reshape(len(values), -1)
    return Dataset(frozen(np.zeros((len(values), 2))), frozen(values), DataFile("my.csv", (), targets), None, classes)


# Which task


EYE = np.eye(3)[[0, 1, 2, 2]]


@pytest.mark.parametrize(
    ("labels", "classes", "outputs", "loss", "name"),
    [
        ([-1, 1, 1], (), 1, "hinge", "signs"),
        ([-1, 1, 1], (), 1, "mean_squared_error", "signs"),
        ([-1, 1, 1], (), 1, "binary_crossentropy", "signs"),
        ([-1, 1, 1], (), 2, "categorical_crossentropy", "classes"),
        ([0, 1, 1], (), 1, "", "binary"),
        ([0, 1, 1], (), 1, "hinge", "binary"),
        ([0, 1, 1], (), 1, "mean_squared_error", "binary"),
        ([0, 1, 1], (), 2, "sparse_categorical_crossentropy", "classes"),
        ([0, 1, 1], (), 2, "binary_crossentropy", "classes"),
        ([1, 1, 1], (), 1, "hinge", "signs"),
        ([1, 1, 1], (), 1, "binary_crossentropy", "binary"),
        ([0, 0, 0], (), 1, "", "binary"),
        ([0, 1, 2, 0, 1, 2], (), 3, "", "classes"),
        ([0, 1, 2, 0, 1, 2], (), 3, "categorical_crossentropy", "classes"),
        ([0, 1, 2, 0, 1, 2], (), 1, "mean_squared_error", "numbers"),
        ([0, 1, 2], (), 1, "", "numbers"),
        ([0, 2], (), 3, "sparse_categorical_crossentropy", "classes"),
        ([-3, -1, 1, 3, 5, 7], (), 1, "", "numbers"),
        ([0.5, 1], (), 1, "", "numbers"),
        ([0, 1], ("no", "yes"), 1, "", "binary"),
        ([0, 1], ("no", "yes"), 2, "", "classes"),
        ([0, 1, 2], ("a", "b", "c"), 1, "", "classes"),
        (EYE, (), 3, "", "classes"),
        (EYE, (), 3, "binary_crossentropy", "classes"),
        ([[0, 1], [1, 1]], (), 2, "binary_crossentropy", "binary"),
        ([[0.5, 1], [1, 1]], (), 2, "mean_squared_error", "numbers"),
        ([[-1, 1], [1, 1]], (), 2, "hinge", "signs"),
        ([[-1, 1], [1, 1]], (), 2, "mean_squared_error", "signs"),
        ([[-1, 1], [1, 1]], (), 2, "", "signs"),
        ([[-1, 1], [1, 1]], (), 2, "cosine_similarity", "numbers"),
        ([[-1, 1], [0, 1]], (), 2, "mean_squared_error", "numbers"),
        (np.zeros((3, 0)), (), 1, "hinge", "none"),
    ],
)
def test_the_task_is_the_one_of_the_labels_as_they_are(
    labels: Any, classes: tuple[str, ...], outputs: int, loss: str, name: str
) -> None:
    task = task_for(own(labels, classes), outputs, loss)
    assert task.name == name
    assert task.in_words().startswith(
        {"classes": f"{len(getattr(task, 'classes', ()))} classes", "none": "no"}.get(name, name)
    )


def test_labels_that_a_rule_makes_are_made_as_the_loss_takes_them() -> None:
    assert task_of("hinge") == Signs()
    assert task_of("binary_crossentropy") == Binary(pair=(-1.0, 1.0))
    assert task_of("categorical_crossentropy", 2) == Classes(("-1", "+1"), (-1.0, 1.0))
    assert task_of("sparse_categorical_crossentropy", 3) == Classes(("-1", "+1"), (-1.0, 1.0), sparse=True)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_rules_labels_become_what_the_loss_takes(loss: str) -> None:
    outputs = 3 if by_class(loss) else 1
    expected = {
        Labels.BINARY: [[1], [0], [0], [1]],
        Labels.CLASSES: [[1], [0], [0], [1]],
        Labels.ONE_HOT: [[0, 1, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0]],
    }.get(KERAS_LOSSES[loss].labels, [[1], [-1], [-1], [1]])
    made = targets(loss, [1, -1, -1, 1], outputs)
    assert made.dtype == np.float32
    np.testing.assert_array_equal(made, expected)


@pytest.mark.parametrize(
    ("labels", "chosen", "task"),
    [
        ([0, 1], TaskName.SIGNS, Signs((0.0, 1.0))),
        ([-1, 1], TaskName.BINARY, Binary(pair=(-1.0, 1.0))),
        ([3, 5], TaskName.BINARY, Binary(("3", "5"), (3.0, 5.0))),
        ([1, 2], TaskName.NUMBERS, Numbers(("label",))),
        ([0, 1], TaskName.CLASSES, Classes(("0", "1"), (0.0, 1.0))),
        ([0, 1, 2, 0, 1, 2], TaskName.NUMBERS, Numbers(("label",))),
        ([[0, 1], [1, 1]], TaskName.SIGNS, Signs((0.0, 1.0), columns=2)),
        ([[-1, 1], [1, 1]], TaskName.BINARY, Binary(pair=(-1.0, 1.0), columns=2)),
        ([0, 2.5], TaskName.CLASSES, Classes(("0", "2.5"), (0.0, 2.5))),
        ([0, 1], TaskName.NONE, NoLabels()),
    ],
)
def test_another_task_can_be_chosen(labels: Any, chosen: TaskName, task: Task) -> None:
    assert task_for(own(labels), 1, "mean_squared_error", chosen) == task


@pytest.mark.parametrize(
    ("labels", "classes", "chosen", "sentence"),
    [
        ([0, 1, 2], (), TaskName.BINARY, "expected one label of two values a row for the task binary, got 3 different"),
        ([[0, 2], [-1, 1]], (), TaskName.SIGNS, "expected labels of -1 and +1 alone for the task signs, got others"),
        ([[0, 2], [-1, 1]], (), TaskName.BINARY, "expected labels of 0 and 1 alone for the task binary, got others"),
        ([0, 1], ("no", "yes"), TaskName.NUMBERS, "got text such as 'no'; choose classes"),
        (np.arange(20_000), (), TaskName.CLASSES, "expected at most 10,000 different labels"),
        ([[0.5, 1], [1, 1]], (), TaskName.CLASSES, "got 2 columns of others; choose numbers"),
    ],
)
def test_a_task_that_labels_cannot_have_is_refused(
    labels: Any, classes: tuple[str, ...], chosen: TaskName, sentence: str
) -> None:
    with pytest.raises(Refused) as refusal:
        task_for(own(labels, classes), 1, "", chosen)
    assert sentence in str(refusal.value)


# What fits


@pytest.mark.parametrize(
    "data",
    [
        own([[0], [1], [2]], ("setosa", "versicolor", "virginica")),
        own([[0], [1], [2], [7]]),
        own([[0.5], [1.5], [2.5]]),
        own(np.arange(Dataset.MOST_DISTINCT + 1)),
        own(EYE),
        own([[1, 1, 0], [0, 1, 0]]),
        own([[0.5, 2], [3, 1]]),
    ],
)
def test_a_refused_task_advises_only_tasks_that_are_taken(data: Dataset) -> None:
    for chosen in TaskName:
        try:
            task_for(data, 1, chosen=chosen)
        except Refused as refusal:
            advised = [name for name in TaskName if name in str(refusal).rpartition("choose ")[2].split()]
            assert advised
            for name in advised:
                task_for(data, 1, chosen=name)


def test_which_losses_fit_which_outputs_of_a_rules_labels() -> None:
    assert [loss for loss in LOSSES if fits(loss, 1)] == [loss for loss in LOSSES if not by_class(loss)]
    assert [loss for loss in LOSSES if fits(loss, 2)] == [loss for loss in LOSSES if by_class(loss)]


@pytest.mark.parametrize(
    ("labels", "classes", "outputs", "loss", "sentence"),
    [
        ([-1, 1], (), 1, "binary_crossentropy", "wants labels of 0 and 1, and the data's are -1 and +1: hinge takes"),
        ([0, 1], (), 1, "categorical_crossentropy", "wants an output for each class, and the model has 1: binary"),
        ([0, 1, 2], ("a", "b", "c"), 2, "categorical_crossentropy", "an output for each of the 3 classes of the label"),
        ([0.5, 7], (), 1, "binary_crossentropy", "wants labels from 0 to 1, and the data's go from 0.5 to 7: mean_sq"),
        ([-0.5, 7], (), 1, "poisson", "wants labels of 0 or more, and the data's go from -0.5 to 7: mean_squared_err"),
        ([0.5, 7], (), 1, "hinge", "wants labels of -1 and +1, and the data's are numbers: mean_squared_error would d"),
        (
            [[0.5, 7], [1, 2]],
            (),
            1,
            "mean_squared_error",
            "expected a model with 2 outputs for 2 labels a row that are numbers, got 1",
        ),
        ([[-1, 1], [1, 1]], (), 2, "poisson", "wants labels of 0 and 1, and the data's are -1 and +1: hinge takes"),
        (
            [[-1, 1], [1, 1]],
            (),
            1,
            "hinge",
            "expected a model with 2 outputs for 2 labels of -1 and +1 a row, got 1",
        ),
        (np.zeros((2, 0)), (), 1, "hinge", "expected data with labels, got rows without any; name the label columns"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would_do(
    labels: Any, classes: tuple[str, ...], outputs: int, loss: str, sentence: str
) -> None:
    data = own(labels, classes)
    with pytest.raises(Refused) as refusal:
        require_fit(task_for(data, outputs, loss), loss, outputs, data)
    assert sentence in str(refusal.value)


def leaving_out(label: float) -> Any:
    return loss_called("sparse_categorical_crossentropy", (("ignore_class", label),))


@pytest.mark.parametrize("ignored", [-1.0, 255.0, 3.0])
def test_a_label_that_the_loss_leaves_out_needs_no_output(ignored: float) -> None:
    loss, network, data = leaving_out(ignored), chain_network(1, "3 softmax"), own([0, 1, 1, ignored, ignored])
    task = task_of_model(data, network, (loss,))
    assert task == Classes(("0", "1", "2"), (0.0, 1.0, 2.0), sparse=True, left_out=ignored)
    require_fits(task, (loss,), network, data)
    # Keras gets it as it is: its loss knows it by that.
    assert task.targets(data.labels, 3).ravel().tolist() == data.labels.ravel().tolist()
    assert [task.label_text(label) for label in data.labels[2:4]] == ["1", f"{ignored:g} (left out)"]
    assert f"; the loss leaves out {ignored:g}, which no output answers" in task.in_words()
    assert balance(task, data) == (
        f"2 points labelled {ignored:g} (left out), 2 labelled 1, 1 labelled 0 and 0 labelled 2: always answering 1 is "
        "right for 40.0 % (the majority baseline)."
    )
    outputs = np.array([[0.9, 0, 0.1], [0, 0.9, 0.1], [0.9, 0, 0.1], [0.9, 0, 0.1], [np.nan, 0, 0]], np.float32)
    scores = task.judged(outputs, data.labels)
    assert scores.confusion.shape == (3, 4)
    # Keras's accuracy counts every row, and no answer is right for these.
    keras_accuracy = answers_counted(reading_of(task), loss.name)[0]
    keras_accuracy.update_state(data.labels, np.nan_to_num(outputs))
    assert scores.accuracy == pytest.approx(float(keras_accuracy.result())) == 0.4
    assert (scores.points, scores.left_out, scores.failures.tolist(), scores.nan) == (5, 2, [2], 0)
    assert scores.in_words().endswith(
        "always answering 1 would get 40.0 %. The loss leaves out 2, which count as wrong, as for Keras's accuracy."
    )


def test_so_it_is_at_each_place_of_a_sequence_and_of_each_output() -> None:
    loss, steps = leaving_out(255.0), chain_network((2, 1), "3 softmax")
    labels = own([[0, 255], [2, 1]])
    task = task_of_model(labels, steps, (loss,))
    assert isinstance(task, Classes) and (task.columns, task.left_out) == (2, 255.0)
    require_fits(task, (loss,), steps, labels)
    scores = task.judged(np.eye(3, dtype=np.float32)[[0, 0, 2, 2]].reshape(2, 6), labels.labels)
    assert (scores.points, scores.left_out, scores.correct, scores.counted) == (4, 1, 2, "place")
    joined = Answers.joined([scores, scores])
    assert (joined.points, joined.left_out, joined.accuracy) == (8, 2, 0.5)


@pytest.mark.parametrize(
    ("labels", "ignored", "refused"),
    [
        # With an output it is a class as any other, and without such a label nothing is left out.
        ([0, 1, 2, 2], 2.0, ""),
        ([0, 1, 2, 2], 7.0, ""),
        ([255, 255, 255], 255.0, ""),
        ([0, 1, 3, -1], -1.0, "expected an output for each of the 4 classes of the labels"),
        ([0, 1.5, 2, -1], -1.0, "expected a model with 1 output for 1 label a row that are numbers, got 3 outputs"),
        ([0, -2, 2, -1], -1.0, "expected a model with 1 output for 1 label a row that are numbers, got 3 outputs"),
    ],
)
def test_other_labels_are_taken_as_they_are_without_it(labels: list[float], ignored: float, refused: str) -> None:
    loss, network, data = leaving_out(ignored), chain_network(1, "3 softmax"), own(labels)
    with pytest.raises(Refused, match=re.escape(refused)) if refused else nullcontext():
        task = task_of_model(data, network, (loss,))
        require_fits(task, (loss,), network, data)
        assert task.targets(data.labels, 3).ravel().tolist() == labels


def test_a_metric_that_goes_by_the_labels_own_output_is_refused_where_it_has_none() -> None:
    recipe = Recipe(
        "sparse_categorical_crossentropy",
        metrics=("sparse_top_k_categorical_accuracy", "mean_io_u=-1", "sparse_categorical_crossentropy"),
        loss_options=(("ignore_class", -1.0),),
    )
    network = chain_network(1, "3 softmax")
    tasks = [task_of_model(own(labels), network, recipe.losses(1)) for labels in ([0, 1, 2, 2], [0, 1, 2, -1])]
    require_metrics_fit(tasks[0], recipe)
    with pytest.raises(Refused, match="no output for the label -1, which the loss leaves out, got sparse"):
        require_metrics_fit(tasks[1], recipe)
    require_metrics_fit(tasks[1], msgspec.structs.replace(recipe, metrics=recipe.metrics[:2]))


def test_classes_that_were_chosen_are_whole_numbers_beside_what_is_left_out() -> None:
    with pytest.raises(Refused, match="expected class numbers from 0 on beside the label -1, which"):
        task_of_model(own([0.5, 1, -1]), chain_network(1, "3 softmax"), (leaving_out(-1.0),), TaskName.CLASSES)


def test_a_class_that_no_row_has_keeps_its_output() -> None:
    data = own([0, 2, 2])
    task = task_for(data, 3, "sparse_categorical_crossentropy")
    assert task == Classes(("0", "1", "2"), (0.0, 1.0, 2.0), sparse=True)
    require_scored(task, 3)
    with pytest.raises(Refused, match="an output for each of the 3 classes"):
        require_scored(task, 2)


# Signs


def sign(prediction: float) -> int:
    # As float32, like Keras: 1e-60 is 0 there.
    value = float(np.float32(min(max(prediction, -3e38), 3e38)))
    return 0 if math.isnan(prediction) or value == 0 else (1 if value > 0 else -1)


def signs_of(pairs: list[tuple[float, float]]) -> Answers:
    return judged(np.array([[prediction] for prediction, _ in pairs]), [label for _, label in pairs])


@given(PAIRS)
def test_signs_are_counted_as_in_a_plain_loop(pairs: list[tuple[float, float]]) -> None:
    scores = signs_of(pairs)
    assert scores.confusion.shape == (2, 3) and scores.confusion.sum() == len(pairs)
    for row, label in enumerate((-1.0, 1.0)):
        for column, wanted in enumerate((-1, 1, 0)):
            assert scores.confusion[row, column] == sum(sign(p) == wanted and mine == label for p, mine in pairs)
    wrong = [place for place, (prediction, label) in enumerate(pairs) if sign(prediction) != label]
    assert scores.failures.tolist() == wrong
    assert scores.accuracy == (len(pairs) - len(wrong)) / len(pairs)
    assert scores.nan == sum(math.isnan(prediction) for prediction, _ in pairs)
    assert scores.unanswered == sum(sign(prediction) == 0 for prediction, _ in pairs) - scores.nan
    with np.errstate(over="ignore"):
        expected = sum(label == 1 and np.float32(prediction) > 0.5 for prediction, label in pairs) / len(pairs)
    assert scores.binary_accuracy == pytest.approx(expected)


@given(PAIRS)
def test_the_baseline_is_the_share_of_the_commoner_label(pairs: list[tuple[float, float]]) -> None:
    labels, scores = [label for _, label in pairs], signs_of(pairs)
    assert scores.baseline == max(labels.count(-1), labels.count(1)) / len(labels) >= 0.5
    assert scores.baseline == labels.count((-1, 1)[scores.baseline_class]) / len(labels)


def test_a_prediction_of_exactly_0_or_nan_is_wrong() -> None:
    scores = signs_of([(0.0, 1), (-0.0, -1), (0.5, 1), (-0.5, -1), (math.nan, 1)])
    assert scores.confusion.tolist() == [[1, 0, 1], [0, 1, 2]]
    assert (scores.correct, scores.unanswered, scores.nan, scores.failures.tolist()) == (2, 2, 1, [0, 1, 4])


def test_a_prediction_just_above_a_half_is_a_half_in_float32_as_in_keras() -> None:
    assert signs_of([(0.5 + 1e-12, 1)]).binary_accuracy == 0.0


def test_the_words_name_the_accuracy_and_the_baseline() -> None:
    words = signs_of([(1.0, 1), (1.0, -1), (-1.0, -1), (1.0, 1)]).in_words()
    assert words == "3 of 4 points right (75.0 %); always answering +1 would get 50.0 %."
    assert signs_of([(1.0, -1)]).in_words() == "0 of 1 point right (0.0 %); always answering -1 would get 100.0 %."


# Every accuracy is Keras's


@given(
    st.sampled_from(LOSSES),
    st.lists(
        st.tuples(st.sampled_from([-1.0, 1.0]), st.lists(st.floats(0, 1, width=32), min_size=3, max_size=3)), min_size=1
    ),
)
def test_the_accuracies_are_those_that_keras_counts(loss: str, rows: list[tuple[float, list[float]]]) -> None:
    labels = [label for label, _ in rows]
    columns = 3 if by_class(loss) else 1
    outputs = np.array([row[:columns] for _, row in rows], dtype=np.float32)
    if KERAS_LOSSES[loss].labels in (Labels.SIGNS, Labels.NUMBERS):
        outputs = outputs * 2 - 1
    task = task_of(loss, columns)
    scores = judged(outputs, labels, loss)
    told = counted(task, loss, targets(loss, labels, columns), outputs)
    assert told[0] == pytest.approx(scores.accuracy, abs=1e-6)
    assert told[1:] == pytest.approx([] if by_class(loss) else [scores.binary_accuracy], abs=1e-6)


def counted(task: Task, loss: str, wanted: Any, outputs: Any) -> list[float]:
    told: list[float] = []
    for metric in answers_counted(reading_of(task), loss):
        made: Any = keras.metrics.get(metric)
        made.update_state(wanted, outputs)
        told.append(float(made.result()))
    return told


@given(st.lists(st.tuples(st.integers(0, 3), st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4)), min_size=1))
@pytest.mark.parametrize("loss", ["categorical_crossentropy", "sparse_categorical_crossentropy", "mean_squared_error"])
def test_classes_are_answered_by_the_largest_output_as_keras_counts(
    loss: str, rows: list[tuple[int, list[float]]]
) -> None:
    outputs = np.array([row for _, row in rows], np.float32)
    data = own([label for label, _ in rows], ("a", "b", "c", "d"))
    task = task_for(data, 4, loss)
    assert isinstance(task, Classes) and task.sparse == (KERAS_LOSSES[loss].labels is Labels.CLASSES)
    scores = task.judged(outputs, data.labels)
    told = counted(task, loss, task.targets(data.labels, 4), outputs)
    assert told == pytest.approx([scores.accuracy], abs=1e-6)
    answers = [max(range(4), key=lambda place: (row[place], math.copysign(1, row[place]), -place)) for _, row in rows]
    wanted = [answer == label for answer, (label, _) in zip(answers, rows, strict=True)]
    assert scores.correct == sum(wanted) and scores.failures.tolist() == [
        i for i, right in enumerate(wanted) if not right
    ]
    assert scores.confusion.sum() == len(rows) and scores.confusion.shape == (4, 5)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=30), st.integers(2, 5), st.randoms())
def test_numbers_of_classes_are_the_places_of_outputs_where_keras_takes_them_so(
    labels: list[int], outputs: int, random: Any
) -> None:
    data = own(labels)
    task = task_for(data, outputs, "sparse_categorical_crossentropy")
    given = np.array([[random.random() for _ in range(outputs)] for _ in labels], np.float32)
    if max(labels) < outputs:
        assert task.targets(data.labels, outputs).tolist() == data.labels.tolist()
        assert isinstance(task, Classes)
        told = counted(task, "sparse_categorical_crossentropy", data.labels, given)
        assert told == pytest.approx([task.judged(given, data.labels).accuracy], abs=1e-6)
        one_hot = task_for(data, outputs, "categorical_crossentropy").targets(data.labels, outputs)
        assert one_hot.tolist() == keras.ops.one_hot(np.array(labels), outputs).numpy().tolist()
    elif sorted(set(labels)) == list(range(1, outputs + 1)):
        assert "in this order" in task.in_words()
        assert task.targets(data.labels, outputs).tolist() == (data.labels - 1).tolist()
    elif min(labels) == 0:
        with pytest.raises(
            Refused, match=rf"\(0 to {max(labels)}, as Keras counts them\), got a model with {outputs} out"
        ):
            require_scored(task, outputs)


@given(st.lists(st.sampled_from([0.0, 1, 2, 3, 0.5, -7]), min_size=1, max_size=30))
@pytest.mark.parametrize("chosen", [None, TaskName.NUMBERS])
def test_a_loss_of_numbers_gets_the_numbers_that_the_file_has(chosen: TaskName | None, labels: list[float]) -> None:
    data = own(labels)
    for loss in ("mean_squared_error", "poisson", "huber") if chosen else ("mean_squared_error", "huber"):
        task = task_for(data, 1, loss, chosen)
        assert task.targets(data.labels, 1).tolist() == data.labels.tolist()


@given(
    st.lists(
        st.lists(st.tuples(st.booleans(), st.floats(-1, 1, width=32, allow_subnormal=False)), min_size=2, max_size=2),
        min_size=1,
    ),
    st.sampled_from([Binary(columns=2), Signs(columns=2), Signs((0.0, 1.0), columns=2)]),
)
def test_several_labels_a_row_count_each(rows: list[list[tuple[bool, float]]], task: Binary | Signs) -> None:
    labels = np.array([[task.pair[one] for one, _ in row] for row in rows], np.float32)
    outputs = np.array([[output for _, output in row] for row in rows], np.float32)
    scores, wanted = task.judged(outputs, labels), task.targets(labels, 2)
    told = counted(task, "binary_crossentropy", wanted, outputs)
    assert told == pytest.approx([scores.accuracy, scores.binary_accuracy], abs=1e-6)
    right = (outputs > 0.5) == wanted if isinstance(task, Binary) else np.sign(outputs) == wanted
    assert scores.failures.tolist() == np.flatnonzero(~right.all(axis=1)).tolist()
    assert scores.correct == right.sum() and scores.points == 2 * scores.rows


# At each place of a sequence


ONE_HOT_STEPS = np.eye(3)[[[0, 2], [1, 1], [2, 0]]].reshape(3, 6)


@pytest.mark.parametrize(
    ("labels", "loss", "task"),
    [
        ([[0, 2], [1, 1], [2, 0]], "sparse_categorical_crossentropy", Classes(("0", "1", "2"), (0, 1, 2), True, 2)),
        ([[0, 1], [1, 1], [1, 0]], "sparse_categorical_crossentropy", Classes(("0", "1"), (0, 1), True, 2)),
        ([[0, 2], [1, 1], [2, 0]], "categorical_crossentropy", Classes(("0", "1", "2"), (0, 1, 2), False, 2)),
        ([[1, 3], [2, 2], [3, 1]], "sparse_categorical_crossentropy", Classes(("1", "2", "3"), (1, 2, 3), True, 2)),
        (ONE_HOT_STEPS, "categorical_crossentropy", Classes(("0", "1", "2"), (), False, 2)),
        (ONE_HOT_STEPS, "sparse_categorical_crossentropy", Classes(("0", "1", "2"), (), True, 2)),
        (ONE_HOT_STEPS, "binary_crossentropy", Classes(("0", "1", "2"), (), False, 2)),
        (ONE_HOT_STEPS / 2, "categorical_crossentropy", Numbers(("0", "1", "2", "3", "4", "5"))),
        (1 - ONE_HOT_STEPS, "binary_crossentropy", Binary(columns=6)),
    ],
)
def test_labels_of_a_sequence_are_classes_at_each_place(labels: Any, loss: str, task: Task) -> None:
    data = own(labels)
    assert task_for(data, 6, loss, spread=(2, 3)) == task
    require_fit(task, loss, 6, data, (2, 3))
    if not isinstance(task, Classes):
        return
    places = np.asarray(labels).reshape(3, 2, -1).argmax(axis=2) if not task.values else np.asarray(labels)
    places = places - min(task.values or (0,))
    one_hot = np.eye(3, dtype=np.float32)[places.astype(int)].reshape(3, 6)
    assert task.targets(data.labels, 6).tolist() == (places if task.sparse else one_hot).tolist()
    right = task.judged(one_hot, data.labels)
    assert right.in_words().startswith("6 of 6 places right (100.0 %); always answering ")
    kept = np.repeat([[True, False], [True, True], [False, False]], 3, axis=1)
    assert task.judged(np.roll(one_hot, 3, axis=1), data.labels, kept).points == 3
    assert task.judged(one_hot, data.labels, np.zeros((3, 6), bool)).in_words().startswith("No place is counted")


@pytest.mark.parametrize("chosen", [None, *TaskName])
@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "mean_squared_error"])
@pytest.mark.parametrize("labels", [[[0, 3], [1, 1]], [[0.5, 2], [1, 7]], [[0], [1]], [[0, 1, 0], [1, 1, 0]]])
def test_what_is_advised_where_labels_of_places_do_not_fit_can_be_followed(
    labels: Any, loss: str, chosen: TaskName | None
) -> None:
    data = own(labels)
    with pytest.raises(Refused) as refusal:
        require_fit(task_for(data, 6, loss, chosen, spread=(2, 3)), loss, 6, data, (2, 3))
    advised = re.search(r"choose (\w+)$", str(refusal.value))
    if advised is not None:
        task_for(data, 6, loss, TaskName(advised[1]), spread=(2, 3))
    if chosen is None:
        said = "name 2 label columns of class numbers, 0 to 2, or 6 label columns, one for each output"
        assert said in str(refusal.value) or "as Keras counts them) at each place of outputs of 2 x 3" in str(
            refusal.value
        )


# Numbers


@given(
    st.lists(
        st.tuples(*[st.floats(-100, 100, width=32)] * 4),
        min_size=2,
        max_size=30,
    )
)
def test_errors_are_those_of_numpy_and_keras(rows: list[tuple[float, ...]]) -> None:
    values = np.array(rows, np.float32)
    labels, outputs = values[:, :2], values[:, 2:]
    scores = Numbers(("a", "b")).judged(outputs, labels)
    off = outputs.astype(np.float64) - labels
    assert scores.mean_absolute_error == pytest.approx(np.abs(off).mean())
    assert scores.mean_squared_error == pytest.approx((off**2).mean())
    assert scores.baseline == pytest.approx(np.abs(labels - np.median(labels.astype(np.float64), axis=0)).mean())
    assert scores.baseline_squared == pytest.approx(labels.astype(np.float64).var(axis=0).mean(), abs=1e-9)
    if (labels.std(axis=0) > 1e-2 * np.abs(labels).max(axis=0)).all():
        metric: Any = keras.metrics.R2Score()
        metric.update_state(labels, outputs)
        assert scores.r2 == pytest.approx(float(metric.result()), rel=1e-2, abs=1e-2)


def test_labels_that_are_all_equal_have_an_r2() -> None:
    same = np.full((3, 1), 2.0)
    assert Errors.of(same, same).r2 == 1.0
    assert Errors.of(same + 1, same).r2 == 0.0


# In words


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            own([0, 1, 1]),
            "2 points labelled 1 and 1 labelled 0: always answering 1 is right for 66.7 % (",
        ),
        (own([0, 1, 1], ("no", "yes")), "2 points labelled yes and 1 labelled no: always answering yes is right for"),
        (own([0, 1, 2, 0, 1, 2]), "2 points labelled 2, 2 labelled 1 and 2 labelled 0: always answering 2 is right"),
        (own([0.5, 1.5, 4]), "Labels from 0.5 to 4: always answering the median 1.5 is 1.167 off on average, the mean"),
        (own(np.zeros((2, 0))), "2 rows to predict for."),
        (own([[-1, 1], [1, 1]]), "+1 in 50.0 %, 100.0 % of the rows, column by column."),
        (own([[0, 1], [1, 1]]), "1 in 50.0 %, 100.0 % of the rows, column by column."),
        # Of a mask over an image the first columns say nothing of the others.
        (
            own([[0] * 6 + [1, 0], [0] * 6 + [1, 1]]),
            "13 places labelled 0 and 3 labelled 1: always answering 0 is right for 81.2 % (the majority baseline).",
        ),
        (
            labelled([-1, 1]),
            "1 point labelled +1 and 1 labelled -1: always answering +1 is right for 50.0 %",
        ),
    ],
)
def test_the_balance_is_said(data: Dataset, words: str) -> None:
    assert balance(task_for(data, 1), data).startswith(words)


def test_every_loss_by_class_is_known() -> None:
    assert {loss for loss in LOSSES if by_class(loss)} == {
        name for name, loss in KERAS_LOSSES.items() if loss.labels in BY_CLASS
    }


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.booleans()), min_size=2, max_size=12), st.data())
def test_scores_of_parts_are_together_those_of_the_whole_where_a_mask_leaves_labels_out(
    rows: list[tuple[bool, float, bool]], data: Any
) -> None:
    labels = np.array([[float(one)] for one, _, _ in rows], np.float32)
    outputs = np.array([[number] for _, number, _ in rows], np.float32)
    kept = np.array([[left] for _, _, left in rows])
    cut = data.draw(st.integers(1, len(rows) - 1))
    whole = Binary().judged(outputs, labels, kept)
    parts = [Binary().judged(outputs[part], labels[part], kept[part]) for part in (slice(cut), slice(cut, None))]
    joined = Answers.joined(parts)
    np.testing.assert_array_equal(joined.confusion, whole.confusion)
    if kept.any():
        assert joined.binary_accuracy == pytest.approx(whole.binary_accuracy)
