"""The formats by name, JSON with what it was calculated from, and what of a what-if is told."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from core.calculation.forward import Part
from core.calculation.what_if import WhatIf
from core.export.as_json import MOST_WEIGHTS, explanation, whole
from core.export.explanation import changed_words, explain
from core.export.formats import FORMATS
from core.export.text import text_page
from core.formatting import Notation
from core.model.layers_text import dense_network
from core.model.tutorial import trained
from core.operations.rounding import Rounding
from tests.explanations import KERAS, WHAT_IF, X, changed, explained, mixed, tutorial
from tests.waiting import PATIENCE


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_a_file(name: str) -> None:
    for case in (tutorial(), tutorial(Rounding.CARRIED, 9), explained(mixed()), changed()):
        made = FORMATS[name].make(case)
        assert isinstance(made, str if FORMATS[name].is_text else bytes)
        data = FORMATS[name].data(case)
        assert data == (made.encode() if isinstance(made, str) else data)
        assert len(data) > 100


def test_letters_and_suffixes_are_all_different() -> None:
    assert len({one.letter for one in FORMATS.values()}) == len(FORMATS) == 6
    assert [one.suffix for one in FORMATS.values()] == [".txt", ".md", ".tex", ".py", ".json", ".xlsx"]


@pytest.mark.parametrize(("rounding", "prediction"), [(Rounding.SHOWN, "0.9302"), (Rounding.CARRIED, "0.9301")])
def test_the_tutorials_prediction_stands_in_every_text(rounding: Rounding, prediction: str) -> None:
    for name in ("text", "markdown", "latex"):
        assert prediction in str(FORMATS[name].make(tutorial(rounding)))


def test_a_spreadsheets_writer_is_only_imported_for_a_spreadsheet() -> None:
    code = "import sys, core.export.formats; sys.exit('xlsxwriter' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=PATIENCE).returncode == 0


def test_json_keeps_its_keys_and_adds_formula_and_kernel() -> None:
    made = whole(tutorial())
    plain = explanation(tutorial().trace, Rounding.SHOWN, 4, KERAS)
    assert {key: made[key] for key in plain if key != "layers"} == {key: plain[key] for key in plain if key != "layers"}
    for layer, before in zip(made["layers"], plain["layers"], strict=True):
        assert list(layer) == [*before, "formula", "kernel_shape", "kernel"]
    hidden = made["layers"][0]
    assert hidden["formula"] == "h = tanh(W^T x + b)"
    np.testing.assert_array_equal(np.float32(hidden["kernel"]), trained()[1].layers[0][0])
    assert made["changed"] == ""


def test_json_can_be_recalculated_from_itself() -> None:
    made: dict[str, Any] = json.loads(FORMATS["json"].make(tutorial()))
    values = np.array(made["x"])
    for layer in made["layers"]:
        values = np.tanh(values @ np.array(layer["kernel"]) + np.array(layer["bias"]))
    assert values.tolist() == pytest.approx(made["prediction"], abs=1e-15)


def test_json_leaves_a_large_kernel_out_and_tells_its_shape() -> None:
    made = whole(explained(dense_network(400, "300 relu, 1")))
    assert made["layers"][0]["kernel"] is None and MOST_WEIGHTS < 400 * 300
    assert made["layers"][0]["kernel_shape"] == [400, 300]
    assert made["left_out"] == ["the kernel of hidden, 400 x 300 numbers"]
    assert len(made["layers"][1]["kernel"]) == 300
    assert whole(explained(mixed()))["layers"][1]["kernel_shape"] is None


def test_keras_is_left_out_of_a_what_if() -> None:
    point = (*trained(), X, Rounding.SHOWN, Notation(4), KERAS)
    assert explain(*point).keras is KERAS
    assert explain(*point, WhatIf().with_input(0, 0, 0.3)).keras is None


def test_what_was_changed_is_named_and_much_of_it_counted() -> None:
    assert changed_words(tutorial()) == ""
    words = "changed by hand, so this is not the model's own calculation: x1, w22 of hidden, s1 of hidden, z2 of hidden"
    assert changed_words(changed()) == f"{words}, k1 of hidden_2"
    tried = WhatIf()
    for unit in range(10):
        tried = tried.with_part(0, Part.OUTPUT, unit, 1.0)
    assert changed_words(explained(dense_network(2, "10, 1"), what_if=tried)).endswith("h8 of hidden, 2 more numbers")


def test_the_page_of_text_says_where_a_number_was_put() -> None:
    page = text_page(changed())
    assert "s1 = " in page and "changed to 1.5000   z1 = 1.5000 " in page
    assert "changed to 0.5000   h2 = tanh(z2) = 0.4621\n" in page
    assert "k1 = sigmoid(z1) changed to 0.7500\n" in page
    assert len(WHAT_IF) == page.count(" of hidden") + 1


def test_fractions_are_written_where_they_are_exact() -> None:
    network, weights = trained()
    page = text_page(explain(network, weights, np.array([0.25, 0.5]), Rounding.SHOWN, Notation(4, fractions=True)))
    assert "x = [ 1/4 ] [ 1/2 ]   digits 4 or fractions   rounding shown" in page
