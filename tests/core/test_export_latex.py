"""A calculation as LaTeX: a document that pdflatex compiles, with the matrices as the tutorial typesets them."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from core.export.explanation import BLANK
from core.export.latex import MOST, latex_page
from core.export.latex_text import number_in_math, tex
from core.layers.dense import Dense
from core.model.network import Network, dense_network
from core.operations.rounding import Rounding
from tests.explanations import awkward, changed, explained, mixed, tutorial
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from core.export.explanation import Explanation

CASES: dict[str, Explanation] = {
    "tutorial": tutorial(),
    "carried": tutorial(Rounding.CARRIED, 9),
    "three_layers": explained(dense_network(3, "8 relu, 6 sigmoid, 3 softmax")),
    "mixed": explained(mixed()),
    "changed": changed(),
    "names": explained(awkward()),
    "wide": explained(dense_network(64, "40 gelu, 12 elu, 3 softmax")),
    "nine_layers": explained(dense_network(2, ", ".join(["2 hard_silu"] * 9))),
    "halved": explained(dense_network(2, "6 glu")),
}


def balanced(document: str) -> None:
    """Check what any LaTeX must have: environments, brackets and braces in pairs, within the document."""
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
    assert document.isascii()
    assert document.endswith("\\end{document}\n")


@pytest.mark.parametrize("name", CASES)
def test_every_environment_is_closed_and_every_row_has_its_columns(name: str) -> None:
    document = latex_page(CASES[name])
    balanced(document)
    for matrix in re.findall(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", document):
        rows = matrix.split(r" \\ ")
        assert len({row.count("&") for row in rows}) == 1
        assert len(rows) <= MOST and rows[0].count("&") < MOST


@pytest.mark.parametrize("name", CASES)
def test_pdflatex_compiles_it(name: str, tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not on this machine, so nothing was compiled")
    (tmp_path / "page.tex").write_text(latex_page(CASES[name]))
    argv = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"]
    done = subprocess.run(
        argv, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "page.pdf").stat().st_size > 1000
    assert "Overfull" not in done.stdout


def test_the_tutorials_matrices() -> None:
    document = latex_page(tutorial())
    assert r"h &= \tanh(W^{\top} x + b) \\" in document
    assert (
        r"W^{\top} x &= \begin{bmatrix} -1.0824 & -0.5668 \\ 0.3248 & 1.1575 \\ 0.9501 & 0.9162 \\ 0.0050 & 0.3752 \\ "
        r"-0.4738 & -0.6764 \end{bmatrix} \begin{bmatrix} 0.3000 \\ 0.1000 \end{bmatrix} \approx "
        r"\begin{bmatrix} -0.3814 \\ 0.2132 \\ 0.3766 \\ 0.0390 \\ -0.2098 \end{bmatrix} \\"
    ) in document
    assert r"z &= V^{\top} h + c = 1.3855 + 0.2741 = 1.6596 \\" in document
    assert r"y &= \tanh(z) = \tanh(1.6596) = 0.9302" in document
    assert r"\text{Keras:}\quad y &= 0.9301591 \qquad \text{(differ 4e-08)}" in document
    assert r"= \tanh(1.6594) = 0.9301" in latex_page(tutorial(Rounding.CARRIED))


def test_a_layer_without_bias_or_activation_has_only_its_product() -> None:
    document = latex_page(explained(Network.chain(2, (Dense("only", 1, use_bias=False),))))
    assert r"y &= W^{\top} x \\" in document
    assert "z &=" not in document and "+ b" not in document


def test_wide_layers_are_shortened_with_dots_and_a_count() -> None:
    document = latex_page(CASES["wide"])
    assert r"\usepackage[a4paper,landscape,margin=2cm]{geometry}" in document
    assert r"\cdots" in document and r"\vdots" in document and r"\ddots" in document
    assert "Written here are 8 of 40 units and 8 of 64 inputs; all were calculated with." in document
    assert r"\cdots" not in latex_page(tutorial())
    assert "landscape" not in latex_page(tutorial())


def test_what_was_changed_is_marked_and_said() -> None:
    document = latex_page(changed())
    assert "changed by hand, so this is not the model{'}s own calculation: x1, w22 of hidden" in document
    assert document.count("^*$") == 1
    assert "1.5000^*" in document and "0.7500^*" in document and "0.2500^*" in document and "-2.0000^*" in document


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
