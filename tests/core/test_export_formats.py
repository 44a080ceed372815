"""The six formats of a calculation: what each is called, and that every one has the tutorial's numbers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from core.calculation.calculated import Spot
from core.export.formats import FORMATS
from core.formatting import Notation
from core.model.layers_text import chain_network
from core.model.tutorial import trained
from core.operations.rounding import Rounding
from tests.explanations import KERAS, TRIED, X, explain_row, mixed, random_weights
from tests.traced import trace
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.export.calculation.explanation import Explanation
    from core.model.network import Network


def tutorial(rounding: Rounding = Rounding.SHOWN, digits: int = 4) -> Explanation:
    return explain_row(*trained(), X, rounding, Notation(digits), KERAS)


def explained(network: Network, tried: Mapping[Spot, float] = MappingProxyType({})) -> Explanation:
    x = np.random.default_rng(1).uniform(-1, 1, network.inputs)
    weights = random_weights(network)
    return explain_row(network, weights, x, Rounding.SHOWN, Notation(4), instead=tried)


def changed() -> Explanation:
    return explained(chain_network(2, "3 tanh, 2 sigmoid, 1"), TRIED)


def text_of(explanation: Explanation, name: str = "text") -> str:
    made = FORMATS[name].make(explanation)
    assert isinstance(made, str)
    return made


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


def test_a_spreadsheets_writer_is_only_imported_for_a_spreadsheet() -> None:
    code = "import sys, core.export.formats; sys.exit('xlsxwriter' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=PATIENCE).returncode == 0


def test_the_tutorials_page() -> None:
    page = text_of(tutorial())
    assert page.startswith("hidden 5 tanh > output 1 tanh\nx = [ 0.3000 ] [ 0.1000 ]\ndigits 4   rounding shown")
    assert "\nhidden    h = tanh(W^T x + b)\n" in page and "\noutput    y = tanh(V^T h + c)\n" in page
    assert re.search(r"  unit 2  \[  ~0.2132 \]  \[ +0.4277 \]  \[ +0.4034 \]\n", page)
    line = "s2 = w12*x1 + w22*x2 = 0.3248*0.3000 + 1.1575*0.1000 ~= 0.0974 + 0.1157 ~= 0.2132"
    assert f"  {line}\n  s3" in page
    assert "  z2 = s2 + b2 = 0.2132 + 0.2145 = 0.4277\n" in page
    assert "  h2 = tanh(z2) = tanh(0.4277) = 0.4034\n" in page
    # 0.3766 + 0.0135 is 0.3901.
    assert "  z3 = s3 + b3 = 0.3766 + 0.0135 ~= 0.3902\n" in page
    last = page.splitlines()[-3:]
    assert last[0] == "by hand  0.9302 (0.93015913)"
    assert last[1].startswith("Keras    0.9302 (0.93015909)   differ 4e-08, tolerance ")
    assert last[2].startswith("they agree; the tolerance is")


@pytest.mark.parametrize(("rounding", "prediction"), [(Rounding.SHOWN, "0.9302"), (Rounding.CARRIED, "0.9301")])
def test_the_tutorials_prediction_stands_in_every_text(rounding: Rounding, prediction: str) -> None:
    for name in ("text", "markdown", "latex"):
        assert prediction in text_of(tutorial(rounding), name)
    outputs = json.loads(text_of(tutorial(rounding), "json"))["outputs"]
    assert f"{outputs[0]['numbers'][0]:.4f}" == prediction


def test_json_can_be_recalculated_from_itself() -> None:
    made: dict[str, Any] = json.loads(text_of(tutorial(), "json"))
    numbers = np.array(made["inputs"][0]["numbers"])
    for call in made["calls"]:
        kernel, bias = (np.array(weight["numbers"]) for weight in call["weights"])
        numbers = np.tanh(numbers @ kernel + bias)
    assert numbers.tolist() == pytest.approx(made["outputs"][0]["numbers"], abs=1e-15)


def test_keras_is_left_out_of_a_what_if() -> None:
    point = (*trained(), X, Rounding.SHOWN, Notation(4), KERAS)
    assert explain_row(*point).keras is not None
    assert explain_row(*point, {Spot((), "inputs", (0,)): 0.3}).keras is None


def test_every_number_that_was_tried_out_stands_in_its_place() -> None:
    explanation, network = changed(), chain_network(2, "3 tanh, 2 sigmoid, 1")
    assert explanation.instead == TRIED
    steps = trace(network, random_weights(network), np.random.default_rng(1).uniform(-1, 1, 2), tried=TRIED)
    np.testing.assert_allclose(explanation.done.numbers[explanation.done.written.outputs[0]], steps.prediction)
    page = text_of(explanation)
    assert "changed by hand, so this is not the model's own calculation: x1, w22, s1, z2, k1\n" in page
    assert "changed to 1.5000\n" in page and "  z1 = s1 + b1 = 1.5000 " in page
    assert "k1 = sigmoid(z1) = sigmoid(" in page and " changed to 0.7500\n" in page


def test_much_of_what_was_changed_is_counted() -> None:
    tried = {Spot(("hidden",), "output", (unit,)): 1.0 for unit in range(10)}
    assert explained(chain_network(2, "10, 1"), tried).changed_words.endswith("h8, 2 more numbers")


def test_fractions_are_written_where_they_are_exact() -> None:
    page = text_of(explain_row(*trained(), np.array([0.25, 0.5]), Rounding.SHOWN, Notation(4, fractions=True)))
    assert "x = [ 1/4 ] [ 1/2 ]\ndigits 4 or fractions   rounding shown" in page
