"""The spreadsheet of any model's calculation: its formulas, calculated by a second hand, give the numbers it keeps."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.calculated import Spot, calculated
from core.errors import Refused
from core.export.calculation.explanation import explain
from core.export.calculation.spreadsheet import spreadsheet
from core.formatting import Notation
from core.layers.activations import ACTIVATIONS
from core.layers.dense import Dense
from core.layers.embedding import Embedding
from core.model.graph import Input, chain
from core.operations.rounding import Carry, Rounding
from tests.graphs import CASES, MODELS, dense, opened, point, sealed
from tests.spreadsheets import Evaluator, Sheets, change, read
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from core.export.calculation.explanation import Explanation
    from core.model.files.opening import OpenedGraph

CLOSE = 1e-9
"""How near a recalculated number is to byhand's float64."""


def explained(model: OpenedGraph, rounding: Rounding = Rounding.SHOWN, digits: int = 4) -> Explanation:
    return explain(model.graph, model.weights, point(model), rounding, Notation(digits))


def address(sheets: Sheets, name: str, sheet: str = "Calculation") -> str:
    """Return the number of the row that begins with ``name``."""
    return next(at[1:] for at, cell in sheets[sheet].items() if at[0] == "A" and cell.value == name)


def require_formulas_give_what_is_kept(data: bytes) -> int:
    """Calculate every formula and compare it with the value beside it; return how many there were."""
    sheets = read(data)
    cells = Evaluator(sheets)
    formulas = [(sheet, at, cell) for sheet, made in sheets.items() for at, cell in made.items() if cell.formula]
    # The prediction, at the top of the first sheet, is made of all the others.
    for sheet, at, cell in sorted(formulas, key=lambda one: one[0] == "Calculation"):
        assert cells.value(sheet, at) == pytest.approx(cell.value, rel=CLOSE, abs=CLOSE), (sheet, at, cell.formula)
    return len(formulas)


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("name", CASES)
def test_formulas_give_our_numbers(name: str, rounding: Rounding) -> None:
    explanation = explained(CASES[name](), rounding, 5)
    data = spreadsheet(explanation)
    made = [value for value in explanation.done.values if not explanation.is_given(value)]
    wanted = sum(int(np.prod(value.shape)) for value in [*made, *explanation.done.outputs])
    assert require_formulas_give_what_is_kept(data) == wanted


STEEP = [-2000.0, -40.0, -1.0, -0.5, -1e-6, 0.0, 1e-6, 0.25, 0.5, 1.0, 40.0, 2000.0]
"""Pre-activations from where exp overflows in a spreadsheet to where its result is lost beside 1."""


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"exponential"}))
def test_no_formula_of_an_activation_overflows_or_loses_digits(name: str) -> None:
    model = opened(chain("steep", Input("x", (1,)), [Dense("only", len(STEEP), name, use_bias=False)]))
    kernel = dict.fromkeys(model.weights, np.array([STEEP]))
    explanation = explain(model.graph, kernel, [np.ones(1)], Rounding.SHOWN, Notation(4))
    assert require_formulas_give_what_is_kept(spreadsheet(explanation)) >= len(STEEP)


@pytest.mark.parametrize("rounding", Rounding)
def test_another_input_or_weight_changes_the_prediction_as_it_does_here(rounding: Rounding) -> None:
    model = dense()
    data = spreadsheet(explained(model, rounding))
    sheets, carry = read(data), Carry(rounding, 4)
    row = address(sheets, "prediction")
    for where, spot in (
        (f"B{address(sheets, 'x, given')}", Spot((), "x", (0,))),
        (f"C{address(sheets, 'kernel, given[:,2]')}", Spot(("dense_1",), "kernel", (1, 1))),
    ):
        other = read(change(data, 1, where, 0.71239))
        wanted = calculated(model.graph, model.weights, point(model), carry, {spot: 0.71239}).numbers[-1]
        assert Evaluator(other).value("Calculation", f"B{row}") == pytest.approx(float(wanted[0]), abs=CLOSE)


@pytest.mark.parametrize("rounding", Rounding)
def test_another_word_picks_another_row(rounding: Rounding) -> None:
    model = opened(chain("words", Input("words", (2,), whole=True), [Embedding("rows", 5, 3), Dense("out", 1)]))
    one, other = (np.array(said, dtype=float) for said in ([3, 1], [4, 1]))
    told = explain(model.graph, model.weights, [one], rounding, Notation(4))
    data = spreadsheet(told)
    changed = read(change(data, 1, f"B{address(read(data), 'words, given')}", 4.0))
    wanted = calculated(model.graph, model.weights, [other], Carry(rounding, 4)).numbers[-1]
    row = int(address(changed, "prediction[1,:]"))
    got = [Evaluator(changed).value("Calculation", f"B{row + at}") for at in range(2)]
    np.testing.assert_allclose(got, wanted.reshape(-1), atol=CLOSE)


def test_a_weighted_sum_is_a_sum_of_products_of_two_ranges() -> None:
    cells = read(spreadsheet(explained(dense())))["Calculation"]
    assert any(cell.formula and cell.formula.startswith("SUMPRODUCT(B6:C6,B") for cell in cells.values())
    carried = read(spreadsheet(explained(dense(), Rounding.CARRIED)))["Calculation"]
    assert any(
        cell.formula and cell.formula.startswith("ROUND(SUMPRODUCT(ROUND(ROUND(B5:C5,4)*ROUND(B")
        for cell in carried.values()
    )


def test_what_was_changed_stands_there_as_given() -> None:
    model = dense()
    instead = {Spot(("dense_1",), "pre-activation", (1,)): 0.5}
    data = spreadsheet(explain(model.graph, model.weights, point(model), Rounding.SHOWN, Notation(4), instead))
    assert require_formulas_give_what_is_kept(data) > 10
    cells = read(data)["Calculation"]
    assert sum("changed by hand" in str(cell.value) for cell in cells.values()) == 1
    assert cells[f"C{address(read(data), 'z')}"].formula is None


def test_a_large_model_has_a_sheet_for_each_call() -> None:
    sheets = read(spreadsheet(explained(dense("60 relu, 60 tanh, 2", 60))))
    assert list(sheets) == ["Calculation", "1 dense_1", "2 dense_2", "3 dense_3"]


def test_what_is_no_number_is_an_error_and_so_is_all_that_is_made_of_it() -> None:
    model = dense()
    instead = {Spot(("dense_1",), "kernel", (1, 0)): np.nan}
    data = spreadsheet(explain(model.graph, model.weights, point(model), Rounding.SHOWN, Notation(4), instead))
    sheets = read(data)
    assert sheets["Calculation"][f"B{address(sheets, 'prediction')}"].value == "#NUM!"


def test_a_name_is_text_whatever_it_begins_with() -> None:
    name = "=cmd()'[x]:*?/\\"
    model = opened(chain(name, Input("@SUM(A1)", (2,)), [Dense(name, 2, "tanh"), Dense("+1", 1)]))
    for explanation in (explained(model), explained(sealed())):
        data = spreadsheet(explanation)
        texts = [cell for made in read(data).values() for cell in made.values() if isinstance(cell.value, str)]
        assert not any(cell.formula for cell in texts)
        assert require_formulas_give_what_is_kept(data) > 0


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("17000 relu, 1", "expected values of at most 16,383 numbers side by side, for which a sheet has columns"),
        ("6000 relu, 84", "expected at most 500,000 numbers in a spreadsheet, got 5"),
        ("600 relu, 500", "expected at most 200,000 products and terms in a spreadsheet, got 301,200; take JSON"),
    ],
)
def test_what_no_sheet_has_room_for_is_refused(shape: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        spreadsheet(explained(dense(shape)))


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
    cases = {f"{name}_{rounding}": explained(make(), rounding) for name, make in CASES.items() for rounding in Rounding}
    files = {name: spreadsheet(explanation) for name, explanation in cases.items()}
    answers = recalculated(files, tmp_path)
    for name, data in files.items():
        for sheet, cells in read(data).items():
            for at, cell in cells.items():
                if cell.formula is not None:
                    found = answers[name][sheet][at].value
                    assert found == pytest.approx(cell.value, rel=CLOSE, abs=CLOSE), (name, sheet, at, cell.formula)
    assert set(MODELS) <= {name.partition("_")[0] for name in files}
