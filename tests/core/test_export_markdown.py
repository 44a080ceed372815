"""A calculation as Markdown: tables that are tables, names that are only names, and the tutorial's numbers."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from core.errors import shorten
from core.export.markdown import MAX_INPUTS, MAX_UNITS, markdown_page
from core.model.layers_text import dense_network
from core.operations.rounding import Rounding
from tests.explanations import AWKWARD_NAME, awkward, changed, explained, mixed, tutorial

if TYPE_CHECKING:
    from core.export.explanation import Explanation

QUOTE = "'"
"""What Python's escape writes as a number and Markdown leaves as it is."""


def rendered(text: str) -> str:
    """Return the page as HTML, as GitHub's dialect makes it."""
    return str(MarkdownIt("gfm-like", {"linkify": False}).render(text))


def test_the_tutorials_page() -> None:
    page = markdown_page(tutorial())
    assert page.startswith("# hidden 5 tanh \\> output 1 tanh\n\ndigits 4, rounding shown")
    assert "\n## hidden\n\n`h = tanh(W^T x + b)`\n\n| unit | x1 = 0.3000 | x2 = 0.1000 |" in page
    assert "|    2 |      0.3248 |      1.1575 |  0.2132 |  0.2145 |    0.4277 |  0.4034 |\n" in page
    assert (
        "z2 = 0.3248*0.3000 + 1.1575*0.1000 + 0.2145 ~= 0.0974 + 0.1157 + 0.2145 ~= 0.4277\nh2 = tanh(z2) = 0.4034\n"
        in page
    )
    assert page.endswith("by hand  0.9302 (0.93015913)\nKeras    0.9302 (0.93015909)   differ 4e-08\n```\n")


def test_carried_rounding() -> None:
    page = markdown_page(tutorial(Rounding.CARRIED))
    assert "rounding carried" in page
    assert "y = tanh(z1) = 0.9301\n" in page


@pytest.mark.parametrize(
    "explanation", [tutorial(), explained(mixed()), changed()], ids=["tutorial", "mixed", "changed"]
)
def test_a_table_a_layer_and_one_for_x(explanation: Explanation) -> None:
    html = rendered(markdown_page(explanation))
    layers = len(explanation.trace.steps)
    assert html.count("<table>") == layers + 1
    assert html.count("<h2>") == layers + 1
    rows = [row.count("</td>") + row.count("</th>") for row in html.split("<tr>")[1:]]
    assert min(rows) >= 2
    dense = sum(step.kernel is not None for step in explanation.trace.steps)
    assert html.count('<code class="language-text">') == dense + 1


def test_a_name_is_shown_as_it_is() -> None:
    html = rendered(markdown_page(explained(awkward())))
    assert f"<h2>{escape(shorten(AWKWARD_NAME)).replace('&#x27;', QUOTE)}</h2>" in html
    assert "<h2>control?[31m?</h2>" in html
    assert "<b>" not in html and "<em>" not in html


def test_wide_layers_are_shortened_with_a_count() -> None:
    page = markdown_page(explained(dense_network(64, "100 relu, 3 softmax")))
    head = next(line for line in page.splitlines() if line.startswith("| unit | x1"))
    assert "| (58 more) |" in head
    assert head.count(" = ") == 6 + 1 and MAX_INPUTS == 10
    assert f"and {100 - MAX_UNITS} more units" in page
    assert "(60 more products: " in page


def test_what_was_changed_is_said_and_is_no_result() -> None:
    page = markdown_page(changed())
    assert "changed by hand, so this is not the model's own calculation: x1, w22 of hidden, s1 of hidden" in page
    assert "changed to 1.5000\nz1 = 1.5000 " in page
    assert "changed to 0.5000\n" in page
    assert "k1 = sigmoid(z1) changed to 0.7500\n" in page
