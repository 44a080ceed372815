"""The loss of one row on paper: every line follows from the digits before it, and what is said of it is true."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.calculation.loss import CONVERTED, of_one
from core.calculation.loss_steps import CORNER, FLAT, INSIDE, STILL, WRONG_SIDE
from core.errors import Refused
from core.export.loss import MAX_LINES, KerasLoss, loss_json, loss_text
from core.losses import KERAS_LOSSES, Labels, loss_called
from core.operations.rounding import Rounding
from core.training.options import Options
from tests.core.loss_cases import loss_by_hand, losses

if TYPE_CHECKING:
    from core.calculation.loss import LossWork

Row = tuple[str, list[float], list[float], Options]

REAL = st.floats(-2, 2) | st.floats(-30, 30)

BY_CLASS = (Labels.ONE_HOT, Labels.CLASSES)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """A loss, its settings, and a label and outputs that fit it."""
    loss = draw(losses())
    width = draw(st.integers(2 if loss.labels in BY_CLASS else 1, 16))
    real = loss.labels in (Labels.SIGNS, Labels.NUMBERS) or loss.of_logits
    outputs = draw(st.lists(REAL if real else st.floats(-0.1, 1.1), min_size=width, max_size=width))
    place = draw(st.integers(0, width - 1))
    each = {Labels.SIGNS: st.sampled_from([-1.0, 1.0]), Labels.BINARY: st.sampled_from([0.0, 1.0])}
    if loss.labels is Labels.CLASSES:
        return loss.name, [float(place)], outputs, loss.given
    if loss.labels is Labels.ONE_HOT and draw(st.booleans()):
        label = draw(st.lists(st.sampled_from([0.0, 1.0, 0.25, 0.3, -1.0]), min_size=width, max_size=width))
        return loss.name, label, outputs, loss.given
    if loss.labels is Labels.ONE_HOT:
        return loss.name, [float(at == place) for at in range(width)], outputs, loss.given
    numbers = each.get(loss.labels, (st.integers(-1, 1) | st.integers(-20, 20)).map(float))
    if loss.name == "mean_absolute_percentage_error":
        # Of 0 it is so large that its digits are not all written: it has a test of its own.
        numbers = numbers.filter(bool)
    return loss.name, draw(st.lists(numbers, min_size=width, max_size=width)), outputs, loss.given


def worked(row: Row, rounding: Rounding = Rounding.SHOWN, digits: int = 4) -> LossWork:
    return loss_by_hand(row[0], row[1], np.array(row[2]), rounding, digits, row[3])


def calculated(numbers: str) -> float:
    """Calculate what stands on the paper, as one would with a pocket calculator."""
    code = re.sub(r"\(\d+ more: ([^)]*)\)", r"(\1)", numbers)
    code = re.sub(r"\|([^|]*)\|", r"abs(\1)", code).replace("^", "**").replace("max(", "greater(")
    assert re.fullmatch(r"(abs|greater|min|log|cosh|sqrt|exp|nan|[-+*/(), .\d]|e[-+]\d|1e-7)*", code), code
    names = {"abs": abs, "greater": np.maximum, "min": min, "log": math.log, "cosh": math.cosh, "sqrt": math.sqrt}
    names |= {"exp": math.exp, "nan": math.nan}
    return float(eval(code, {"__builtins__": {}}, names))


@given(rows())
def test_shown_is_the_exact_loss(row: Row) -> None:
    loss, work = loss_called(row[0], row[3]), worked(row)
    with np.errstate(all="ignore"):
        exact = loss.function(np.array([row[1]]), np.array([row[2]]))[0]
    assert work.total == pytest.approx(exact, rel=1e-9, abs=1e-9, nan_ok=True)
    assert work.total == pytest.approx(work.lines[-1].value, nan_ok=True)
    assert work.lines[-1].symbol == work.symbol == ("L" if loss.weight == 1.0 else "loss")


@example(("sparse_categorical_crossentropy", [0.0], [0.0] * 13, ()), 2)
@example(("categorical_generalized_cross_entropy", [12.0], [0.0] * 12 + [-0.0625], (("q", 0.125),)), 1)
@given(rows(), st.integers(1, 9))
def test_carried_every_line_follows_from_the_digits_that_are_written(row: Row, digits: int) -> None:
    for line in worked(row, Rounding.CARRIED, digits).lines:
        # What is no number to the power of 0 is 1.
        if not math.isfinite(line.value) or "nan" in line.numbers:
            assert re.search(r"/ 0\.0+$|nan|inf|(log|sqrt)\(\(?-|\(-[0-9.]+\)\^0\.", line.numbers), line
            continue
        assert float(line.result) == line.value, line
        # Half of the last digit; the middle of a long sum is written as one number, which has a rounding of its own.
        allowed = (1.0 if "more:" in line.numbers else 0.5) * 10.0 ** -len(line.result.partition(".")[2])
        assert calculated(line.numbers) == pytest.approx(line.value, rel=1e-12, abs=allowed + 1e-12), line


@given(rows())
def test_each_symbol_of_a_formula_is_given_or_was_made_before(row: Row) -> None:
    work = worked(row)
    known = {"max", "min", "log", "cosh", "sqrt", "exp", "more", "e", "z"}
    for symbol in ("y", "yhat", "label", "z"):
        known |= {symbol, *(f"{symbol}{place}" for place in range(1, len(row[2]) + 1))}
    known |= {f"c{place}" for place in range(1, len(row[2]) + 1)}
    for line in work.lines:
        assert set(re.findall(r"[a-z]+\d*", re.sub(r"1e-7", "", line.formula))) <= known, line
        known.add(line.symbol)


# What is said


@pytest.mark.parametrize("name", ["hinge", "squared_hinge"])
@pytest.mark.parametrize(
    ("label", "output", "why", "flat"),
    [
        (1, 1.5, FLAT, True),
        (-1, -1.01, FLAT, True),
        (1, 1.0, CORNER, True),
        (-1, -1.0, CORNER, True),
        (1, 0.25, INSIDE, False),
        (-1, 0.25, WRONG_SIDE, False),
        (1, 0.0, WRONG_SIDE, False),
    ],
)
def test_hinge_says_on_which_side_of_the_margin_it_is(
    name: str, label: float, output: float, why: str, flat: bool
) -> None:
    work = loss_by_hand(name, label, np.array([output]))
    assert [line.why.removesuffix(STILL) for line in work.lines if line.why] == [why]
    assert work.lines[1].value == 1 - label * output
    assert (work.total == 0) == flat
    corner = why == CORNER
    assert (work.slope == (0.0,)) == (flat and not (corner and name == "hinge"))


@pytest.mark.parametrize(
    ("name", "label", "output", "lines"),
    [
        ("huber", 1, 0.12346, ["-0.8765", "0.8765", "0.7683", "0.3842"]),
        ("mean_squared_error", 1, 0.00996, ["0.9900", "0.9801"]),
        ("log_cosh", 0, 0.50004, ["0.5000", "1.1276", "0.1201"]),
        ("binary_crossentropy", 0, 0.33334, ["0.6667", "0.4054"]),
        ("categorical_crossentropy", [0, 1, 0], [0.33334, 0.33334, 0.33334], ["0.9999", "0.3333", "1.0987"]),
    ],
)
def test_carried_goes_on_with_what_is_written(
    name: str, label: float | list[float], output: float | list[float], lines: list[str]
) -> None:
    work = loss_by_hand(name, label, np.atleast_1d(output), Rounding.CARRIED, 4)
    assert [line.result for line in work.lines] == lines
    assert work.total == float(lines[-1])
    assert work.total != pytest.approx(loss_by_hand(name, label, np.atleast_1d(output)).total, abs=1e-6)


def test_what_is_carried_decides_the_side() -> None:
    """0.99996 is 1.0000 on paper: the corner, though the exact margin is above 0."""
    outputs = np.array([0.99996])
    assert loss_by_hand("hinge", 1, outputs).total > 0
    carried = loss_by_hand("hinge", 1, outputs, Rounding.CARRIED, 4)
    assert carried.total == 0
    assert carried.lines[-1].why == CORNER + STILL


@pytest.mark.parametrize("name", ["hinge", "squared_hinge"])
def test_labels_of_0_and_1_are_converted_and_it_is_said_once(name: str) -> None:
    work = loss_by_hand(name, [0, 1, 0], np.array([0.5, 0.5, -2.0]))
    converted = [line for line in work.lines if line.symbol.startswith("y")]
    assert [(line.symbol, line.numbers, line.result) for line in converted] == [
        ("y1", "2*0 - 1", "-1"),
        ("y2", "2*1 - 1", "1"),
        ("y3", "2*0 - 1", "-1"),
    ]
    assert [line.why for line in converted] == [CONVERTED, "", ""]
    assert work.converted
    assert work.total == loss_by_hand(name, [-1, 1, -1], np.array([0.5, 0.5, -2.0])).total


@pytest.mark.parametrize("label", [1, -1])
def test_a_label_of_minus_1_or_plus_1_is_left_as_it_is(label: int) -> None:
    work = loss_by_hand("hinge", label, np.array([0.5]))
    assert not work.converted
    assert [line.symbol for line in work.lines] == ["s", "m", "L"]


@pytest.mark.parametrize(("output", "branch"), [(1.5, "square"), (0.0, "square"), (-0.001, "straight")])
def test_huber_says_which_branch_and_why(output: float, branch: str) -> None:
    work = loss_by_hand("huber", 1, np.array([output]))
    assert f"the {branch} branch" in work.lines[-1].why
    assert ("at most delta = 1" in work.lines[-1].why) == (branch == "square")
    error = abs(output - 1)
    assert work.total == pytest.approx(error**2 / 2 if branch == "square" else error - 0.5)


@pytest.mark.parametrize(
    ("output", "label", "lines", "said"),
    [
        (1.0, 0, ["p", "q", "L"], "In its float32 1 - 1e-7 is 0.99999988079."),
        (0.0, 1, ["p", "L"], "as log(0) is infinite"),
        (-0.25, 1, ["p", "L"], "Below 0 or above 1 is no probability"),
        (0.75, 0, ["q", "L"], ""),
        (0.75, 1, ["L"], ""),
    ],
)
@pytest.mark.parametrize("rounding", Rounding)
def test_clipping_is_said_where_it_acts_and_only_there(
    output: float, label: int, lines: list[str], said: str, rounding: Rounding
) -> None:
    work = loss_by_hand("binary_crossentropy", label, np.array([output]), rounding)
    assert [line.symbol for line in work.lines] == lines
    assert ("Keras keeps a probability" in work.lines[0].why) == bool(said)
    assert said in work.lines[0].why
    # float32's 1 - 1e-7 is further from 1 than 1e-7 is from 0.
    assert not said or work.total == pytest.approx(15.9424 if output == 1.0 else 16.1181, abs=2e-4)
    assert "0.0000" not in [part for line in work.lines for part in re.findall(r"log\((.*)\)", line.numbers)]


def test_one_hot_divides_before_it_clips_and_a_class_the_other_way_round() -> None:
    outputs = np.array([0.0, 0.25, 0.5])
    one_hot = loss_by_hand("categorical_crossentropy", [1, 0, 0], outputs)
    assert [line.symbol for line in one_hot.lines] == ["s", "p", "c", "L"]
    assert one_hot.total == pytest.approx(-math.log(1e-7))
    of_class = loss_by_hand("sparse_categorical_crossentropy", 0, outputs)
    assert [line.symbol for line in of_class.lines] == ["c1", "s", "p", "L"]
    assert of_class.lines[1].numbers == "0.0000001 + 0.2500 + 0.5000"
    assert of_class.total == pytest.approx(-math.log(1e-7 / 0.7500001))


def test_of_many_classes_only_the_labels_clipping_has_a_line() -> None:
    outputs = np.zeros(1000)
    outputs[7] = 1.0
    work = loss_by_hand("sparse_categorical_crossentropy", 3, outputs)
    assert [line.symbol for line in work.lines] == ["c4", "s", "p", "L"]
    assert work.lines[1].formula == "c1 + c2 + (996 more) + c999 + c1000"
    assert work.lines[1].why == "Keras clips before it divides: 999 other outputs (c) too."
    assert work.total == pytest.approx(-math.log(1e-7 / (1 + 998e-7)))


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("outputs", [[0.0, 0.0, 0.0], [-1.0, -0.5, -0.25]])
def test_a_class_whose_outputs_are_all_clipped_is_one_of_equals(outputs: list[float], rounding: Rounding) -> None:
    work = loss_by_hand("sparse_categorical_crossentropy", 1, np.array(outputs), rounding)
    assert work.total == pytest.approx(math.log(3), abs=1e-3)


def lines_of(name: str, label: float | list[float], outputs: list[float]) -> list[tuple[str, str, str]]:
    return [(line.symbol, line.formula, line.result) for line in loss_by_hand(name, label, np.array(outputs)).lines]


def test_an_error_in_percent_is_of_the_label_and_of_1e_7_where_that_is_0() -> None:
    assert lines_of("mean_absolute_percentage_error", -2, [0.5]) == [
        ("e", "y - yhat", "-2.5000"),
        ("r", "|e| / |y|", "1.2500"),
        ("L", "100*r", "125.0000"),
    ]
    work = loss_by_hand("mean_absolute_percentage_error", 0, np.array([0.5]))
    assert work.lines[1].formula == "|e| / 1e-7"
    assert work.lines[1].why == "y is 0, and Keras divides by 1e-7 at least."
    assert work.total == pytest.approx(5e8)


def test_the_hinge_of_classes_names_the_largest_of_the_others() -> None:
    work = loss_by_hand("categorical_hinge", [0, 1, 0], np.array([0.25, 0.5, -0.75]))
    assert [line.numbers for line in work.lines] == ["max(0.2500, 0)", "0.2500 - 0.5000 + 1", "max(0.7500, 0)"]
    assert work.lines[0].why.startswith("yhat1 is the largest output of the other classes")
    assert work.slope == (1.0, -1.0, 0.0)
    flat = loss_by_hand("categorical_hinge", [0, 1], np.array([-0.25, 1.5]))
    assert (flat.total, flat.slope) == (0.0, (0.0, 0.0))
    assert flat.lines[2].why == "yhat2 is above it by more than 1: the loss is 0 and so is its slope."


def test_the_divergence_counts_the_labels_0s_as_keras_does() -> None:
    work = loss_by_hand("kl_divergence", [0, 1, 0], np.array([0.5, 0.5, 0.0]))
    assert [line.symbol for line in work.lines] == ["t", "r", "L"]
    assert work.lines[1].formula == "1e-7*(log(1e-7 / yhat1) + log(1e-7 / c3))"
    assert work.total == pytest.approx(math.log(2) + 1e-7 * math.log(2e-7), abs=1e-12)


def test_a_cosine_divides_by_the_length_of_the_outputs() -> None:
    assert lines_of("cosine_similarity", [1, 0], [3.0, -4.0]) == [
        ("s", "yhat1^2 + yhat2^2", "25.0000"),
        ("n", "sqrt(s)", "5.0000"),
        ("L", "-yhat1 / n", "-0.6000"),
    ]
    nothing = loss_by_hand("cosine_similarity", [1, 0], np.zeros(2))
    assert nothing.lines[1].formula == "max(sqrt(s), 1e-7)"
    assert nothing.total == 0


@pytest.mark.parametrize(
    ("name", "label", "output", "said"),
    [
        ("poisson", 1, -0.5, "has no logarithm here"),
        ("categorical_generalized_cross_entropy", 1, -0.5, "has no square root"),
    ],
)
def test_outputs_of_which_there_is_no_loss_are_said(name: str, label: float, output: float, said: str) -> None:
    outputs = np.array([output]) if name == "poisson" else np.array([0.5, output])
    work = loss_by_hand(name, label, outputs)
    assert np.isnan(work.total)
    assert said in work.lines[0].why


@pytest.mark.parametrize("name", ["dice", "tversky"])
def test_a_loss_over_a_batch_is_that_of_a_batch_of_the_row(name: str) -> None:
    work = loss_by_hand(name, [1, 0], np.array([0.5, 0.25]))
    text = loss_text(of_one(work), 4)
    assert ", one number for a batch, here of this row\n" in text
    assert work.total == pytest.approx(1 - 1 / 1.75 if name == "dice" else 1 - 0.5 / 0.875, abs=1e-6)


def test_far_off_log_cosh_is_a_straight_line() -> None:
    work = loss_by_hand("log_cosh", -1, np.array([1000.0]))
    assert work.lines[-1].formula == "|e| - log(2)"
    assert work.total == pytest.approx(1001 - math.log(2))


@pytest.mark.parametrize("name", KERAS_LOSSES)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_outputs_that_are_not_finite_or_huge_end_in_no_error(name: str, bad: float) -> None:
    labels = KERAS_LOSSES[name].labels
    label = [1.0] if labels is Labels.CLASSES else [1.0, 0.0]
    for rounding in Rounding:
        work = loss_by_hand(name, label, np.array([bad, 0.5]), rounding)
        assert work.lines[-1].value == work.total or np.isnan(work.total)
        json.dumps(loss_json(of_one(work), KerasLoss(math.nan, math.nan)), allow_nan=False)


@pytest.mark.parametrize("shape", [(0,), (1, 1)])
def test_anything_but_one_row_of_outputs_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(Refused, match=r"^expected one row of outputs, got an array of shape"):
        loss_by_hand("hinge", 1, np.zeros(shape))


# The tutorial's example, as text and as JSON


def test_the_tutorials_example_as_text() -> None:
    work = loss_by_hand("hinge", -1, np.array([0.93015913]))
    assert loss_text(of_one(work), 4, KerasLoss(1.9301592, 1.9301592)) == (
        "loss     hinge = max(1 - y*yhat, 0)\n"
        "label y = -1   output yhat = 0.9302\n"
        "  s = y*yhat = (-1)*0.9302 = -0.9302\n"
        "  m = 1 - s = 1 - (-0.9302) = 1.9302\n"
        "  L = max(m, 0) = max(1.9302, 0) = 1.9302\n"
        "     y*yhat is not above 0: yhat is not on the label's side, so the loss is at least 1.\n"
        "slope of L along yhat: 1.0000\n"
        "by hand  L = 1.9302 (1.93015913)\n"
        "Keras    L = 1.9302 (1.9301592)   differ 7e-08\n"
    )


def test_several_outputs_are_a_mean_and_a_class_is_named() -> None:
    text = loss_text(of_one(loss_by_hand("mean_squared_error", [1, 0.25], np.array([0.5, 0.0]))), 4)
    assert "mean_squared_error = (y - yhat)^2, the mean over 2 outputs\n" in text
    assert "label y = [ 1 0.25 ]   output yhat = [ 0.5000 0.0000 ]\n" in text
    assert "  L = (l1 + l2) / 2 = (0.2500 + 0.0625) / 2 = 0.1563\n" in text
    text = loss_text(of_one(loss_by_hand("sparse_categorical_crossentropy", 1, np.array([0.25, 0.75]))), 4)
    assert "label y = class 1   output yhat = [ 0.2500 0.7500 ]\n" in text
    assert "The label is class 1, counted from 0, which is yhat2: only that output counts.\n" in text


def test_a_long_text_says_how_much_is_left_out_and_json_has_it_all() -> None:
    work = loss_by_hand("hinge", np.ones(100), np.zeros(100))
    text = loss_text(of_one(work), 4)
    assert f"\n  and {len(work.lines) - MAX_LINES} more lines, which --format json has\n" in text
    assert len(loss_json(of_one(work))["lines"]) == len(work.lines) == 301


def test_json_has_every_line_and_keras() -> None:
    work = loss_by_hand("binary_crossentropy", 0, np.array([0.25]), Rounding.CARRIED, 2)
    made = json.loads(json.dumps(loss_json(of_one(work), KerasLoss(0.28768208, 0.28768208)), allow_nan=False))
    assert (made["loss"], made["label"], made["outputs"], made["total"]) == ("binary_crossentropy", [0], [0.25], 0.29)
    assert made["lines"][0] == {
        "symbol": "q",
        "formula": "1 - yhat",
        "numbers": "1 - 0.25",
        "value": 0.75,
        "why": "",
    }
    assert made["abs_difference"] == pytest.approx(0.00231792)
