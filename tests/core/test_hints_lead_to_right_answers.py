"""What a hint leads to is right by the marking that stands behind it, in every lesson and in exercises."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.activations import activation
from core.calculation.calculated import Spot
from core.decimals import rounded
from core.formatting import number
from core.layers.global_pooling import GlobalAveragePooling1D
from core.layers.normalization import LayerNormalization
from core.layers.pooling import MaxPooling1D
from core.lessons.checking import check
from core.lessons.lesson import Answer, Do
from core.lessons.progress import Progress
from core.lessons.shelf import built_in
from core.model.graph import Input, chain
from core.practice.judging import judge
from core.practice.sheet import Sheet, work
from core.practice.telling import hints, question
from tests.core.learner import begun, seen
from tests.core.practice_people import random_work
from tests.core.test_built_in_lessons import do
from tests.graphs import attending, opened, point
from tests.printed_lines import comes_to

if TYPE_CHECKING:
    from collections.abc import Iterator

ARITHMETIC = re.compile(r"(?:tanh)?[-(]*\d+(?:\.\d+)?(?:\)* [-+*/] [-(]*\d+(?:\.\d+)?)+\)*")


def made_by(text: str) -> float:
    """Return what the arithmetic of a hint comes to: of its numbers as they are printed."""
    # A bracket of the sentence around it may be left over.
    made = comes_to(text + ")" * (text.count("(") - text.count(")")))
    assert made is not None, text
    return float(made)


def leading_hints(language: str) -> Iterator[tuple[int, int, str]]:
    """Give lesson, step and the last arithmetic in its hints, of every step that asks for a number of a page."""
    for place, lesson in enumerate(built_in(language)):
        for at, step in enumerate(lesson.steps):
            found = [text for hint in step.hints for text in ARITHMETIC.findall(hint)]
            if isinstance(step.check, Answer) and "[" not in step.check.symbol and found:
                yield place, at, found[-1]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_lessons_hint_is_right_by_the_lessons_own_marking(language: str) -> None:
    tried = list(leading_hints(language))
    assert len(tried) >= 6
    for place, at, text in tried:
        lesson = built_in(language)[place]
        step, digits = lesson.steps[at], lesson.setup.digits
        made = made_by(text)
        session = begun(lesson)
        for earlier in lesson.steps[:at]:
            if isinstance(earlier.check, Do):
                do(session, earlier)
        right = check(step, number(made, digits), seen(session), digits, Progress()).right
        assert right, f"{lesson.title}, {step.heading}: {text} comes to {made}, which is rejected"


def test_the_products_of_a_lessons_hint_added_up_are_right() -> None:
    lesson = built_in()[3]
    for typed in ("1.3855", "1.3856"):
        assert check(lesson.steps[1], typed, seen(begun(lesson)), 4, Progress()).right


@pytest.mark.parametrize("seed", range(60))
def test_what_the_hints_of_a_random_exercise_lead_to_is_right(seed: int) -> None:
    random = np.random.default_rng(seed)
    chain = random_work(random)
    for place, step in enumerate(chain.page.steps):
        if step.kernel is None or step.pre_activation is None:
            continue
        unit = int(random.integers(step.kernel.shape[1]))
        for value in ("weighted sum", "pre-activation"):
            blank = chain.at(place, value, unit)
            if (value == "pre-activation" and step.bias is None) or not abs(chain.work.page.number(blank)) < 1e6:
                continue
            exercise = Sheet(chain.work, (blank,), 1)
            led_to = _added(hints(exercise, blank, {})[1:])
            if led_to is not None:
                answer = float(rounded(float(led_to), chain.digits))
                assert judge(exercise, blank, answer, {}).right, (blank, led_to, hints(exercise, blank, {}))


def _added(told: tuple[str, ...]) -> Decimal | None:
    """Return the sum of the numbers that hints end in; None where one has an exponent or is a product still."""
    ends = [re.search(r"(?:~?=|add up to) (-?\d+\.\d+)$", hint) for hint in told]
    return sum((Decimal(end[1]) for end in ends if end), Decimal(0)) if ends and all(ends) else None


def test_an_activation_hint_leads_to_a_right_answer() -> None:
    for seed in range(20):
        chain = random_work(np.random.default_rng(seed))
        step = chain.page.steps[0]
        if step.pre_activation is None or step.activation not in ("tanh", "sigmoid", "relu"):
            continue
        blank = chain.at(0, "output")
        exercise = Sheet(chain.work, (blank,), 1)
        z = float(number(float(step.pre_activation[0]), chain.digits))
        made = float(activation(step.activation).function(np.array([z]))[0])
        assert judge(exercise, blank, float(rounded(made, chain.digits)), {}).right


def test_a_number_that_is_calculated_in_one_step_has_a_hint_too() -> None:
    layers = [MaxPooling1D("largest", (2,), (2,)), GlobalAveragePooling1D("mean"), LayerNormalization("norm")]
    model = opened(chain("pools", Input("steps", (4, 1)), layers))
    made = work(model.graph, model.weights, [np.array([[0.5], [0.25], [-1.0], [2.0]])])
    largest, mean = Spot(("largest",), "output", (0, 0)), Spot(("mean",), "output", (0,))
    sheet = Sheet(made, (largest, mean), 1)
    assert hints(sheet, largest, {}) == ("output[1,1] = max(0.5000, 0.2500)",)
    assert hints(sheet, mean, {}) == ("largest/output[1,1] is still blank: find that first",)
    assert hints(Sheet(made, (mean,), 1), mean, {}) == (
        "output[1] = mean(0.5000, 2.0000)",
        "the 2 numbers add up to 2.5000",
    )
    attended = attending()
    heads = work(attended.graph, attended.weights, point(attended, 1))
    score = Spot(("attention",), "score", (0, 0, 0))
    asked = Sheet(heads, (score,), 1)
    assert "/ sqrt(key_dim)" in question(asked, score, {}) and "key_dim = 3" in question(asked, score, {})
