"""The lessons that come with byhand: each can be walked to its end, and what it says is true."""

from __future__ import annotations

import re
import tomllib
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.arrays import point
from core.calculation.followed import Asked, follow
from core.calculation.running import predict
from core.data.dataset import SumRule, generate
from core.errors import Refused
from core.formatting import number
from core.lessons.checking import check, check_done
from core.lessons.conditions import TABS
from core.lessons.lesson import Choice, Do, Lesson, Step
from core.lessons.progress import Progress, do_instead
from core.lessons.shelf import built_in, lesson_called
from core.model.tutorial import always_right, trained
from core.operations.rounding import Rounding
from tests.core.learner import begun, right_entry, seen, wrong_entries
from tests.tasks import judged
from tests.traced import trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.session.session import Session


PROJECT = Path(__file__).parents[2] / "pyproject.toml"

NETWORK, WEIGHTS = trained()

GATES = ("input gate", "forget gate", "candidate", "output gate")


def do(session: Session, step: Step) -> str:
    """Do what the step asks for, and return which tab is then open."""
    assert isinstance(step.check, Do)
    if not do_instead(session, step) and not step.check.wanted.startswith("open"):
        session.load_always_right()
    return next((name for name, title in TABS.items() if step.check.wanted == f"open the {title} tab"), "")


@pytest.mark.parametrize("place", range(8))
def test_a_built_in_lesson_is_walked_to_its_end(place: int) -> None:
    of = built_in()[place]
    session, progress, tab = begun(of), Progress(), of.setup.tab or ""
    assert 3 <= len(of.steps) <= 7
    assert of.about
    while (step := progress.current(of)) is not None:
        right = right_entry(step, session.state, of.setup.digits)
        for wrong in wrong_entries(step, right):
            verdict = check(step, wrong, seen(session, tab), of.setup.digits, progress)
            assert not verdict.right, (step.heading, wrong)
            assert verdict.sentence.startswith("Not yet: ")
            progress = progress.after(verdict)
        if isinstance(step.check, Do):
            assert not check_done(step, seen(session, tab), progress).right, step.heading
            tab = do(session, step) or tab
        verdict = check(step, right, seen(session, tab), of.setup.digits, progress)
        assert verdict.right, (step.heading, right)
        progress = progress.after(verdict).onward(of)
    assert not progress.skipped
    assert progress.wrong > 0


def test_there_are_eight_lessons_and_each_is_called_by_its_number() -> None:
    assert len(built_in()) == 8
    assert [lesson_called(str(place + 1)) for place in range(8)] == list(built_in())
    for name in ("0", "9", "99999999999999", "", "nowhere.md"):
        with pytest.raises(Refused):
            lesson_called(name)


def test_the_lessons_are_installed_with_the_package() -> None:
    project = tomllib.loads(PROJECT.read_text())
    assert project["tool"]["setuptools"]["package-data"]["core"][0] == "lessons/files/*.md"


def texts(of: Lesson) -> Iterator[str]:
    yield of.about
    for step in of.steps:
        yield from (step.text, step.right, *step.hints)
        if isinstance(step.check, Choice):
            yield from (part for option in step.check.options for part in (option.text, option.reply))


def of_the_lstm() -> list[float]:
    """Return the numbers of the LSTM's second step, and what is calculated on the way to them."""
    state = begun(built_in()[7]).state
    exact = follow(Asked(state.model.network, state.model.weights, state.x)).exact
    made = [number for value in exact.values for number in exact.array(value).ravel().tolist()]
    kernel, recurrent, bias = (
        array[-1:].ravel() if array.ndim > 1 else array for array in state.model.weights.layers[0]
    )
    hidden = exact.array(exact.find("lstm/hidden state"))[0, 0]
    z = state.x[1] * kernel + hidden * recurrent + bias
    one, keep, new, _ = (exact.array(exact.find(f"lstm/{name}"))[1, 0] for name in GATES)
    cells = exact.array(exact.find("lstm/cell state"))[:, 0]
    products = (keep * cells[0], one * new, np.tanh(cells[1]), *(hidden * recurrent))
    return [*made, *z, *np.exp(z), *np.exp(-z), *products]


def calculated_numbers() -> set[str]:
    """Return every number with four decimals, without its sign, that the lessons may speak of."""
    made: list[float] = [
        *(np.tanh(z) for z in (0.1, 0.5, 2.0, 3.0)),
        *(np.exp(z) for z in (0.4277, -0.4277, 1.6596, -1.6596)),
        1 + 0.5643,
    ]
    for x in ([0.3, 0.1], [0.6, 0.2], [0.0, 0.0]):
        for network, weights in (trained(), always_right(2, 0.5)):
            for step in trace(network, weights, point(x)).steps:
                assert step.kernel is not None
                arrays = (step.kernel, step.weighted_sum, step.bias, step.pre_activation, step.output)
                made += [one for array in arrays if array is not None for one in array.ravel().tolist()]
                made += np.ravel(step.inputs[:, np.newaxis] * step.kernel).tolist()
    made += of_the_lstm()
    for rounding in Rounding:
        made += trace(NETWORK, WEIGHTS, point([0.3, 0.1]), rounding, 4).prediction.tolist()
    return {f"{abs(one):.4f}" for one in made}


@pytest.mark.parametrize("place", range(8))
def test_every_number_with_four_decimals_in_a_built_in_lesson_is_calculated(place: int) -> None:
    known = calculated_numbers()
    written = {found for text in texts(built_in()[place]) for found in re.findall(r"(?<![\d.])\d+\.\d{4}(?!\d)", text)}
    assert written <= known


def test_what_the_lessons_say_of_the_tutorials_model_is_so() -> None:
    steps = np.linspace(0.0, 1.0, 201)
    square = np.array(list(product(steps, steps)))
    predictions = predict(NETWORK, WEIGHTS, square)[:, 0]
    assert predictions.min() > 0
    assert square[predictions.argmin()].tolist() == [0.0, 0.0]
    assert number(predictions.min()) == "0.7668"
    data = generate(SumRule())
    confusion = judged(predict(NETWORK, WEIGHTS, data.points), data.labels).confusion.tolist()
    assert confusion == [[0, 34, 0], [0, 216, 0]]
    assert WEIGHTS.count == 21


def test_what_the_lessons_say_of_the_data_is_so() -> None:
    many = generate(SumRule(400_000, 2, 0.5, 5))
    assert abs(float((many.labels > 0).mean()) - 0.875) < 0.002
    assert int((generate(SumRule()).labels > 0).sum()) == 216


def test_what_the_lessons_say_of_the_model_that_is_always_right_is_so() -> None:
    network, weights = always_right(2, 0.5)
    for data in (generate(SumRule()), generate(SumRule(200, 2, 0.5, 1))):
        assert judged(predict(network, weights, data.points), data.labels).accuracy == 1.0
    assert predict(network, weights, np.array([[0.2, 0.3]])).tolist() == [[0.0]]
