"""What leaves a random model's calculation on paper: Keras's layers beside it, printed lines, scripts, spreadsheets."""

from __future__ import annotations

import ast
import contextlib
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from core.calculation.followed import Asked, follow
from core.engine.built import build, layer_outputs, set_weights
from core.engine.keras_model import predict
from core.errors import Refused
from core.export.calculation.explanation import explain
from core.export.calculation.script import python_script
from core.export.calculation.spreadsheet import spreadsheet
from core.formatting import Notation
from core.operations.rounding import Rounding
from core.practice.judging import judge
from core.practice.sheet import of_calls, work
from tests.spreadsheets import Evaluator, read
from tests.wild.trial import Differs, NotTried

if TYPE_CHECKING:
    from core.export.calculation.explanation import Explanation
    from tests.wild.trial import Trial

ANSWERED = 12
"""How many blanks of a sheet are answered."""


def agreed(trial: Trial) -> None:
    """Keras's layers part nowhere from the calculation by hand."""
    network, weights, x = trial.network, trial.opened.weights, trial.rows[0]
    model = build(network)
    set_weights(model, weights.layers)
    made = follow(Asked(network, weights, x.astype(np.float64)))
    parts = made.compared(layer_outputs(model, x), predict(model, x[np.newaxis])[0]).parting
    if parts is not None:
        numbers = f"{parts.by_hand} here and {parts.keras} in Keras, where {parts.tolerance:.2g} is tolerated"
        raise Differs(f"{'/'.join(parts.value.call)} {parts.index} is {numbers}")


def _explained(trial: Trial) -> Explanation:
    random, opened = trial.random(7), trial.opened
    rounding = list(Rounding)[int(random.integers(2))]
    point, arrays = [one[0] for one in trial.points], opened.weights.by_name(opened.network)
    return explain(opened.network.graph, arrays, point, rounding, Notation(int(random.integers(2, 7))))


def scripted(trial: Trial) -> None:
    """The script that is exported comes to the outputs."""
    told = _explained(trial)
    try:
        script = python_script(told)
    except Refused as reason:
        raise NotTried(f"script: {str(reason)[:40]}") from None
    with contextlib.redirect_stdout(io.StringIO()) as printed, np.errstate(all="ignore"):
        exec(compile(script, "script", "exec"), {"__name__": "__main__"})
    lines = [line for line in printed.getvalue().splitlines() if line.strip().startswith("all digits")]
    for line, at in zip(lines, told.done.written.outputs, strict=True):
        text = line[line.index("[") :]
        theirs = np.array(eval(text, {"nan": np.nan, "inf": np.inf}) if "n" in text else ast.literal_eval(text))
        if not np.allclose(theirs, told.done.numbers[at].reshape(-1), rtol=1e-9, atol=1e-9, equal_nan=True):
            raise Differs(f"the script comes to {theirs}, here it is {told.done.numbers[at].reshape(-1)}")


def calculated_in_cells(trial: Trial) -> None:
    """Every formula of the spreadsheet comes to the number that is kept with it."""
    try:
        sheets = read(spreadsheet(_explained(trial)))
    except Refused as reason:
        raise NotTried(f"spreadsheet: {str(reason)[:40]}") from None
    cells = Evaluator(sheets)
    formulas = [(sheet, at, cell) for sheet, made in sheets.items() for at, cell in made.items() if cell.formula]
    for sheet, at, cell in sorted(formulas, key=lambda one: one[0] == "Calculation"):
        if isinstance(cell.value, str):
            continue
        made = cells.value(sheet, at)
        if not np.isclose(made, cell.value, rtol=1e-9, atol=1e-9, equal_nan=True):
            raise Differs(f"{at} of {sheet} is {cell.value}, its formula {cell.formula} comes to {made}")


def practised(trial: Trial) -> None:
    """The right answer to a blank is right, exact and as it is shown; one that is far from it is wrong."""
    random, opened = trial.random(8), trial.opened
    digits = int(random.integers(2, 7))
    rounding = list(Rounding)[int(random.integers(2))]
    point, arrays = [one[0] for one in trial.points], opened.weights.by_name(opened.network)
    try:
        made = work(opened.network.graph, arrays, point, rounding, digits)
        sheet = of_calls(made, made.calls())
    except Refused as reason:
        raise NotTried(f"practice: {str(reason)[:40]}") from None
    if not sheet.blanks:
        raise NotTried("nothing to practise")
    for at in random.choice(len(sheet.blanks), min(ANSWERED, len(sheet.blanks)), replace=False):
        spot = sheet.blanks[int(at)]
        number = made.page.number(spot)
        if not np.isfinite(number) or abs(number) > 1e6:
            continue
        for answer in (number, float(f"{number:.{digits}f}")):
            told: Any = judge(sheet, spot, answer, {})
            if not told.right:
                raise Differs(f"{made.page.in_words(spot)} is {number}; the answer {answer} is judged wrong")
