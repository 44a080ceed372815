"""Learning-rate schedules: the same numbers as Keras's own, and what is no schedule is refused."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refused
from core.training.schedules import SCHEDULES, Schedule, read_schedule, schedule_in_words

COUNTS = st.integers(1, 60).map(float)
SHARES = st.floats(0.05, 0.95)

DRAWN: dict[str, dict[str, st.SearchStrategy[bool | float]]] = {
    "exponential_decay": {"decay_steps": COUNTS, "decay_rate": SHARES, "staircase": st.booleans()},
    "inverse_time_decay": {"decay_steps": COUNTS, "decay_rate": SHARES, "staircase": st.booleans()},
    "polynomial_decay": {
        "decay_steps": COUNTS,
        "end_learning_rate": st.floats(0, 0.01),
        "power": st.floats(0.5, 3),
        "cycle": st.booleans(),
    },
    "cosine_decay": {"decay_steps": COUNTS, "alpha": SHARES, "warmup_target": SHARES, "warmup_steps": COUNTS},
    "cosine_decay_restarts": {
        "first_decay_steps": COUNTS,
        "t_mul": st.sampled_from([1.0, 1.5, 2.0, 3.0]),
        "m_mul": SHARES,
        "alpha": SHARES,
    },
}


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    name = draw(st.sampled_from(list(DRAWN)))
    return Schedule(name, tuple((option, draw(values)) for option, values in DRAWN[name].items()))


def by_keras(schedule: Schedule, first: float) -> Any:
    return getattr(keras.optimizers.schedules, schedule.kind.keras_class)(first, **dict(schedule.options))


@given(schedules(), st.sampled_from([0.001, 0.1, 1.0]), st.integers(0, 200))
@settings(deadline=None, max_examples=150)
def test_the_learning_rate_is_keras_s(schedule: Schedule, first: float, step: int) -> None:
    theirs = float(by_keras(schedule, first)(step))
    ours = [schedule.rate(first, near) for near in (step, max(step - 1, 0), step + 1)]
    if any(schedule.rate(first, step) != pytest.approx(near, rel=0.3) for near in ours):
        # At a jump float32 may come down on the other side of it.
        assert any(theirs == pytest.approx(near, rel=1e-4, abs=1e-7) for near in ours)
    else:
        assert theirs == pytest.approx(ours[0], rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("step", range(12))
def test_pieces_change_after_their_boundaries(step: int) -> None:
    schedule = read_schedule("piecewise_constant_decay boundaries 3 8, values 0.5 0.25")
    assert schedule is not None
    theirs = keras.optimizers.schedules.PiecewiseConstantDecay([3, 8], [1.0, 0.5, 0.25])
    assert schedule.rate(1.0, step) == float(theirs(step))


def test_without_options_it_is_what_keras_takes_anyway() -> None:
    for text in ("polynomial_decay decay_steps 20", "cosine_decay decay_steps 20"):
        schedule = read_schedule(text)
        assert schedule is not None
        for step in (0, 7, 20, 50):
            assert schedule.rate(0.1, step) == pytest.approx(float(by_keras(schedule, 0.1)(step)), rel=1e-5, abs=1e-8)


@given(schedules())
def test_what_it_says_is_what_can_be_typed(schedule: Schedule) -> None:
    again = read_schedule(schedule_in_words(schedule))
    assert again is not None
    assert again.rate(0.5, 17) == schedule.rate(0.5, 17)


@pytest.mark.parametrize("text", ["", "  ", "constant", " constant "])
def test_a_constant_learning_rate_has_no_schedule(text: str) -> None:
    assert read_schedule(text) is None
    assert schedule_in_words(None) == "constant"


def test_keras_s_own_spelling_is_understood() -> None:
    spelled = read_schedule("ExponentialDecay decay_steps=10, decay_rate=0.5, staircase")
    assert spelled == Schedule("exponential_decay", (("decay_steps", 10.0), ("decay_rate", 0.5), ("staircase", True)))


@pytest.mark.parametrize(
    "text, message",
    [
        ("cosine", "expected a learning-rate schedule out of constant, exponential_decay, "),
        ("constant 3", "got 'constant'"),
        ("cosine_decay", "cosine_decay needs decay_steps, a whole number of batches, from 1"),
        ("cosine_decay decay_steps", "expected a number after decay_steps"),
        (
            "cosine_decay decay_steps 0",
            "cosine_decay to be a whole number of batches, from 1, got 0",
        ),
        ("cosine_decay decay_steps 2.5", "got 2.5"),
        ("cosine_decay decay_steps ten", "expected a number such as"),
        ("cosine_decay decay_steps 9, decay_steps 9", "once, got it twice"),
        ("cosine_decay decay_steps 9, power 2", "out of decay_steps, alpha, warmup_target, warmup_steps; got 'power'"),
        ("cosine_decay decay_steps 9, warmup_steps 3", "expected warmup_steps and warmup_target together"),
        (
            "exponential_decay decay_steps 9, decay_rate -1",
            "of exponential_decay to be above 0, got -1",
        ),
        ("exponential_decay decay_steps 9, decay_rate 0.5, staircase maybe", "as yes or no, got 'maybe'"),
        ("piecewise_constant_decay boundaries 3 8, values 0.5", "the learning rate after each (2), got 1; before"),
        ("piecewise_constant_decay boundaries 8 3, values 0.5 1", "expected boundaries that grow"),
    ],
)
def test_what_keras_would_not_take_is_refused(text: str, message: str) -> None:
    with pytest.raises(Refused, match=r".*") as refused:
        read_schedule(text)
    assert message in str(refused.value)


def test_every_schedule_of_keras_is_here() -> None:
    theirs = {name for name in dir(keras.optimizers.schedules) if name[0].isupper()} - {"LearningRateSchedule"}
    assert {kind.keras_class for kind in SCHEDULES.values()} == theirs
