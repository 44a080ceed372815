"""Every printed line adds up as it is printed, or says that it is rounded: read back in decimal arithmetic."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activations import ACTIVATIONS, OVER_ALL_UNITS
from core.calculation.forward import trace
from core.calculation.printed import ABOUT, EQUALS, comes_out, comes_to, sign
from core.calculation.spot import calculated
from core.calculation.unfolding import Unfolder
from core.export.explanation import explain_trace
from core.export.latex import latex_page
from core.export.markdown import markdown_page
from core.export.text import text_page
from core.formatting import Notation, number
from core.layers.dense import Dense
from core.model.network import Network
from core.model.tutorial import trained
from core.operations.rounding import Rounding
from tests.core.practice_people import random_network, random_weights

if TYPE_CHECKING:
    from core.export.explanation import Explanation

NUMBER = r"-?\d+\.\d+"
FACTOR = rf"\(?({NUMBER})\)?"
PART = re.compile(
    rf"(?P<sign>^|[-+] )(?:{FACTOR}\*{FACTOR}|({NUMBER})|\([\d,]+ more(?: products)?: ({NUMBER})\))(?: |$)"
)


def rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def parts_of(text: str) -> list[Decimal]:
    """Return the parts of a printed sum, a product exactly; every character must belong to one."""
    found, at = [], 0
    while at < len(text):
        match = PART.match(text, at) if at else re.compile(PART.pattern.replace("^|[-+] ", "")).match(text)
        assert match is not None, text
        first, second, alone, group = match.groups()[1:]
        value = Decimal(first) * Decimal(second) if first else Decimal(alone or group)
        found.append(-value if match["sign"] == "- " else value)
        at = match.end()
    return found


def require_honest(line: str, digits: int, carried: bool) -> str:
    """Check one line, such as ``z1 = 0.5*0.3 + 0.1 = 0.2 + 0.1 ~= 0.2``; return the signs in it."""
    symbol, *pieces = re.split(r" (~=|=) ", line)
    signs, texts = pieces[0::2], pieces[1::2]
    assert signs[0] == EQUALS and re.fullmatch(r"[a-z]\d*", symbol), line
    expressions = [parts_of(text) for text in texts]
    for before, after, between in zip(expressions, expressions[1:], signs[1:], strict=False):
        if len(after) == len(before) > 1 or (
            len(after) == len(before) and "*" in line and after is not expressions[-1]
        ):
            comes = [rounded(part, digits) for part in before] == after
        else:
            summed = sum((rounded(part, digits) if carried else part for part in before), Decimal(0))
            comes = rounded(summed, digits) == sum(after)
        assert (between == EQUALS) is comes, line
    return " ".join(signs)


def lines_of(page: str) -> list[str]:
    """Return the lines of sums of a page of text."""
    return [part for line in page.splitlines() if line.startswith("  z") for part in line.strip().split("   ")[:1]]


@st.composite
def explanations(draw: st.DrawFn) -> Explanation:
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    network = random_network(random)
    weights = random_weights(random, network, float(draw(st.sampled_from((0.5, 2.0)))))
    x = np.round(random.uniform(-2.0, 2.0, network.inputs), draw(st.integers(1, 3)))
    rounding, digits = draw(st.sampled_from(list(Rounding))), draw(st.integers(1, 6))
    return explain_trace(network, trace(network, weights, x, rounding, digits), rounding, Notation(digits))


@settings(deadline=None, max_examples=80)
@given(explanations())
def test_every_line_of_a_page_adds_up_or_says_that_it_is_rounded(explanation: Explanation) -> None:
    page, carried = text_page(explanation), explanation.rounding is Rounding.CARRIED
    signs = [require_honest(line, explanation.digits, carried) for line in lines_of(page)]
    if carried:
        assert not any(ABOUT in one for one in signs)
    if any(ABOUT in one for one in signs):
        assert "is rounded" in page and "is rounded" in markdown_page(explanation)
    for line in re.findall(r"^z\d+ = .*$", markdown_page(explanation), re.MULTILINE):
        require_honest(line, explanation.digits, carried)


@settings(deadline=None, max_examples=80)
@given(explanations())
def test_every_row_of_a_table_adds_up_or_is_marked(explanation: Explanation) -> None:
    for line in text_page(explanation).splitlines():
        cells = re.findall(rf"\[ +(~?)({NUMBER}) \]", line)
        if len(cells) == 4 and not line.startswith("x"):
            (_, total), (_, bias), (mark, z), _ = cells
            assert (mark == "") is (Decimal(total) + Decimal(bias) == Decimal(z)), line


@settings(deadline=None, max_examples=60)
@given(explanations())
def test_what_unfolds_a_number_adds_up_or_says_so(explanation: Explanation) -> None:
    notation = explanation.notation
    unfolder = Unfolder(explanation.network, explanation.trace, explanation.rounding, notation)
    for spot in list(calculated(explanation.trace))[:40]:
        made = unfolder.unfold(spot)
        for lines in ((made.formula, made.numbers, made.sums), made.brief):
            if lines is None or not (lines[2] or lines[1]):
                continue
            rounds, comes = made.signs(notation, lines)
            if lines[2]:
                total = sum(parts_of(lines[2]), Decimal(0))
                assert (comes == EQUALS) is (rounded(total, notation.digits) == Decimal(notation(made.value))), lines
                pairs = zip(parts_of(lines[1]), parts_of(lines[2]), strict=True)
                assert (rounds == EQUALS) is all(rounded(a, notation.digits) == b for a, b in pairs), lines


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(sorted(set(ACTIVATIONS) - OVER_ALL_UNITS)), st.floats(-4.0, 4.0), st.integers(1, 6))
def test_an_activation_of_a_printed_number_has_the_sign_that_it_deserves(name: str, z: float, digits: int) -> None:
    exact, printed = ACTIVATIONS[name].function(np.array([z, float(number(z, digits))])).tolist()
    assert (sign(f"{name}({number(z, digits)})", number(exact, digits)) == EQUALS) is (
        number(exact, digits) == number(printed, digits)
    )


@pytest.mark.parametrize(
    ("text", "result", "expected"),
    [
        ("0.0974 + 0.1157 + 0.2145", "0.4277", ABOUT),
        ("0.0974 + 0.1158 + 0.2145", "0.4277", EQUALS),
        ("1.1575*0.1000", "0.1157", ABOUT),
        ("1.1575*0.1000", "0.1158", EQUALS),
        ("(-0.5)*(-0.25)", "0.1", EQUALS),
        ("1/3 + 1/6", "1/2", EQUALS),
        ("1/3 + 0.3333", "2/3", ABOUT),
        ("0.10 + (5 more products: 0.25) + 0.10", "0.45", EQUALS),
        ("max(0.1, (32 more, at most 0.5), 0.2)", "0.5", EQUALS),
        ("max(0.1, 0.2)", "0.3", ABOUT),
        ("1.2000e+06 + 0.5000", "1.2000e+06", EQUALS),
        ("-0.25*|-0.5|^2*log(0.5)", "0.0433", EQUALS),
        # Nothing can be said of what is blank, infinite or divided by 0.
        ("____*0.1", "0.3", EQUALS),
        ("inf + 1", "inf", EQUALS),
        ("1 / 0", "inf", EQUALS),
        ("-0.00001*1", "0.0000", EQUALS),
    ],
)
def test_known_lines_have_their_signs(text: str, result: str, expected: str) -> None:
    assert sign(text, result) == expected


def test_long_lines_and_nested_brackets_have_no_telling_rather_than_an_error() -> None:
    assert comes_to("(" * 5_000 + "1" + ")" * 5_000) is None
    assert comes_out(float("nan"), "0.1") is False


def test_the_tutorials_printed_sums_are_honest_and_carried_rounding_has_no_other_sign() -> None:
    network, weights = trained()
    x = np.array([0.3, 0.1])
    for rounding in Rounding:
        explanation = explain_trace(network, trace(network, weights, x, rounding, 4), rounding, Notation(4))
        page, carried = text_page(explanation), rounding is Rounding.CARRIED
        assert len(lines_of(page)) == 6
        assert (ABOUT in page) is not carried
        assert (r"\approx" in latex_page(explanation)) is not carried


def test_a_softmax_whose_printed_z_come_to_something_else_says_so() -> None:
    network = Network.chain(1, (Dense("only", 2, "softmax", False),))
    random = np.random.default_rng(0)
    signs = set()
    for _ in range(20):
        weights = random_weights(random, network)
        explanation = explain_trace(network, trace(network, weights, np.array([1.0])), Rounding.SHOWN, Notation(2))
        for line in text_page(explanation).splitlines():
            if found := re.search(rf"y(\d) = softmax\(z\) (=|~=) ({NUMBER})", line):
                z = [float(number(one, 2)) for one in explanation.trace.steps[0].weighted_sum]  # type: ignore[union-attr]
                made = ACTIVATIONS["softmax"].function(np.array(z))[int(found[1]) - 1]
                assert (found[2] == EQUALS) is (number(float(made), 2) == found[3])
                signs.add(found[2])
    assert signs == {EQUALS, ABOUT}
