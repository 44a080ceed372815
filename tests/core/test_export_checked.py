"""A calculation as text that was checked: the tolerance and why, the first step that parts, the drift of each layer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.calculation.agreement import agreement
from core.calculation.forward import trace
from core.export.checked import WHY
from core.export.explanation import Explanation, explain_trace
from core.export.text import text_page
from core.formatting import Notation
from core.layers.dense import Dense
from core.model.network import Network
from core.model.tutorial import trained
from core.model.weights import Weights
from core.operations.rounding import Rounding

X = np.array([0.3, 0.1])


def checked(rounding: Rounding, digits: int = 4, hidden_off: float = 0.0) -> Explanation:
    """Return the tutorial's calculation beside one in float32, of which the third hidden output may be off."""
    network, weights = trained()
    exact = trace(network, weights, X)
    made = exact if rounding is Rounding.SHOWN else trace(network, weights, X, rounding, digits)
    keras = [step.output.astype(np.float32) for step in exact.steps]
    keras[0][2] += np.float32(hidden_off)
    told = explain_trace(network, made, rounding, Notation(digits), keras[-1])
    return replace(told, exact=exact, agreement=agreement(exact, keras, keras[-1]))


def test_the_tolerance_is_said_and_why() -> None:
    told = checked(Rounding.SHOWN)
    assert told.agreement is not None
    bound = f"{told.agreement.tolerances[0]:.0e}"
    lines = text_page(told).splitlines()
    assert lines[-2].endswith(f", tolerance {bound}") and "differ " in lines[-2]
    assert lines[-1] == f"every layer's outputs agree; {WHY}"


def test_the_first_step_that_parts_is_said() -> None:
    last = text_page(checked(Rounding.SHOWN, hidden_off=0.01)).splitlines()[-1]
    assert last.startswith("they part first at h3 of hidden: by hand 0.37151")
    assert ", Keras 0.3815" in last and ", tolerance " in last


def test_what_is_not_a_number_has_no_tolerance() -> None:
    network = Network.chain(1, (Dense("one", 1, "linear"),))
    exact = trace(network, Weights.for_network(network, [([[float("nan")]], [0.0])]), np.array([1.0]))
    keras = [np.array([np.nan], dtype=np.float32)]
    told = explain_trace(network, exact, Rounding.SHOWN, Notation(4), keras[0])
    page = text_page(replace(told, exact=exact, agreement=agreement(exact, keras, keras[-1])))
    assert "differ nan\nevery layer's outputs agree" in page


def test_carried_rounding_has_its_drift_at_each_layer_and_the_exact_difference() -> None:
    lines = text_page(checked(Rounding.CARRIED)).splitlines()
    drifts = [line for line in lines if "drift up to " in line]
    assert [line.split(" ")[0] for line in drifts] == ["hidden", "output"]
    assert drifts[1].endswith("y = tanh(V^T h + c)    drift up to 6e-05")
    assert "differ 6e-05, calculated exactly " in lines[-2]


def test_shown_rounding_drifts_nowhere() -> None:
    assert "drift" not in text_page(checked(Rounding.SHOWN))
