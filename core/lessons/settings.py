"""The lines under a lesson's title: which model, point, digits, rounding and tab it begins with."""

from __future__ import annotations

import re
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from core.arrays import point
from core.data.dataset import SumRule, generate, usual_threshold
from core.errors import Refused, shorten
from core.formatting import DEFAULT_DIGITS, DIGITS
from core.half_width import with_semicolons
from core.layers.registry import LAYERS
from core.lessons.conditions import layer_holds, tab
from core.lessons.lesson import Setup
from core.lessons.source import quoted
from core.model import tutorial
from core.model.initial import initial_weights
from core.model.keras_file import SUFFIX, open_model
from core.model.layers_text import chain_network, read_inputs
from core.model.literal import parse_numbers
from core.model.network import times
from core.operations.rounding import Rounding
from core.typed import whole

if TYPE_CHECKING:
    from core.arrays import Array
    from core.lessons.source import Source
    from core.model.network import Network
    from core.model.weights import Weights
    from core.operations.operation import Shape

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
    line, model = written.get("model", (1, TUTORIAL))
    inputs = _inputs(source, written)
    with source.at(line):
        if model.endswith(SUFFIX):
            begun = _from_file(source, model)
        else:
            network, weights = _made(model, inputs)
            count = network.inputs
            begun = Setup(network, weights, generate(SumRule(250, count, usual_threshold(count))))
    with source.at(written.get("inputs", (line, ""))[0]):
        if "inputs" in written and begun.network.input_shapes != (inputs,):
            shapes = " and ".join(map(times, begun.network.input_shapes))
            raise Refused(f"expected inputs of {shapes}, which the model is for, got {times(inputs)}")
    return Setup(
        begun.network,
        _weights(source, written, begun),
        begun.dataset,
        begun.file,
        _x(source, written, begun.network.inputs),
        _digits(source, written),
        _rounding(source, written),
        _tab(source, written),
    )


def _inputs(source: Source, written: Written) -> Shape:
    """Return the shape of a point: as it is written, or as many numbers as x seems to have."""
    if "inputs" not in written:
        return (_count(written["x"][1]) if "x" in written else len(tutorial.X),)
    line, text = written["inputs"]
    with source.at(line):
        return read_inputs(text, MAX_INPUTS)


def _weights(source: Source, written: Written, begun: Setup) -> Weights:
    """Return the weights that the lesson begins with: those of its model but for layers whose arrays are written."""
    weights = begun.weights
    line, text = written.get("weights", (1, ""))
    with source.at(line):
        for part in filter(None, map(str.strip, text.split(";"))):
            name, equals, literal = map(str.strip, part.partition("="))
            if not equals:
                raise Refused(f"expected weights such as 'output = [[1],[1]], [-0.5]', got {quoted(part)}")
            held = layer_holds(name, literal, begun.network)
            weights = weights.with_layer(begun.network.index(name), held.arrays)
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


def _x(source: Source, written: Written, inputs: int) -> Array | None:
    if "x" not in written:
        return point(tutorial.X) if inputs == 2 else None
    line, text = written["x"]
    with source.at(line):
        return point(parse_numbers(text, inputs))


def _digits(source: Source, written: Written) -> int:
    if "digits" not in written:
        return DEFAULT_DIGITS
    line, text = written["digits"]
    with source.at(line):
        return whole("digits", DIGITS[0], DIGITS[-1])(text)


def _rounding(source: Source, written: Written) -> Rounding:
    line, text = written.get("rounding", (1, Rounding.SHOWN.value))
    if text not in list(Rounding):
        raise source.refused(line, f"expected the rounding 'shown' or 'carried', got {quoted(text)}")
    return Rounding(text)


def _tab(source: Source, written: Written) -> str | None:
    if "tab" not in written:
        return None
    line, text = written["tab"]
    with source.at(line):
        return tab(text)
