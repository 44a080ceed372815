"""A calculation as LaTeX: a document that pdflatex compiles, a chain with the matrices as the tutorial has them."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.calculated import Spot
from core.export.calculation.explanation import explain
from core.export.calculation.latex import MOST, latex_page
from core.export.latex_text import BLANK, number_in_math, tex
from core.formatting import Notation
from core.layers.dense import Dense
from core.model.graph import Input, chain
from core.operations.rounding import Rounding
from tests.core.test_explanation import AWKWARD
from tests.graphs import CASES, dense, of_words, opened, point, sealed
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.export.calculation.explanation import Explanation
    from core.model.files.opening import OpenedGraph


def awkward() -> OpenedGraph:
    return opened(chain(AWKWARD, Input(AWKWARD, (2,)), [Dense(AWKWARD, 2, "tanh"), Dense("control\x1b[31m\n", 1)]))


PAGES: dict[str, Callable[[], OpenedGraph]] = {
    **CASES,
    "sealed": sealed,
    "names": awkward,
    "wide": lambda: dense("40 gelu, 12 elu, 3 softmax", 64),
    "nine_layers": lambda: dense(", ".join(["2 hard_silu"] * 9)),
    "halved": lambda: dense("6 glu"),
}


def explained(model: OpenedGraph, rounding: Rounding = Rounding.SHOWN, digits: int = 4) -> Explanation:
    return explain(model.graph, model.weights, point(model), rounding, Notation(digits))


def require_whole(document: str) -> None:
    """Check what any LaTeX must have: environments, brackets and braces in pairs, rows of matrices alike."""
    body = document.replace("\\\\", "  ")
    open_ones: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{([a-z*]+)\}", body):
        if kind == "begin":
            open_ones.append(name)
        else:
            assert open_ones.pop() == name
    assert open_ones == []
    assert len(re.findall(r"\\left\b", body)) == len(re.findall(r"\\right\b", body))
    plain = re.sub(r"\\[{}]", "", body)
    assert plain.count("{") == plain.count("}")
    assert len(re.findall(r"(?<!\\)\$", plain)) % 2 == 0
    assert document.isascii() and document.endswith("\\end{document}\n")
    for matrix in re.findall(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", document):
        rows = matrix.split(r" \\ ")
        assert len({row.count("&") for row in rows}) == 1
        assert len(rows) <= MOST and rows[0].count("&") < MOST


@pytest.mark.parametrize("name", PAGES)
def test_every_document_is_whole_and_pdflatex_compiles_it(name: str, tmp_path: Path) -> None:
    document = latex_page(explained(PAGES[name](), list(Rounding)[len(name) % 2]))
    require_whole(document)
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not on this machine, so nothing was compiled")
    (tmp_path / "page.tex").write_text(document)
    argv = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"]
    done = subprocess.run(
        argv, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "page.pdf").stat().st_size > 1000


def test_a_chain_has_the_tutorials_matrices() -> None:
    document = latex_page(explained(dense()))
    assert "\nh &= \\tanh(W^{\\top} x + b)\n" in document
    assert r"s &= W^{\top} x = \begin{bmatrix} 0.0629 & 0.1808 \\ -0.0661 & 0.6520 \\ " in document
    assert r" \end{bmatrix} \begin{bmatrix} 0.3500 \\ 0.8200 \end{bmatrix} \approx \begin{bmatrix} " in document
    assert r"h &= \tanh(z) = \tanh\mathopen{}\left(\begin{bmatrix} " in document
    assert r"\approx" not in latex_page(explained(dense(), Rounding.CARRIED))


def test_what_has_no_room_as_a_matrix_has_its_numbers_line_by_line() -> None:
    document = latex_page(explained(CASES["recurrent"]()))
    assert r"\text{cell state} &= \text{forget gate} \cdot \text{cell state before} + \text{input gate}" in document
    assert r"\text{hidden state}_{2,1} &= \text{output gate}_{2,1} \cdot \tanh(\text{cell state}_{2,1})" in document
    assert "more numbers of sum of products (4 x 12); JSON has them." in document.replace("{-}", "-")


def test_what_was_changed_is_said_and_is_no_result() -> None:
    model = dense()
    told = explain(
        model.graph,
        model.weights,
        point(model),
        Rounding.SHOWN,
        Notation(4),
        {Spot(("dense_1",), "pre-activation", (1,)): 0.5},
    )
    document = latex_page(told)
    assert "changed by hand, so this is not the model{'}s own calculation: z2." in document
    assert r"\text{changed to}\quad 0.5000" in document


def test_keras_stands_beside_with_its_digits() -> None:
    model = dense()
    keras = [np.array([0.12345678], dtype=np.float32)]
    told = explain(model.graph, model.weights, point(model), Rounding.SHOWN, Notation(4))
    document = latex_page(replace(told, keras=keras))
    assert r"\text{Keras:}\quad y &= 0.12345678" in document and "they part" in document


def test_a_name_is_only_typeset() -> None:
    assert tex("a_b") == r"a\_b"
    assert tex(r"\input{x}") == r"\textbackslash{}input\{x\}"
    assert tex("\u00e9\u0160\u00df\u96a0\x1b") == r"\'{e}\v{S}\ss{}{?}{?}"
    assert r"\input" not in latex_page(explained(awkward()))


@pytest.mark.parametrize(
    ("text", "typeset"),
    [
        ("-0.5000", "-0.5000"),
        ("nan", r"\text{nan}"),
        ("-inf", r"-\infty"),
        ("1.2346e+06", r"1.2346 \cdot 10^{6}"),
        ("-1/3", r"-\tfrac{1}{3}"),
        (BLANK, r"\underline{\hspace{3.5em}\rule{0pt}{3ex}}"),
    ],
)
def test_a_written_number_in_math_mode(text: str, typeset: str) -> None:
    assert number_in_math(text) == typeset


def test_numbers_that_were_only_moved_are_written_too() -> None:
    model = of_words()
    made = explain(
        model.graph, model.weights, [np.array([2.0, 0.5]), np.array([12.0, 3.0, 1.0])], Rounding.SHOWN, Notation(4)
    )
    rows = made.done.array(made.done.find("rows/output"))
    page = latex_page(made)
    written = r" \\ ".join(" & ".join(number_in_math(f"{one:.4f}") for one in row) for row in rows)
    assert rf"\text{{output}} &= \begin{{bmatrix}} {written} \end{{bmatrix}}" in page
    assert "Not written here" not in page
