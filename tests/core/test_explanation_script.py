"""The script of any model's calculation: run as it is, it prints the digits and the outputs that byhand has."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.calculated import Spot
from core.errors import Refused
from core.export.calculation.explanation import explain
from core.export.calculation.script import MOST_NUMBERS, python_script
from core.formatting import Notation, number
from core.layers.dense import Dense
from core.layers.merging import Add
from core.model.graph import Call, Graph, Input, Source, chain
from core.operations.rounding import Rounding
from tests.graphs import CASES, MODELS, dense, opened, point, sealed
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from core.export.calculation.explanation import Explanation
    from core.model.files.opening import OpenedGraph

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
    argv = [sys.executable, "-I", "-X", "utf8", "-W", "error", "-c", RUN_EACH, *map(str, paths)]
    done = subprocess.run(argv, capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return [part.splitlines()[1:] for part in done.stdout.split("script ")[1:]]


def explained(model: OpenedGraph, rounding: Rounding = Rounding.SHOWN, digits: int = 4) -> Explanation:
    return explain(model.graph, model.weights, point(model), rounding, Notation(digits))


@pytest.mark.parametrize("rounding", Rounding)
def test_scripts_print_our_digits_and_our_outputs(rounding: Rounding, tmp_path: Path) -> None:
    every = {name: explained(make(), rounding, 4 + place % 3) for place, (name, make) in enumerate(CASES.items())}
    printed = run([python_script(explanation) for explanation in every.values()], tmp_path)
    for (name, explanation), lines in zip(every.items(), printed, strict=True):
        found = [line for line in lines if line.strip().startswith("all digits")]
        outputs = [explanation.done.numbers[number].reshape(-1) for number in explanation.done.written.outputs]
        for line, ours in zip(found, outputs, strict=True):
            theirs = np.array(ast.literal_eval(line[line.index("[") :]))
            if rounding is Rounding.CARRIED:
                assert theirs.tolist() == ours.tolist(), name
            np.testing.assert_allclose(theirs, ours, rtol=1e-9, atol=1e-9, err_msg=name)
        require_digits(explanation, lines)


def require_digits(explanation: Explanation, lines: list[str]) -> None:
    """Check that the numbers of every value are printed with our digits, in order."""
    printed = [[part.strip(" ]").split(" ]")[0] for part in line.split(" [ ")[1:]] for line in lines if " [ " in line]
    numbers = explanation.done.numbers
    named = [one for value in explanation.done.values for one in value.parts.values()]
    wanted = [[number(value, explanation.digits) for value in numbers[one].reshape(-1)[:40]] for one in sorted(named)]
    wanted += [
        [number(one, explanation.digits) for one in numbers[at].reshape(-1)[:40]]
        for at in explanation.done.written.outputs
    ]
    assert printed == wanted


def test_a_step_of_a_chain_is_a_line_with_the_tutorials_letters() -> None:
    script = python_script(explained(dense()))
    assert "\n# dense_1: h = tanh(W^T x + b)\n" in script
    assert "\ns = x @ W\nshow(" in script and "\nz = s + b\n" in script and "\nh = np.tanh(z)\n" in script
    carried = python_script(explained(dense(), Rounding.CARRIED))
    assert '\ns = dot("i,iu->u", x, W)\n' in carried and "\nz = paper(s + b)\n" in carried


def test_names_say_the_call_and_the_step() -> None:
    script = python_script(explained(MODELS["recurrent"]()))
    assert (
        "\nlstm_cell_state_2 = lstm_forget_gate_2 * lstm_cell_state_1 + lstm_input_gate_2 * lstm_candidate_2\n"
        in script
    )


def test_what_was_changed_is_put_in_the_place_of_what_is_calculated(tmp_path: Path) -> None:
    model = dense()
    instead = {Spot(("dense_1",), "pre-activation", (1,)): 0.5, Spot((), "x", (0,)): 0.25}
    told = explain(model.graph, model.weights, point(model), Rounding.SHOWN, Notation(4), instead)
    script = python_script(told)
    assert "\nz = np.array(z)\nz[1] = 0.5  # changed by hand\n" in script
    (lines,) = run([script], tmp_path)
    assert ast.literal_eval(lines[-1].partition("digits")[2].strip()) == pytest.approx(told.done.numbers[-1])


def test_padding_has_no_part_in_infinite_products_and_nan_is_printed(tmp_path: Path) -> None:
    model = MODELS["image"]()
    kernel = next(weight for weight in model.weights if weight.name == "kernel")
    for rounding in Rounding:
        spot = Spot(kernel.layer, "kernel", (0, 0, 0, 1))
        told = explain(model.graph, model.weights, point(model), rounding, Notation(4), {spot: np.inf})
        (lines,) = run([python_script(told)], tmp_path)
        require_digits(told, lines)


def test_nothing_of_a_name_is_ever_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    name = f'"""\nopen({str(marker)!r}, "w")\n"""'
    model = opened(chain(name, Input(name, (2,)), [Dense(name, 1), Dense("class", 1, "softmax"), Dense("1", 1)]))
    run([python_script(explained(model)), python_script(explained(sealed()))], tmp_path)
    assert not marker.exists()


def test_a_value_takes_no_name_that_the_script_needs(tmp_path: Path) -> None:
    names = ("print", "np", "piece", "DIGITS", "lambda", "len")
    inputs = tuple(Input(name, (2,)) for name in names)
    calls = (Call("add", tuple(Source(name) for name in names), listed=True),)
    model = opened(Graph("named", inputs, (Add("add"),), calls, (Source("add"),)))
    explanation = explained(model, Rounding.CARRIED)
    (lines,) = run([python_script(explanation)], tmp_path)
    require_digits(explanation, lines)


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(Refused, match=r"expected at most 500,000 numbers and 20,000 operations for a script, got 50"):
        python_script(explained(dense("500 relu, 2", 1000)))
    assert MOST_NUMBERS == 500_000
