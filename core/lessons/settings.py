"""The lines under a lesson's title: which model, point, digits, rounding and tab it begins with."""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from core.arrays import point
from core.data.dataset import SumRule, generate, usual_threshold
from core.errors import Refused, shorten
from core.formatting import DEFAULT_DIGITS, DIGITS
from core.half_width import with_semicolons
from core.layers.registry import LAYERS
from core.lessons.conditions import arrays_for, tab
from core.lessons.lesson import Setup
from core.lessons.source import quoted
from core.model import tutorial
from core.model.files.opening import open_model
from core.model.initial import initial_weights
from core.model.keras_file import SUFFIX
from core.model.layers_text import chain_network, read_inputs
from core.model.literal import parse_numbers
from core.model.network import times
from core.operations.rounding import Rounding
from core.typed import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.lessons.fields import Field
    from core.model.network import Network
    from core.model.weights import Weights
    from core.operations.operation import Shape

T = TypeVar("T")

SETTINGS = ("model", "inputs", "weights", "x", "digits", "rounding", "tab")

TUTORIAL, ALWAYS_RIGHT = "tutorial", "always-right"

MAX_INPUTS = 1_000
"""Numbers of a point that a lesson can write down."""

MAX_WEIGHTS = 1_000_000
"""Weights of a network that a lesson can describe by its layers."""


def setup(folder: Path | None, written: Sequence[Field]) -> Setup:
    """Return what the lesson begins with; what is not written is as in the tutorial.

    Its model may be a file in ``folder``, if there is one.

    Raises:
        Refused: a value cannot be used, or the model's file cannot be opened; the message names the line.
    """
    by_word: dict[str, Field] = {}
    for field in written:
        if (first := by_word.setdefault(field.word, field)) is not field:
            line = first.line.number
            raise field.line.refused(f"expected '{field.word}:' once, got it again after line {line}; keep one")

    def read(key: str, reader: Callable[[str], T], unwritten: T) -> T:
        """Return a setting as it is read, or what it is where it is not written."""
        if key not in by_word:
            return unwritten
        with by_word[key].line.reading():
            return reader(by_word[key].text)

    # As many numbers as x seems to have.
    seeming: Shape = read("x", lambda text: (_count(text),), (len(tutorial.X),))
    inputs = read("inputs", lambda text: read_inputs(text, MAX_INPUTS), seeming)
    begun = read("model", lambda text: _begun(folder, text, inputs), None) or _begun(folder, TUTORIAL, inputs)
    network = begun.network
    if "inputs" in by_word and network.input_shapes != (inputs,):
        shapes, got = " and ".join(map(times, network.input_shapes)), times(inputs)
        raise by_word["inputs"].line.refused(f"expected inputs of {shapes}, which the model is for, got {got}")
    x = point(tutorial.X) if network.inputs == len(tutorial.X) else None
    return replace(
        begun,
        weights=read("weights", lambda text: _weights(text, begun), begun.weights),
        x=read("x", lambda text: point(parse_numbers(text, network.inputs)), x),
        digits=read("digits", whole("digits", DIGITS[0], DIGITS[-1]), DEFAULT_DIGITS),
        rounding=read("rounding", _rounding, Rounding.SHOWN),
        tab=read("tab", tab, None),
    )


def _begun(folder: Path | None, model: str, inputs: Shape) -> Setup:
    """Return the model, its weights, and data for it."""
    if not model.endswith(SUFFIX):
        network, weights = _made(model, inputs)
        return Setup(network, weights, generate(SumRule(250, network.inputs, usual_threshold(network.inputs))))
    # A lesson that was downloaded has no business anywhere but beside itself.
    if folder is None or Path(model).name != model:
        raise Refused(f"expected a {SUFFIX} file beside the lesson, by its name alone, got {shorten(model)!r}")
    opened = open_model(folder / model)
    return Setup(opened.network, opened.weights, None, (opened, folder / model))


def _weights(text: str, begun: Setup) -> Weights:
    """Return the weights that the lesson begins with: those of its model but for layers whose arrays are written."""
    weights = begun.weights
    for part in filter(None, map(str.strip, text.split(";"))):
        name, equals, literal = map(str.strip, part.partition("="))
        if not equals:
            raise Refused(f"expected weights such as 'output = [[1],[1]], [-0.5]', got {quoted(part)}")
        arrays = arrays_for(name, literal, begun.network)
        weights = weights.with_layer(begun.network.index(name), arrays)
    return weights


def _made(model: str, inputs: Shape) -> tuple[Network, Weights]:
    if model == TUTORIAL:
        return tutorial.trained()
    if model == ALWAYS_RIGHT:
        return tutorial.always_right(prod(inputs), usual_threshold(prod(inputs)))
    if model.replace("-", "").isalpha() and model.lower() not in map(str.lower, LAYERS):
        forms = f"'{TUTORIAL}', '{ALWAYS_RIGHT}', layers such as '5 tanh, 1 tanh', or the name of a {SUFFIX} file"
        raise Refused(f"expected {forms}, got {quoted(model)}")
    network = chain_network(inputs, model)
    weights = sum(prod(shape) for shapes in network.weight_shapes for shape in shapes)
    if weights > MAX_WEIGHTS:
        raise Refused(f"expected layers of at most {MAX_WEIGHTS:,} weights, got {weights:,}; use a {SUFFIX} file")
    return network, initial_weights(network, 0)


def _count(text: str) -> int:
    """Return how many numbers ``text`` seems to have, between 1 and what a lesson can write down."""
    text = with_semicolons(text)
    between = r"\s*;\s*" if ";" in text else r"[\s,]+"
    return min(max(len([part for part in re.split(between, text.strip(" []()")) if part]), 1), MAX_INPUTS)


def _rounding(text: str) -> Rounding:
    if text not in list(Rounding):
        raise Refused(f"expected the rounding 'shown' or 'carried', got {quoted(text)}")
    return Rounding(text)
