"""A calculation as a spreadsheet: its formulas, calculated by a second hand and by LibreOffice, give our numbers."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.activations import ACTIVATIONS
from core.calculation.forward import trace
from core.calculation.what_if import WhatIf
from core.errors import Refused
from core.export.cell_formulas import CELL_FORMULAS
from core.export.explanation import explain
from core.export.spreadsheet import spreadsheet
from core.formatting import Notation
from core.layers.dense import Dense
from core.model.network import Network, dense_network
from core.model.tutorial import trained
from core.model.weights import Weights
from core.operations.rounding import Rounding
from tests.explanations import (
    X,
    awkward,
    changed,
    explained,
    mixed,
    random_network,
    random_weights,
    tutorial,
    with_activation,
)
from tests.spreadsheets import Evaluator, Sheets, change, read
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from core.arrays import Array
    from core.export.explanation import Explanation

CLOSE = 1e-9
"""How near a recalculated number is to byhand's float64."""

STEEP = [-2000.0, -40.0, -1.0, -0.5, -1e-6, 0.0, 1e-6, 0.25, 0.5, 1.0, 40.0, 2000.0]
"""Pre-activations from where exp overflows in a spreadsheet to where its result is lost beside 1."""

WIDE = 60
"""Inputs of a layer that does not fit on the one sheet."""


def named(sheets: Sheets, name: str, sheet: str = "Calculation") -> str:
    """Return the number of the row that begins with ``name``."""
    rows = [address[1:] for address, cell in sheets[sheet].items() if address[0] == "A" and cell.value == name]
    assert len(rows) >= 1, f"no row {name!r}"
    return rows[0]


def columns(size: int) -> list[str]:
    """Return the letters of a vector's first columns."""
    return list("CDEFGHIJKLMNOPQRSTUVWXYZ"[:size])


def predicted(sheets: Sheets, cells: Evaluator, size: int) -> Array:
    """Return the prediction as the formulas give it."""
    row = named(sheets, "prediction y")
    return np.array([cells.value("Calculation", f"{column}{row}") for column in columns(size)])


def require_formulas_give_what_is_kept(data: bytes) -> int:
    """Calculate every formula and compare it with the value beside it; return how many there were."""
    sheets = read(data)
    cells = Evaluator(sheets)
    formulas = [(sheet, at, cell) for sheet, made in sheets.items() for at, cell in made.items() if cell.formula]
    for sheet, at, cell in formulas:
        assert cells.value(sheet, at) == pytest.approx(cell.value, rel=CLOSE, abs=CLOSE), (sheet, at, cell.formula)
    return len(formulas)


def test_every_activation_has_its_formula() -> None:
    missing = ", ".join(name for name in ACTIVATIONS if name not in CELL_FORMULAS)
    assert not missing, f"CELL_FORMULAS in core/export/cell_formulas.py has no formula yet for: {missing}"
    assert list(CELL_FORMULAS) == list(ACTIVATIONS)


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activations_formulas_give_our_numbers(name: str, rounding: Rounding) -> None:
    explanation = explained(with_activation(name), rounding, 6, seed=len(name))
    data = spreadsheet(explanation)
    assert require_formulas_give_what_is_kept(data) > 10
    sheets = read(data)
    size = explanation.trace.prediction.size
    np.testing.assert_allclose(predicted(sheets, Evaluator(sheets), size), explanation.trace.prediction, atol=CLOSE)


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"exponential"}))
def test_no_formula_overflows_or_loses_digits(name: str) -> None:
    weights = Weights.for_network(network := Network.chain(1, (Dense("only", len(STEEP), name, False),)), [([STEEP],)])
    explanation = explain(network, weights, np.array([1.0]), Rounding.SHOWN, Notation(4))
    sheets = read(spreadsheet(explanation))
    got = predicted(sheets, Evaluator(sheets), explanation.trace.prediction.size)
    np.testing.assert_allclose(got, explanation.trace.prediction, atol=CLOSE, rtol=CLOSE)


@pytest.mark.parametrize("seed", range(12))
def test_random_networks_formulas_give_our_numbers(seed: int) -> None:
    explanation = explained(random_network(seed), list(Rounding)[seed % 2], 5, seed)
    assert require_formulas_give_what_is_kept(spreadsheet(explanation)) > 0


@pytest.mark.parametrize(("rounding", "prediction"), [(Rounding.SHOWN, 0.93015913), (Rounding.CARRIED, 0.9301)])
def test_the_tutorials_prediction(rounding: Rounding, prediction: float) -> None:
    sheets = read(spreadsheet(tutorial(rounding)))
    cell = sheets["Calculation"][f"C{named(sheets, 'prediction y')}"]
    assert cell.value == pytest.approx(prediction, abs=5e-9)
    assert predicted(sheets, Evaluator(sheets), 1) == pytest.approx([prediction], abs=5e-9)
    assert sheets["Calculation"][f"C{named(sheets, 'y of Keras')}"].value == pytest.approx(0.93015909, abs=5e-9)


@pytest.mark.parametrize("rounding", Rounding)
def test_another_input_or_weight_changes_the_prediction_as_it_does_here(rounding: Rounding) -> None:
    data = spreadsheet(tutorial(rounding))
    sheets = read(data)
    network, weights = trained()
    other = read(change(data, 1, f"C{named(sheets, 'x, given')}", 0.7))
    expected = trace(network, weights, np.array([0.7, 0.1]), rounding).prediction
    assert predicted(other, Evaluator(other), 1) == pytest.approx(expected, abs=CLOSE)
    other = read(change(data, 1, f"D{named(sheets, 'x1')}", -0.3))
    expected = trace(network, weights.with_number(0, 0, (0, 1), -0.3), X, rounding).prediction
    assert predicted(other, Evaluator(other), 1) == pytest.approx(expected, abs=1e-7)


def test_layers_of_every_kind_and_what_was_changed() -> None:
    assert require_formulas_give_what_is_kept(spreadsheet(explained(mixed()))) > 20
    explanation = changed()
    data = spreadsheet(explanation)
    assert require_formulas_give_what_is_kept(data) > 10
    sheets = read(data)
    assert predicted(sheets, Evaluator(sheets), 1) == pytest.approx(explanation.trace.prediction, abs=CLOSE)
    words = [cell.value for cell in sheets["Calculation"].values() if "changed by hand" in str(cell.value)]
    assert len(words) == 1
    assert sheets["Calculation"][f"C{named(sheets, 'W^T x')}"].formula is None


def test_what_does_not_fit_on_one_sheet_has_a_sheet_for_each_layer() -> None:
    explanation = explained(dense_network(WIDE, f"{WIDE} relu, 2 softmax"))
    data = spreadsheet(explanation)
    sheets = read(data)
    assert list(sheets) == ["Calculation", "1 hidden", "2 output"]
    assert require_formulas_give_what_is_kept(data) > 200
    assert predicted(sheets, Evaluator(sheets), 2) == pytest.approx(explanation.trace.prediction, abs=CLOSE)


def test_a_name_is_text_whatever_it_begins_with() -> None:
    for network in (awkward(), Network.chain(WIDE * 2, (Dense("=cmd()'[x]:*?\\", 1), Dense("@SUM(A1)", 1)))):
        sheets = read(spreadsheet(explained(network)))
        texts = [cell for made in sheets.values() for cell in made.values() if isinstance(cell.value, str)]
        assert any(str(cell.value).startswith(("=1+1", "=cmd()")) for cell in texts)
        assert not any(cell.formula for cell in texts)
        assert require_formulas_give_what_is_kept(spreadsheet(explained(network))) > 0


def test_layers_of_the_same_name_have_sheets_of_their_own() -> None:
    name = "a name that is longer than the name of a sheet can be"
    sheets = read(spreadsheet(explained(Network.chain(WIDE * 2, (Dense(name, 2), Dense(name.upper(), 1))))))
    assert len(sheets) == 3
    assert all(len(sheet) <= 31 for sheet in sheets)


def test_what_is_no_number_is_an_error_of_the_sheet() -> None:
    explanation = explained(dense_network(2, "2, 1"), what_if=WhatIf().with_array(0, 0, (0, 0), np.nan))
    sheets = read(spreadsheet(explanation))
    assert sheets["Calculation"][f"C{named(sheets, 'prediction y')}"].value == "#NUM!"


def beyond_bounds() -> Explanation:
    """Return a calculation in which exp(800) is infinite, and exp(-infinity) 0."""
    network = Network.chain(1, (Dense("a", 1, "exponential", False), Dense("b", 1, "exponential"), Dense("c", 1)))
    arrays = [([[800.0]],), ([[-1.0]], [0.0]), ([[1.0]], [0.5])]
    weights = Weights.for_network(network, arrays)
    return explain(network, weights, np.array([1.0]), Rounding.SHOWN, Notation(4))


def full_of_halves(seed: int) -> Explanation:
    """Return a calculation with few digits, of which many products end in 5."""
    random, digits = np.random.default_rng(seed), 1 + seed % 4
    network = dense_network(3, "4 leaky_relu, 2 sparse_sigmoid")
    weights = Weights.for_network(
        network,
        [
            [5.0 * random.integers(-300, 300, shape) / 10.0**digits for shape in layer]
            for layer in network.weight_shapes()
        ],
    )
    return explain(network, weights, np.array([0.1, 0.3, 0.7]), Rounding.CARRIED, Notation(digits))


@pytest.mark.parametrize("seed", range(4))
def test_halves_are_rounded_as_the_sheets_formulas_round_them(seed: int) -> None:
    assert require_formulas_give_what_is_kept(spreadsheet(full_of_halves(seed))) > 20


def test_what_is_made_of_an_error_is_an_error_even_where_infinity_would_give_a_number() -> None:
    explanation = beyond_bounds()
    assert explanation.trace.prediction.tolist() == [0.5]
    sheets = read(spreadsheet(explanation))
    assert sheets["Calculation"][f"C{named(sheets, 'prediction y')}"].value == "#NUM!"
    made = [cell for cell in sheets["Calculation"].values() if cell.formula and "EXP" in cell.formula]
    assert [cell.value for cell in made] == ["#NUM!"] * 2


def test_the_file_says_what_it_is_and_how_numbers_were_rounded() -> None:
    for rounding in Rounding:
        texts = [str(cell.value) for cell in read(spreadsheet(tutorial(rounding)))["Calculation"].values()]
        assert f"digits 4, rounding {rounding}, half away from zero." in texts
        assert sum("Numbers in a box are given" in text for text in texts) == 1
        assert sum("more digits than it shows" in text for text in texts) == (rounding is Rounding.SHOWN)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("17000 relu, 1", "expected layers of at most 16,382 numbers, for which a sheet has columns, got hidden"),
        ("6000 relu, 84", "expected at most 500,000 weights in a spreadsheet, got 516,000"),
    ],
)
def test_what_no_sheet_has_room_for_is_refused(shape: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        spreadsheet(explained(dense_network(2, shape)))


SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""LibreOffice calculates every formula anew when it opens a file, instead of believing the values that are kept."""


def recalculated(files: dict[str, bytes], folder: Path) -> dict[str, Sheets]:
    """Return what LibreOffice makes of the files."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not on this machine, so it was not asked")
    profile, given, made = (folder / name for name in ("profile", "given", "made"))
    for path in (profile / "user", given):
        path.mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS)
    for name, data in files.items():
        (given / f"{name}.xlsx").write_bytes(data)
    argv = [office, "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to", "xlsx"]
    argv += ["--outdir", str(made), *(str(given / f"{name}.xlsx") for name in files)]
    subprocess.run(argv, capture_output=True, timeout=PATIENCE, check=True)
    return {name: read((made / f"{name}.xlsx").read_bytes()) for name in files}


def test_libreoffice_calculates_our_numbers(tmp_path: Path) -> None:
    cases: dict[str, Explanation] = {name: explained(with_activation(name), seed=3) for name in ACTIVATIONS}
    cases |= {f"net_{seed}": explained(random_network(seed), seed=seed) for seed in range(6)}
    cases |= {"changed": changed(), "names": explained(awkward()), "carried": tutorial(Rounding.CARRIED)}
    cases |= {f"carried_{seed}": full_of_halves(seed) for seed in range(12)}
    cases["beyond"] = beyond_bounds()
    cases["wide"] = explained(dense_network(WIDE, f"{WIDE} relu, 2 softmax"))
    files = {name: spreadsheet(explanation) for name, explanation in cases.items()}
    row = named(read(files["tanh"]), "x, given")
    files["another_x"] = change(files["tanh"], 1, f"C{row}", 0.125)
    answers = recalculated(files, tmp_path)
    for name in cases:
        for sheet, cells in read(files[name]).items():
            for at, cell in cells.items():
                if cell.formula is not None:
                    found = answers[name][sheet][at].value
                    assert found == pytest.approx(cell.value, rel=CLOSE, abs=CLOSE), (name, sheet, at, cell.formula)
    explanation = cases["tanh"]
    x = explanation.trace.x.copy()
    x[0] = 0.125
    expected = trace(explanation.network, random_weights(explanation.network, 3), x).prediction
    cells = answers["another_x"]["Calculation"]
    row = named(answers["another_x"], "prediction y")
    assert [cells[f"{column}{row}"].value for column in columns(3)] == pytest.approx(expected, abs=CLOSE)
