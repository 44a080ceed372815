"""A calculation as a NumPy script: run as it is, it prints the digits that byhand prints."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.activations import ACTIVATIONS
from core.calculation.spot import Kind
from core.calculation.what_if import WhatIf
from core.errors import Refused
from core.export.python_script import MOST_NUMBERS, python_script
from core.export.source import activation_call, activation_source
from core.export.text import vectors
from core.formatting import number
from core.layers.dense import Dense
from core.model.network import Network, dense_network
from core.operations.rounding import Rounding
from tests.explanations import awkward, changed, explained, mixed, random_network, tutorial, with_activation
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from core.export.explanation import Explanation

RUN_EACH = """
import runpy, sys
for path in sys.argv[1:]:
    print("script", path)
    runpy.run_path(path)
"""
"""Each script has names of its own, as in a process of its own; NumPy is only imported once."""


def run(scripts: list[str], folder: Path) -> list[list[str]]:
    """Run scripts in another process; return the lines that each printed."""
    paths = [folder / f"script_{place}.py" for place in range(len(scripts))]
    for path, script in zip(paths, scripts, strict=True):
        path.write_text(script, encoding="utf-8")
    argv = [sys.executable, "-I", "-X", "utf8", "-c", RUN_EACH, *map(str, paths)]
    done = subprocess.run(argv, capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return [part.splitlines()[1:] for part in done.stdout.split("script ")[1:]]


def expected(explanation: Explanation) -> list[list[str]]:
    """Return the digits of every vector that a script prints, in their order."""
    digits = explanation.digits
    printed = [explanation.trace.x]
    for place, step in enumerate(explanation.trace.steps):
        arrays = {
            Kind.SUM: step.weighted_sum,
            Kind.BIAS: step.bias,
            Kind.Z: step.pre_activation,
            Kind.OUTPUT: step.output,
        }
        printed += [array for _, kind, _ in vectors(explanation, place) if (array := arrays[kind]) is not None]
    return [[number(value, digits) for value in values] for values in [*printed, explanation.trace.prediction]]


def printed(lines: list[str]) -> list[list[str]]:
    """Return the numbers in the brackets of each line that has some."""
    return [[part.strip(" ]") for part in line.split(" [ ")[1:]] for line in lines if " [ " in line]


def require_same(explanations: list[Explanation], folder: Path) -> None:
    """Run the scripts of all ``explanations`` and compare every digit."""
    outputs = run([python_script(one) for one in explanations], folder)
    for explanation, lines in zip(explanations, outputs, strict=True):
        assert printed(lines) == expected(explanation), explanation.network


@pytest.mark.parametrize("rounding", Rounding)
def test_the_digits_are_ours_for_every_activation(rounding: Rounding, tmp_path: Path) -> None:
    require_same(
        [explained(with_activation(name), rounding, 6, seed) for seed, name in enumerate(ACTIVATIONS)], tmp_path
    )


@pytest.mark.parametrize("rounding", Rounding)
def test_the_digits_are_ours_for_random_networks_and_digits(rounding: Rounding, tmp_path: Path) -> None:
    require_same([explained(random_network(seed), rounding, 1 + seed % 9, seed) for seed in range(30)], tmp_path)


def test_layers_of_every_kind_odd_names_and_what_was_changed(tmp_path: Path) -> None:
    require_same([explained(mixed()), explained(awkward()), changed()], tmp_path)


def test_more_layers_than_there_are_letters(tmp_path: Path) -> None:
    require_same([explained(dense_network(2, ", ".join(["2 tanh"] * 9)))], tmp_path)


@pytest.mark.parametrize(("rounding", "prediction"), [(Rounding.SHOWN, "0.9302"), (Rounding.CARRIED, "0.9301")])
def test_the_tutorials_script_prints_its_prediction(rounding: Rounding, prediction: str, tmp_path: Path) -> None:
    (lines,) = run([python_script(tutorial(rounding))], tmp_path)
    assert lines[-1].split() == ["by", "hand", "[", prediction, "]"]
    assert "hidden: h = tanh(W^T x + b)" in lines


def test_a_step_is_a_line_of_the_script() -> None:
    script = python_script(tutorial())
    assert "\ns = W.T @ x\nz = s + b\nh = np.tanh(z)\n" in script
    assert "\ns = V.T @ h\nz = s + c\ny = np.tanh(z)\n" in script
    assert "    [-0.8775745],\n" in script
    carried = python_script(tutorial(Rounding.CARRIED))
    assert "\nmade = products(W.T, x)  # a unit a row\ns = paper(made.sum(axis=1))\nz = paper(s + b)\n" in carried
    assert "    [-0.8776],\n" in carried


def test_only_the_functions_that_are_needed_are_written() -> None:
    rounding = ["reads_half", "piece", "rounded", "with_exponent", "number"]
    names = [node.name for node in ast.walk(ast.parse(python_script(tutorial()))) if isinstance(node, ast.FunctionDef)]
    assert names == [*rounding, "show", "equals"]
    script = python_script(explained(with_activation("swish"), Rounding.CARRIED))
    names = [node.name for node in ast.walk(ast.parse(script)) if isinstance(node, ast.FunctionDef)]
    assert names == [*rounding, "product", "sigmoid", "swish", "show", "paper", "products"]


def test_every_activation_has_its_source_and_one_without_is_named_in_a_sentence() -> None:
    assert all(activation_call(name, "z").endswith("(z)") for name in ACTIVATIONS)
    with pytest.raises(LookupError, match=r"core/activations\.py has no row for unknown in the call of _table"):
        activation_source("unknown")


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"tanh", "exponential"}))
def test_a_function_says_its_formula_and_nothing_of_types(name: str) -> None:
    source = activation_source(name)[name]
    assert source.startswith(f"def {name}(z")
    assert f'"""{name}(z) = {ACTIVATIONS[name].formula}"""' in source
    assert "Array" not in source and "asarray" not in source
    assert re.search(r"\b_\w", source) is None


def test_not_a_number_and_infinity_are_printed(tmp_path: Path) -> None:
    tried = WhatIf().with_array(0, 0, (0, 0), np.nan).with_array(0, 1, (1,), 3e38)
    explanation = explained(dense_network(2, "2 exponential, 1"), what_if=tried)
    (lines,) = run([python_script(explanation)], tmp_path)
    assert printed(lines) == expected(explanation)
    assert ["nan", "inf"] in printed(lines)


def test_a_network_of_too_many_weights_is_refused() -> None:
    with pytest.raises(Refused, match=r"expected at most 500,000 weights for a script, got 501,000"):
        python_script(explained(dense_network(1000, "500 relu, 2")))
    assert MOST_NUMBERS == 500_000


def test_nothing_of_a_name_is_ever_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    name = f'"""\nopen({str(marker)!r}, "w")\n"""'
    run([python_script(explained(Network.chain(2, (Dense(name, 1),))))], tmp_path)
    assert not marker.exists()
