"""The lines under a lesson's title: which model, point, digits, rounding and tab it begins with."""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

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
    from collections.abc import Callable

    from core.lessons.source import Source
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

Written = dict[str, tuple[int, str]]
"""The settings as they are written: key -> line and value."""


def setup(source: Source, written: Written) -> Setup:
    """Return what the lesson begins with; what is not written is as in the tutorial.

    Raises:
        Refused: a value cannot be used, or the model's file cannot be opened; the message names the line.
    """
    read = _Reader(source, written)
    # As many numbers as x seems to have.
    seeming: Shape = (_count(written["x"][1]) if "x" in written else len(tutorial.X),)
    inputs = read("inputs", lambda text: read_inputs(text, MAX_INPUTS), seeming)
    begun = read("model", lambda text: _begun(source, text, inputs), None) or _begun(source, TUTORIAL, inputs)
    network = begun.network
    read("inputs", lambda _text: _require_inputs(network, inputs), None)
    return replace(
        begun,
        weights=read("weights", lambda text: _weights(text, begun), begun.weights),
        x=read(
            "x",
            lambda text: point(parse_numbers(text, network.inputs)),
            point(tutorial.X) if network.inputs == 2 else None,
        ),
        digits=read("digits", whole("digits", DIGITS[0], DIGITS[-1]), DEFAULT_DIGITS),
        rounding=read("rounding", _rounding, Rounding.SHOWN),
        tab=read("tab", tab, None),
    )


class _Reader(NamedTuple):
    source: Source
    written: Written

    def __call__(self, key: str, read: Callable[[str], T], unwritten: T) -> T:
        """Return a setting as ``read`` reads it, or what it is where it is not written."""
        if key not in self.written:
            return unwritten
        line, text = self.written[key]
        with self.source.at(line):
            return read(text)


def _begun(source: Source, model: str, inputs: Shape) -> Setup:
    """Return the model, its weights, and data for it."""
    if model.endswith(SUFFIX):
        return _from_file(source, model)
    network, weights = _made(model, inputs)
    return Setup(network, weights, generate(SumRule(250, network.inputs, usual_threshold(network.inputs))))


def _require_inputs(network: Network, inputs: Shape) -> None:
    if network.input_shapes != (inputs,):
        shapes = " and ".join(map(times, network.input_shapes))
        raise Refused(f"expected inputs of {shapes}, which the model is for, got {times(inputs)}")


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
    weights = sum(prod(shape) for shapes in network.weight_shapes() for shape in shapes)
    if weights > MAX_WEIGHTS:
        raise Refused(f"expected layers of at most {MAX_WEIGHTS:,} weights, got {weights:,}; use a {SUFFIX} file")
    return network, initial_weights(network, 0)


def _from_file(source: Source, name: str) -> Setup:
    # A lesson that was downloaded has no business anywhere but beside itself.
    if source.folder is None or Path(name).name != name:
        raise Refused(f"expected a {SUFFIX} file beside the lesson, by its name alone, got {shorten(name)!r}")
    path = source.folder / name
    opened = open_model(path)
    return Setup(opened.network, opened.weights, None, (opened, path))


def _count(text: str) -> int:
    """Return how many numbers ``text`` seems to have, between 1 and what a lesson can write down."""
    text = with_semicolons(text)
    between = r"\s*;\s*" if ";" in text else r"[\s,]+"
    return min(max(len([part for part in re.split(between, text.strip(" []()")) if part]), 1), MAX_INPUTS)


def _rounding(text: str) -> Rounding:
    if text not in list(Rounding):
        raise Refused(f"expected the rounding 'shown' or 'carried', got {quoted(text)}")
    return Rounding(text)
