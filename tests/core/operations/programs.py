"""Random calculations: a few operations, one upon the other, over random numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from core.operations.program import Given, Program

if TYPE_CHECKING:
    from core.arrays import Array
    from core.operations.program import Value

LARGEST = 60
"""How many numbers a value of a drawn calculation has at most."""

ONE_SOURCE = ("negative", "absolute", "square", "exp", "expm1", "tanh", "sigmoid", "softplus", "erf")
TWO_SOURCES = ("add", "subtract", "multiply", "maximum", "minimum")


class Drawn:
    """A program with the numbers that it is given, by their values' numbers."""

    def __init__(self, draw: Any) -> None:
        self.program = Program()
        self.given: dict[int, Array] = {}
        self._random = np.random.default_rng(draw(st.integers(0, 10_000)))

    def source(self, shape: tuple[int, ...]) -> Value:
        """Give it random numbers of that shape, none of them near 0 or near another."""
        value = self.program.given(Given("input"), shape)
        count = int(np.prod(shape))
        steps = self._random.permutation(count) - count / 2 + 0.5
        self.given[value.number] = (2.0 * steps / max(count, 4) + self._random.uniform(0.05, 0.1)).reshape(shape)
        return value


@st.composite
def calculations(draw: Any, longest: int = 5) -> tuple[Drawn, Value]:
    """Draw a calculation and its last value."""
    drawn = Drawn(draw)
    value = drawn.source(tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))))
    for _ in range(draw(st.integers(1, longest))):
        after = draw(st.sampled_from(STEPS))(draw, drawn, value)
        if 0 < np.prod(after.shape) <= LARGEST:
            value = after
    return drawn, value


def _axis(draw: Any, value: Value) -> int:
    return int(draw(st.integers(0, value.rank - 1)))


def _function(draw: Any, drawn: Drawn, value: Value) -> Value:
    return value.each(draw(st.sampled_from(ONE_SOURCE)))


def _positive(draw: Any, drawn: Drawn, value: Value) -> Value:
    # Below a root and a logarithm, and above a line, stands what is above 0.
    return (value.each("square") + 0.5).each(draw(st.sampled_from(("sqrt", "log"))))


def _divided(draw: Any, drawn: Drawn, value: Value) -> Value:
    return drawn.source(value.shape) / (value.each("square") + 0.5)


def _together(draw: Any, drawn: Drawn, value: Value) -> Value:
    shape = tuple(draw(st.sampled_from([1, size])) for size in value.shape)
    return value.each(draw(st.sampled_from(TWO_SOURCES)), drawn.source(shape[draw(st.integers(0, value.rank)) :]))


def _chosen(draw: Any, drawn: Drawn, value: Value) -> Value:
    return value.above(draw(st.sampled_from([0.0, 0.03]))).each("where", value, drawn.source(value.shape))


def _over(draw: Any, drawn: Drawn, value: Value) -> Value:
    axes = draw(st.lists(st.integers(0, value.rank - 1), min_size=1, unique=True))
    made = draw(st.sampled_from(("sum", "mean", "largest", "smallest")))
    return value.over(made, *axes, keep=len(axes) == value.rank or draw(st.booleans()))


def _dot(draw: Any, drawn: Drawn, value: Value) -> Value:
    letters = "abcd"[: value.rank]
    kinds = [draw(st.sampled_from(("summed", "shared", "own"))) for _ in letters]
    ours = "".join(letter for letter, kind in zip(letters, kinds, strict=True) if kind != "own")
    theirs = "".join(draw(st.permutations(ours + "x" * draw(st.integers(0, 1)))))
    made = [letter for letter, kind in zip(letters, kinds, strict=True) if kind != "summed"]
    made += ["x"] * ("x" in theirs)
    sizes = dict(zip(letters, value.shape, strict=True)) | {"x": 2}
    other = drawn.source(tuple(sizes[letter] for letter in theirs))
    if not theirs or not made:
        return value
    return value.dot(f"{letters},{theirs}->{''.join(draw(st.permutations(made)))}", other)


def _reshape(draw: Any, drawn: Drawn, value: Value) -> Value:
    return value.reshape(-1) if draw(st.booleans()) else value.expand(_axis(draw, value))


def _transpose(draw: Any, drawn: Drawn, value: Value) -> Value:
    return value.transpose(*draw(st.permutations(range(value.rank))))


def _slice(draw: Any, drawn: Drawn, value: Value) -> Value:
    axis = _axis(draw, value)
    start, stop = draw(st.integers(0, value.shape[axis] - 1)), draw(st.integers(0, value.shape[axis] - 1))
    step = draw(st.integers(1, 2)) * (1 if stop >= start else -1)
    return value.slice(axis, start, abs(stop - start) // abs(step) + 1, step)


def _spread(draw: Any, drawn: Drawn, value: Value) -> Value:
    size = draw(st.integers(1, 6))
    return value.spread(_axis(draw, value), size, draw(st.integers(-2, 3)), draw(st.integers(1, 2)))


def _repeat(draw: Any, drawn: Drawn, value: Value) -> Value:
    return value.repeat(_axis(draw, value), draw(st.integers(1, 3)))


def _join(draw: Any, drawn: Drawn, value: Value) -> Value:
    axis = _axis(draw, value)
    other = drawn.source((*value.shape[:axis], draw(st.integers(1, 3)), *value.shape[axis + 1 :]))
    return drawn.program.join(draw(st.permutations([value, other, value])), axis)


def _window(draw: Any, drawn: Drawn, value: Value) -> Value:
    return value.window(_axis(draw, value), *(draw(st.integers(1, most)) for most in (3, 2, 2)))


def _pick(draw: Any, drawn: Drawn, value: Value) -> Value:
    rows = draw(st.lists(st.integers(0, value.shape[0] - 1), min_size=1, max_size=4))
    return value.pick(drawn.program.constant(rows))


STEPS = (
    _function,
    _positive,
    _divided,
    _together,
    _chosen,
    _over,
    _dot,
    _reshape,
    _transpose,
    _slice,
    _spread,
    _repeat,
    _join,
    _window,
    _pick,
)
